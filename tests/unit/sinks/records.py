"""Records of the output topics, as the workers would publish them."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.codec import default_codec
from schemas.metrics import Metrics
from sinks.clickhouse.batch import Arrival, Batch
from sinks.clickhouse.database import Database
from sinks.clickhouse.tables import TABLES, Table
from sinks.clickhouse.writer import Writer, prepare


def batch_of(arrivals: Sequence[Arrival]) -> Batch:
    """A batch of these records."""
    batch = Batch()
    for arrival in arrivals:
        batch.add(arrival)
    return batch


def values(table: Table, records: Sequence[Mapping[str, Any]], first_offset: int = 0) -> list[Arrival]:
    """Records of a table's topic in partition 0."""
    encoded = [default_codec().encode_one(table.schema, record) for record in records]
    return [
        Arrival(table.topic, 0, first_offset + i, 1_000, b"key", value, None)
        for i, value in enumerate(encoded)
    ]


def deletion(table: Table, key: bytes, sequence: int, offset: int = 0) -> Arrival:
    """A tombstone."""
    return Arrival(table.topic, 0, offset, 1_000, key, None, sequence)


def write(database: Database, arrivals: Sequence[Arrival]) -> None:
    """Insert a batch as the sink does; an error is raised, not retried."""
    writer = Writer(database, Metrics(), lambda _error: False)
    writer.write(prepare(default_codec(), batch_of(arrivals)))


def contents(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Everything that topics filled, as a reader sees it."""
    return {
        table.name: database.rows(f"SELECT * FROM {table.name} FINAL ORDER BY ALL", {})  # noqa: S608 - our own names
        for table in TABLES.values()
    }
