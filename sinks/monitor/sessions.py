"""Sessions, kept by the server: a random id in a cookie, everything else here.

They live in an SQLite file beside the monitor: they survive a restart, several monitors of one machine may
share them, nothing has to be installed, and losing the file costs a sign-in and no data. Monitors on
several machines need another `SessionStore`; nothing else knows which. Ids are kept as digests, so that
the file opens no session.
"""

import secrets
import sqlite3
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Protocol

_SEEN_EVERY = timedelta(minutes=1)
_TABLE = """
CREATE TABLE IF NOT EXISTS sessions (
    id_digest TEXT PRIMARY KEY, email TEXT NOT NULL, account_id TEXT NOT NULL, stamp TEXT NOT NULL,
    began_ms INTEGER NOT NULL, seen_ms INTEGER NOT NULL
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in, since when. `account_id` is the account chosen last; `stamp` see `Person.stamp`."""

    email: str
    account_id: str
    stamp: str
    began: datetime
    seen: datetime


class SessionStore(Protocol):
    """Where sessions are kept."""

    def begin(self, session: Session) -> str:
        """Keep a session; its new id, 256 random bits."""

    def find(self, session_id: str, now: datetime) -> Session | None:
        """The session, and mark it as used; None if there is none or it has ended."""

    def end(self, session_id: str) -> None:
        """Forget a session."""

    def end_all(self, email: str) -> None:
        """Forget every session of a person."""

    def close(self) -> None:
        """Let go of what keeps them."""


class SqliteSessions:
    """Sessions in an SQLite file; threads and processes may share it."""

    def __init__(self, file: Path, *, idle: timedelta, absolute: timedelta) -> None:
        self._idle, self._absolute = idle, absolute
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        self._connection = sqlite3.connect(file, timeout=5.0, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute(_TABLE)
        self._lock = threading.Lock()

    def begin(self, session: Session) -> str:
        """Keep a session; its new id. What has ended meanwhile is forgotten."""
        session_id = secrets.token_urlsafe(32)
        row = (session.email, session.account_id, session.stamp, _ms(session.began), _ms(session.seen))
        self._run(
            "DELETE FROM sessions WHERE seen_ms < ? OR began_ms < ?",
            _ms(session.seen - self._idle),
            _ms(session.seen - self._absolute),
        )
        self._run("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)", _digest(session_id), *row)
        return session_id

    def find(self, session_id: str, now: datetime) -> Session | None:
        """The session, marked as used at `now` (to the minute); None if there is none or it has ended."""
        rows = self._run(
            "SELECT email, account_id, stamp, began_ms, seen_ms FROM sessions WHERE id_digest = ?",
            _digest(session_id),
        )
        if not rows:
            return None
        email, account_id, stamp, began_ms, seen_ms = rows[0]
        session = Session(email, account_id, stamp, _instant(began_ms, now), _instant(seen_ms, now))
        if now - session.seen > self._idle or now - session.began > self._absolute:
            self.end(session_id)
            return None
        if now - session.seen >= _SEEN_EVERY:
            self._run("UPDATE sessions SET seen_ms = ? WHERE id_digest = ?", _ms(now), _digest(session_id))
        return replace(session, seen=now)

    def end(self, session_id: str) -> None:
        """Forget a session."""
        self._run("DELETE FROM sessions WHERE id_digest = ?", _digest(session_id))

    def end_all(self, email: str) -> None:
        """Forget every session of a person."""
        self._run("DELETE FROM sessions WHERE email = ?", email)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _run(self, sql: str, *values: str | int) -> list[tuple[str, str, str, int, int]]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()


def _digest(session_id: str) -> str:
    return sha256(session_id.encode()).hexdigest()


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _instant(ms: int, like: datetime) -> datetime:
    return datetime.fromtimestamp(ms / 1000, like.tzinfo)
