"""Ten accounts of which one has nearly all contacts, and a sink that changes some of them every second."""

import threading
import time
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from sinks.clickhouse.database import Database
from sinks.clickhouse.migrations import statements

BIG = "account0"
ORDERS_PER_CONTACT = 10
CHANGED_A_SECOND = 1_000
_ACCOUNTS = 10
_FILL = Path(__file__).with_name("big_shop.sql")
_TABLES = ("contact_profiles", "contact_orders", "contact_days", "segment_changes")
_OF_SOME = """
SELECT * EXCEPT (is_deleted)
FROM {table}
WHERE account_id = '{BIG}' AND contact_id IN (
    SELECT concat('contact-', toString(number * {step})) FROM numbers({count}))
LIMIT 1 BY contact_id
"""


def fill(database: Database, contacts: int) -> None:
    """The same rows at every call; `contacts` in the big account, a hundredth in each other."""
    for number in range(_ACCOUNTS):
        size = contacts if number == 0 else contacts // 100
        for statement in statements(_FILL.read_text(encoding="utf-8")):
            database.rows(statement, {"account": f"account{number}", "contacts": size})


class Inserts:
    """What the sink inserts while others read: a row of each table for `CHANGED_A_SECOND` contacts."""

    def __init__(self, database: Database, contacts: int) -> None:
        self._database = database
        self._rows = {table: _some(database, table, contacts) for table in _TABLES}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.took_ms: list[float] = []

    def __enter__(self) -> "Inserts":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def summary(self) -> Mapping[str, float]:
        """How many there were, and their median and worst in milliseconds."""
        took = sorted(self.took_ms)
        return {"inserts": len(took), "p50_ms": took[len(took) // 2], "worst_ms": took[-1]}

    def _run(self) -> None:
        while not self._stop.wait(1.0):
            start = time.perf_counter()
            version = time.time_ns() // 1000
            for table, rows in self._rows.items():
                order = "sequence" if "sequence" in rows.columns else "record_offset"
                newer = pl.lit(version, pl.UInt64).alias(order)
                self._database.insert(table, rows.sample(CHANGED_A_SECOND).with_columns(newer))
            self.took_ms.append((time.perf_counter() - start) * 1000)


def _some(database: Database, table: str, contacts: int) -> pl.DataFrame:
    """A row of each of many contacts, spread over all."""
    count = min(contacts, 20 * CHANGED_A_SECOND)
    text = _OF_SOME.format(table=table, BIG=BIG, step=contacts // count, count=count)
    if table == "segment_changes":
        text = text.replace("* EXCEPT (is_deleted)", "*")
    frame = pl.concat(pl.DataFrame(pl.from_arrow(batch)) for batch in database.arrow_batches(text, {}))
    return frame.cast({pl.Categorical: pl.String})
