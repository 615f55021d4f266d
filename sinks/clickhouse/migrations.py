"""Numbered, forward-only DDL: each file runs once, in order, and is recorded with its digest."""

import hashlib
import re
from pathlib import Path

import polars as pl

from sinks.clickhouse.database import Database

_FILE = re.compile(r"(\d{3})_\w+\.sql")
_RECORD = """
CREATE TABLE IF NOT EXISTS schema_migrations
(number UInt16, name String, digest String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3))
ENGINE = ReplacingMergeTree ORDER BY number
"""


class MigrationError(Exception):
    """A DDL file was edited after it had been applied, or is missing from the sequence."""


def migrate(database: Database, directory: Path) -> list[str]:
    """Apply the files of `directory` that the database lacks; returns their names.

    A statement that fails leaves its file unrecorded: CREATE statements run as IF NOT EXISTS, so that the
    next start completes it.
    """
    database.command(_RECORD)
    rows = database.rows("SELECT number, digest FROM schema_migrations FINAL", {})
    applied = {row["number"]: row["digest"] for row in rows}
    done = []
    for number, path in _numbered(directory):
        text = path.read_text(encoding="utf-8")
        digest = hashlib.sha256(text.encode()).hexdigest()
        if applied.get(number, digest) != digest:
            raise MigrationError(f"{path.name} was edited after it had been applied; add a new file instead")
        if number in applied:
            continue
        for statement in statements(text):
            database.command(statement)
        record = {"number": [number], "name": [path.name], "digest": [digest]}
        database.insert("schema_migrations", pl.DataFrame(record, schema_overrides={"number": pl.UInt16}))
        done.append(path.name)
    return done


def statements(text: str) -> list[str]:
    """The statements of a DDL file; each ends with a semicolon at the end of a line."""
    parts = (part.strip() for part in text.split(";\n"))
    return [part.replace("CREATE TABLE ", "CREATE TABLE IF NOT EXISTS ", 1) for part in parts if part]


def _numbered(directory: Path) -> list[tuple[int, Path]]:
    found = sorted(path for path in directory.glob("*.sql") if _FILE.fullmatch(path.name))
    numbers = [int(path.name[:3]) for path in found]
    if not found or numbers != list(range(1, len(found) + 1)):
        raise MigrationError(f"{directory} does not hold the files 001, 002, ... without a hole: {numbers}")
    return list(zip(numbers, found, strict=True))
