"""Freshness in ClickHouse, where every sink of a group can see it."""

from collections.abc import Mapping

import polars as pl

from sinks.clickhouse.database import Database
from sinks.clickhouse.freshness import Source


def store(database: Database, settled: Mapping[Source, int]) -> None:
    """Record up to which instants (ms) partitions are queryable."""
    if not settled:
        return
    rows = [(application, partition, at_ms) for (application, partition), at_ms in settled.items()]
    frame = pl.DataFrame(
        rows,
        schema={"application": pl.String, "partition": pl.Int32, "data_up_to": pl.Int64},
        orient="row",
    )
    database.insert("freshness", frame.with_columns(pl.col("data_up_to").cast(pl.Datetime("ms"))))
