"""Rows of one partition on disk, by generation, topic and key: they may not fit in memory."""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

_BLOCK = 5000
_SCHEMA = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;
CREATE TABLE old (topic TEXT, key BLOB, value BLOB, PRIMARY KEY (topic, key)) WITHOUT ROWID;
CREATE TABLE new (topic TEXT, key BLOB, value BLOB, PRIMARY KEY (topic, key)) WITHOUT ROWID;
"""
_ONLY_OLD = """
SELECT key FROM old o WHERE topic = ? AND NOT EXISTS
(SELECT 1 FROM new n WHERE n.topic = o.topic AND n.key = o.key) ORDER BY key
"""
_BOTH = """
SELECT n.key, n.value, o.value FROM new n LEFT JOIN old o ON o.topic = n.topic AND o.key = n.key
WHERE n.topic = ? ORDER BY n.key
"""

T = TypeVar("T")

Pair = tuple[bytes, bytes, bytes | None]
"""Key, new value, old value."""


class Store:
    """`old` is what changelogs hold, `new` what was rebuilt."""

    def __init__(self, folder: Path, partition: int) -> None:
        self._rows = sqlite3.connect(folder / f"{partition}.sqlite", isolation_level=None)
        self._rows.executescript(_SCHEMA)

    def keep_old(self, topic: str, keys: Iterable[bytes | None], values: Iterable[bytes | None]) -> None:
        """Take records of a changelog, in log order."""
        last = dict(zip(keys, values, strict=True))
        self._put("old", topic, ((key, value) for key, value in last.items() if key is not None))

    def keep_new(self, topic: str, keys: Iterable[bytes], values: Iterable[bytes | None]) -> None:
        """Take rebuilt records; a None value is a deletion."""
        self._put("new", topic, zip(keys, values, strict=True))

    def only_old(self, topic: str) -> Iterator[list[bytes]]:
        """Keys that nothing was rebuilt for, in blocks."""
        return _blocks(key for (key,) in self._rows.execute(_ONLY_OLD, (topic,)))

    def pairs(self, topic: str) -> Iterator[list[Pair]]:
        """Rebuilt rows with what was there, in blocks."""
        return _blocks(self._rows.execute(_BOTH, (topic,)))

    def old_values(self, topic: str) -> Iterator[list[bytes]]:
        """What the changelog holds, in blocks."""
        found = self._rows.execute("SELECT value FROM old WHERE topic = ? ORDER BY key", (topic,))
        return _blocks(value for (value,) in found)

    def close(self) -> None:
        """Let go of the file."""
        self._rows.close()

    def _put(self, table: str, topic: str, rows: Iterable[tuple[bytes, bytes | None]]) -> None:
        standing: list[tuple[str, bytes, bytes]] = []
        gone: list[tuple[str, bytes]] = []
        for key, value in rows:
            if value is None:
                gone.append((topic, key))
            else:
                standing.append((topic, key, value))
        self._rows.execute("BEGIN")
        self._rows.executemany(f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?)", standing)  # noqa: S608 - ours
        self._rows.executemany(f"DELETE FROM {table} WHERE topic = ? AND key = ?", gone)  # noqa: S608 - ours
        self._rows.execute("COMMIT")


def _blocks(rows: Iterable[T]) -> Iterator[list[T]]:
    source = iter(rows)
    while block := list(islice(source, _BLOCK)):
        yield block
