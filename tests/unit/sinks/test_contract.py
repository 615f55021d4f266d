"""Every field of a topic has its column, and every column comes from somewhere."""

import re
from pathlib import Path

import polars as pl
import pytest

from schemas.catalog import Catalog
from sinks.clickhouse.coltypes import column_types
from sinks.clickhouse.database import Database
from sinks.clickhouse.migrations import MigrationError, migrate
from sinks.clickhouse.tables import TABLES, Table

OURS = {"is_deleted", "record_offset", "accepted"}


def _fields(table: Table) -> set[str]:
    names: set[str] = set()
    for name, kind in column_types(table.schema).items():
        if name in table.left_out:
            continue
        parts = [f"{name}_{part.name}" for part in kind.fields] if isinstance(kind, pl.Struct) else [name]
        names.update(parts)
    return names


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_field_has_its_column(database: Database, table: Table) -> None:
    assert set(database.columns(table.name)) - OURS == _fields(table)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_field_of_a_nested_record_has_its_place(database: Database, table: Table) -> None:
    columns = database.columns(table.name)
    for name, kind in column_types(table.schema).items():
        if isinstance(kind, pl.List) and isinstance(kind.inner, pl.Struct):
            inner = columns[name].removeprefix("Array(Tuple(").removesuffix("))")
            named = {part.strip().partition(" ")[0] for part in re.split(r",(?![^(]*\))", inner)}
            assert named == {field.name for field in kind.inner.fields}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_consumed_topic_is_declared_with_its_schema(table: Table) -> None:
    topic = Catalog().topics[table.topic]
    assert topic["schema"] == table.schema
    assert (topic["cleanup"] == "compact") == (bool(table.key) or table.name == "watermarks")


def test_personal_fields_have_columns_of_their_own(database: Database) -> None:
    personal = {name for name in database.columns("contact_profiles") if name.startswith("personal_")}
    assert personal == {"personal_name", "personal_email", "personal_phone", "personal_document"}


def test_migrations_run_once(database: Database, ddl_dir: Path) -> None:
    assert migrate(database, ddl_dir) == []


def test_an_edited_migration_is_refused(database: Database, ddl_dir: Path, tmp_path: Path) -> None:
    for file in ddl_dir.glob("*.sql"):
        (tmp_path / file.name).write_text(file.read_text() + "-- edited\n")
    with pytest.raises(MigrationError, match="edited after it had been applied"):
        migrate(database, tmp_path)
