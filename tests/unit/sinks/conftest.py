"""An embedded database for tests of the sink; one a session, its tables emptied before every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sinks.clickhouse.database import Database
from sinks.clickhouse.migrations import migrate
from sinks.clickhouse.tables import TABLES
from sinks.settings import SinkSettings


@pytest.fixture(scope="session")
def _opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database(path=tmp_path_factory.mktemp("clickhouse"))
    migrate(database, SinkSettings().ddl_dir)
    yield database
    database.close()


@pytest.fixture
def database(_opened: Database) -> Database:
    """Every table, empty."""
    empty(_opened)
    return _opened


@pytest.fixture
def ddl_dir() -> Path:
    return SinkSettings().ddl_dir


def empty(database: Database) -> None:
    """Empty every table that topics fill."""
    for name in [table.name for table in TABLES.values()] + ["sink_refusals", "freshness"]:
        database.command(f"TRUNCATE TABLE {name}")
