"""What `latido verify` found, kept where the monitor shows it."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from sinks.clickhouse.database import Database
from sinks.clickhouse.queries import Queries


@dataclass(frozen=True, slots=True)
class Verification:
    """One run, of all accounts: `drift` 0 is the only good answer; `clickhouse_rows` None: not compared."""

    at: datetime
    drift: int
    events: int
    contacts: int
    clickhouse_rows: int | None


def keep(database: Database, found: Verification) -> None:
    """Record a run."""
    row = {
        "at": [found.at],
        "drift": [found.drift],
        "events": [found.events],
        "contacts": [found.contacts],
        "clickhouse_rows": [found.clickhouse_rows],
    }
    types = {"drift": pl.UInt64, "events": pl.UInt64, "contacts": pl.UInt64, "clickhouse_rows": pl.UInt64}
    frame = pl.DataFrame(row, schema_overrides=types)
    database.insert("verifications", frame.with_columns(pl.col("at").cast(pl.Datetime("ms", "UTC"))))


def last(queries: Queries) -> Verification | None:
    """The latest run; None if there has been none."""
    found = queries.of_no_account("all_verifications")
    return Verification(**found[0]) if found else None
