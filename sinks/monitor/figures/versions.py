"""How often the rows of an account have been written: what says that its figures may have moved.

Materialized views count the rows that arrive (`deploy/clickhouse/005_account_ticks.sql`). A view may show a
block a moment before its table does, so a snapshot is only trusted for good if it was taken well after.
"""

import threading
import time
from collections import Counter
from dataclasses import dataclass

from sinks.clickhouse.queries import Queries

_REMEMBERED_SECONDS = 0.1
_MOST_ACCOUNTS = 10_000


@dataclass(frozen=True, slots=True)
class Version:
    """Rows ever written for an account, and when that was first seen (monotonic seconds)."""

    rows: int
    seen_at: float


class Versions:
    """Versions by account; asks ClickHouse ten times a second for each account at most. Thread-safe."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self._lock = threading.Lock()
        self._known: dict[str, tuple[Version, float]] = {}
        self._renewals: Counter[str] = Counter()

    def of(self, account_id: str) -> Version:
        """The account's version now."""
        asked_at = time.monotonic()
        with self._lock:
            known = self._known.get(account_id)
        if known and asked_at - known[1] < _REMEMBERED_SECONDS:
            return known[0]
        try:
            (found,) = self._queries.rows("account_version", account_id)
        except Exception:
            if known is None:
                raise
            return known[0]  # the database is away: nobody has seen anything move
        rows = int(found["written"])
        with self._lock:
            if len(self._known) > _MOST_ACCOUNTS:
                self._known.clear()
                self._renewals.clear()
            before = self._known.get(account_id)
            same = before is not None and before[0].rows == rows
            version = before[0] if before and same else Version(rows, time.monotonic())
            self._known[account_id] = (version, asked_at)
        return version

    def renewed(self, account_id: str) -> None:
        """An answer was computed beside its readers, who have an older one."""
        with self._lock:
            self._renewals[account_id] += 1

    def moves(self, account_id: str) -> int:
        """A number that differs whenever asking again may bring another answer."""
        rows = self.of(account_id).rows
        with self._lock:
            return rows + self._renewals[account_id]
