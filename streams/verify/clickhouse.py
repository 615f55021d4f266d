"""ClickHouse against the compacted topics, row by row. Rows wait on disk, for they may not fit in memory."""

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from schemas.codec import Codec
from schemas.records import Topic
from streams.verify.drift import Drift, Finding, Kind, VerifyFailed
from streams.verify.log import Log
from streams.verify.pin import Pinned
from streams.verify.rows import COMPACTED, PROFILE, Row, Update, decode, updates
from streams.verify.sink_client import SinkClient
from streams.verify.tables import key_of, stored_row, told_row

TABLES = {
    Topic.CONTACT_PROFILES: ("contact_profiles", Kind.CLICKHOUSE_PROFILE),
    Topic.CONTACT_ORDERS: ("contact_orders", Kind.CLICKHOUSE_ORDER),
    Topic.CONTACT_DAYS: ("contact_days", Kind.CLICKHOUSE_DAY),
    Topic.CONTACT_INTERACTIONS: ("contact_interactions", Kind.CLICKHOUSE_INTERACTION),
    Topic.SEGMENT_CHANGES: ("segment_changes", Kind.CLICKHOUSE_CHANGE),
    Topic.MILESTONES: ("milestones", Kind.CLICKHOUSE_MILESTONE),
}
_EVENTS = (Topic.SEGMENT_CHANGES, Topic.MILESTONES)

_REMOVED = PROFILE.index("removed")
_PAUSE_SECONDS = 0.2
_EVERYTHING = 1 << 63

_SCHEMA = """
CREATE TABLE wanted (topic TEXT, key TEXT, account TEXT, row TEXT, PRIMARY KEY (topic, key)) WITHOUT ROWID;
CREATE TABLE found (topic TEXT, key TEXT, row TEXT, PRIMARY KEY (topic, key)) WITHOUT ROWID;
CREATE TABLE moving (topic TEXT, key TEXT, PRIMARY KEY (topic, key)) WITHOUT ROWID;
"""
_DIFFERENCES = """
SELECT w.topic, w.key, w.row, f.row FROM wanted w LEFT JOIN found f USING (topic, key)
WHERE w.row IS NOT f.row AND NOT EXISTS (SELECT 1 FROM moving m WHERE m.topic = w.topic AND m.key = w.key)
UNION ALL
SELECT f.topic, f.key, NULL, f.row FROM found f
WHERE NOT EXISTS (SELECT 1 FROM wanted w WHERE w.topic = f.topic AND w.key = f.key)
AND NOT EXISTS (SELECT 1 FROM moving m WHERE m.topic = f.topic AND m.key = f.key)
"""


class ClickHouseCheck:
    """Gathers what the topics say, partition by partition, then compares."""

    def __init__(self, log: Log, codec: Codec, folder: str) -> None:
        self._log = log
        self._codec = codec
        self._ends: dict[tuple[Topic, int], int] = {}
        self._records: dict[tuple[Topic, int], int] = {}
        self._rows = sqlite3.connect(Path(folder) / "rows.sqlite", isolation_level=None)
        self._rows.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)

    def keep(self, pinned: Pinned) -> None:
        """Take over a partition's rows, what came after its pin included."""
        pinned.rows.pin(_EVERYTHING)
        for topic in TABLES:
            self._ends[topic, pinned.partition] = pinned.ends[topic]
            self._records[topic, pinned.partition] = pinned.last[topic]
        for topic in COMPACTED:
            self._want(topic, pinned.rows.current[topic].values())
        self._want(Topic.SEGMENT_CHANGES, pinned.changes)
        self._want(Topic.MILESTONES, pinned.milestones)

    def compare(self, sink: SinkClient, accounts: Iterable[str], wait_seconds: float, drift: Drift) -> None:
        """Wait until the sink has everything read so far, dump it, and find the differences."""
        for update in self._tails():
            self._apply(update)
        self._wait(sink, wait_seconds)
        known = {row[0] for row in self._rows.execute("SELECT DISTINCT account FROM wanted")}
        for account_id in sorted(known | set(accounts)):
            for topic, (table, _) in TABLES.items():
                self._find(topic, sink.dump(table, account_id))
        for update in self._tails():
            self._rows.execute(
                "INSERT OR IGNORE INTO moving VALUES (?, ?)", (update.topic, _text(update.key))
            )
        drift.moving = self._count("moving")
        drift.clickhouse_rows = self._count("found")
        drift.add(
            Finding(TABLES[Topic(topic)][1], None, key, wanted, found)
            for topic, key, wanted, found in self._rows.execute(_DIFFERENCES)
        )

    def close(self) -> None:
        """Let go of the file."""
        self._rows.close()

    def _tails(self) -> Iterator[Update]:
        for (topic, partition), start in list(self._ends.items()):
            _, end = self._log.bounds(topic, partition)
            self._ends[topic, partition] = max(start, end)
            for slice_ in self._log.read(topic, partition, start, end):
                self._records[topic, partition] = slice_[-1].offset + 1
                if topic in _EVENTS:
                    payloads = [record.value for record in slice_ if record.value is not None]
                    for row in decode(self._codec, topic, payloads):
                        yield Update(topic, key_of(topic, told_row(topic, row)).encode(), 0, row)
                else:
                    yield from updates(self._codec, topic, slice_)

    def _wait(self, sink: SinkClient, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while True:
            positions = sink.positions()
            behind = {at: end for at, end in self._records.items() if positions.get(at, 0) < end}
            if not behind:
                return
            if time.monotonic() > deadline:
                (topic, partition), end = next(iter(behind.items()))
                stands = positions.get((topic, partition), 0)
                raise VerifyFailed(f"the sink stands at {stands} of {topic}[{partition}], not at {end}")
            time.sleep(_PAUSE_SECONDS)

    def _apply(self, update: Update) -> None:
        if update.row is None or _is_removed(update.topic, update.row):
            self._rows.execute(
                "DELETE FROM wanted WHERE topic = ? AND key = ?", (update.topic, _text(update.key))
            )
        else:
            self._want(update.topic, [update.row])

    def _want(self, topic: Topic, rows: Iterable[Row]) -> None:
        told = (told_row(topic, row) for row in rows if not _is_removed(topic, row))
        values = ((topic, key_of(topic, row), row["account_id"], _json(row)) for row in told)
        self._rows.execute("BEGIN")
        self._rows.executemany("INSERT OR REPLACE INTO wanted VALUES (?, ?, ?, ?)", values)
        self._rows.execute("COMMIT")

    def _find(self, topic: Topic, rows: Iterable[Mapping[str, Any]]) -> None:
        stored = (stored_row(topic, row) for row in rows)
        values = ((topic, key_of(topic, row), _json(row)) for row in stored)
        self._rows.execute("BEGIN")
        self._rows.executemany("INSERT OR REPLACE INTO found VALUES (?, ?, ?)", values)
        self._rows.execute("COMMIT")

    def _count(self, table: str) -> int:
        return int(self._rows.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - ours


def _is_removed(topic: Topic, row: Row) -> bool:
    return topic is Topic.CONTACT_PROFILES and bool(row[_REMOVED])


def _json(row: Mapping[str, Any]) -> str:
    return json.dumps(row, sort_keys=True)


def _text(key: bytes) -> str:
    return key.decode(errors="replace")
