"""The embedded database for tests of the sink, its tables emptied before every test."""

from pathlib import Path

import pytest

from sinks.clickhouse.database import Database
from sinks.settings import SinkSettings
from tests.fixtures.clickhouse import emptied


@pytest.fixture
def database(opened: Database) -> Database:
    """Every table, empty."""
    return emptied(opened)


@pytest.fixture
def ddl_dir() -> Path:
    return SinkSettings().ddl_dir


def empty(database: Database) -> None:
    """Empty every table."""
    emptied(database)
