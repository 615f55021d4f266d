"""A batch of records becomes one insert a table."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import polars as pl
import stamina

from schemas.codec import Codec
from schemas.metrics import Metrics
from sinks.clickhouse import tables
from sinks.clickhouse.batch import Arrival, Batch
from sinks.clickhouse.coltypes import storable
from sinks.clickhouse.crash import CrashPoint, reach
from sinks.clickhouse.database import Database
from sinks.clickhouse.edits import judged
from sinks.clickhouse.tables import TABLES, Table, Tombstone

REFUSALS = "sink_refusals"
_AFTERWARDS = frozenset({"sentiment"})
"""Applications that add to data which is there already: that they lag does not make the data old."""


class Refusal(NamedTuple):
    """A record of our own topics that cannot become a row, and why."""

    arrival: Arrival
    reason: str


@dataclass(slots=True)
class Prepared:
    """Frames to insert, in order, and what could not become a row."""

    frames: list[tuple[Table, pl.DataFrame]] = field(default_factory=list)
    edits: pl.DataFrame | None = None
    refusals: list[Refusal] = field(default_factory=list)
    caught_up: dict[tuple[str, int], int] = field(default_factory=dict)
    """Application and partition of the watermarks in it, with the last `caught_up_at` in ms."""
    changed_at_ms: int | None = None
    """When the events behind its profiles arrived: the median."""


def prepare(codec: Codec, batch: Batch) -> Prepared:
    """Decode a batch; touches no database."""
    prepared = Prepared()
    for topic, table in TABLES.items():
        arrivals = batch.arrivals.get(topic, ())
        values = [arrival for arrival in arrivals if arrival.value is not None]
        if values:
            _decode(codec, table, values, prepared)
        gone = [arrival for arrival in arrivals if arrival.value is None]
        if gone:
            _delete(table, gone, prepared)
    return prepared


class Writer:
    """Inserts prepared batches. Used by one thread at a time."""

    def __init__(self, database: Database, metrics: Metrics, retry: Callable[[Exception], bool]) -> None:
        self._database = database
        self._metrics = metrics
        self._retry = retry

    def write(self, prepared: Prepared) -> None:
        """Insert everything, each table until it succeeds or `retry` says no; repeating changes nothing."""
        reach(CrashPoint.BEFORE_INSERT)
        if prepared.edits is not None:
            self._insert(tables.DEFINITIONS.name, prepared.edits, judge=True)
        for table, frame in prepared.frames:
            self._insert(table.name, frame)
        if prepared.refusals:
            self._insert(REFUSALS, _refusal_rows(prepared.refusals))

    def _insert(self, name: str, frame: pl.DataFrame, *, judge: bool = False) -> None:
        for attempt in stamina.retry_context(
            on=partial(self._failed, name), attempts=None, timeout=None, wait_initial=0.1, wait_max=5.0
        ):
            with attempt, self._metrics.sink_insert_seconds.labels(name).time():
                rows = judged(self._database, frame) if judge else frame
                self._database.insert(name, rows)
        self._metrics.sink_rows.labels(name).inc(frame.height)
        self._metrics.sink_batch_rows.labels(name).observe(frame.height)
        reach(CrashPoint.AFTER_INSERT)

    def _failed(self, name: str, error: Exception) -> bool:
        self._metrics.sink_errors.labels(name).inc()
        return self._retry(error)


def _decode(codec: Codec, table: Table, arrivals: list[Arrival], prepared: Prepared) -> None:
    decoded = codec.decode_block(table.schema, [arrival.value or b"" for arrival in arrivals], ())
    prepared.refusals += [Refusal(arrivals[index], detail) for index, _, detail in decoded.bad]
    frame, offsets = _storable(table, decoded.frame, [arrivals[i] for i in decoded.rows], prepared)
    if not frame.height:
        return
    if table is tables.DEFINITIONS:
        prepared.edits = tables.rows(table, frame, offsets)
        return
    if table is tables.PROFILES:
        median = frame["changed_at"].median()
        prepared.changed_at_ms = int(median) if isinstance(median, float) else None
    if table is tables.WATERMARKS:
        marks = frame.select("application", "partition", "caught_up_at")
        told = (row for row in marks.iter_rows() if row[2] is not None and row[0] not in _AFTERWARDS)
        prepared.caught_up = {row[:2]: row[2] for row in told}
    prepared.frames.append((table, tables.rows(table, frame, offsets)))


def _storable(
    table: Table, frame: pl.DataFrame, arrivals: list[Arrival], prepared: Prepared
) -> tuple[pl.DataFrame, list[int]]:
    keep = frame.select(storable(table.schema)).to_series().to_list() if frame.height else []
    refused = [arrival for arrival, kept in zip(arrivals, keep, strict=True) if not kept]
    prepared.refusals += [Refusal(arrival, "a date outside 1900 to 2299") for arrival in refused]
    offsets = [arrival.offset for arrival, kept in zip(arrivals, keep, strict=True) if kept]
    return (frame.filter(pl.Series(keep, dtype=pl.Boolean)) if refused else frame), offsets


def _delete(table: Table, arrivals: list[Arrival], prepared: Prepared) -> None:
    tombstones = []
    for arrival in arrivals:
        why = _why_not_deletable(table, arrival)
        if why is None and arrival.key is not None and arrival.sequence is not None:
            tombstones.append(Tombstone(arrival.key, arrival.sequence))
        else:
            prepared.refusals.append(Refusal(arrival, why or "incomplete"))
    if tombstones:
        prepared.frames.append((table, tables.deletions(table, tombstones)))


def _why_not_deletable(table: Table, arrival: Arrival) -> str | None:
    if not table.key:
        return "an empty value on a topic that has no deletions"
    if arrival.key is None or arrival.sequence is None:
        return "a deletion without a key or without its sequence in the header"
    try:
        tables.check_key(table, arrival.key)
    except ValueError as error:
        return str(error)
    return None


def _refusal_rows(refusals: list[Refusal]) -> pl.DataFrame:
    names = ("topic", "partition", "offset", "timestamp_ms", "key", "value")
    rows = [(*(getattr(refusal.arrival, name) for name in names), refusal.reason) for refusal in refusals]
    schema = {
        "topic": pl.String,
        "partition": pl.Int32,
        "record_offset": pl.UInt64,
        "timestamp": pl.Int64,
        "key": pl.Binary,
        "value": pl.Binary,
        "reason": pl.String,
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(pl.col("timestamp").cast(pl.Datetime("ms")))
