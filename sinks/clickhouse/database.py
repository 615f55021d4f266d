"""One door to ClickHouse, embedded or a server; nobody else knows which."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from io import IOBase
from pathlib import Path
from typing import Any, cast

import clickhouse_connect
import polars as pl
import pyarrow as pa
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import OperationalError
from pydantic import SecretStr

from sinks.settings import SinkSettings

AWAY: tuple[type[Exception], ...] = (OperationalError, ConnectionError)
"""What it looks like when ClickHouse cannot be reached."""
_INSERT_SETTINGS = {"async_insert": 0, "input_format_null_as_default": 1, "insert_deduplicate": 0}
_PIECE_BYTES = 2**18
_CSV_SETTINGS = {
    delimiter: f"SETTINGS format_csv_delimiter = '{delimiter}', output_format_csv_crlf_end_of_line = 1"
    for delimiter in ",;"
}


class Database:
    """A ClickHouse database, used by several threads, each with its own client.

    Embedded, one process owns the directory: opening it a second time fails until the first has closed.
    """

    def __init__(self, *, path: Path | None = None, dsn: SecretStr | None = None) -> None:
        if (path is None) == (dsn is None):
            raise ValueError("a database is either a directory or a server")
        self._path = path
        self._dsn = dsn
        self._idle: list[Client] = []
        self._all: list[Client] = []
        self._lock = threading.Lock()

    @property
    def embedded(self) -> bool:
        """Whether this process is the database."""
        return self._path is not None

    def command(self, sql: str) -> None:
        """Run one statement that returns nothing."""
        with self._client() as client:
            client.command(sql)

    def insert(self, table: str, frame: pl.DataFrame) -> None:
        """Insert a frame as one block; its columns are columns of the table, null becomes the default."""
        if not frame.height:
            return
        arrow = frame.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
        with self._client() as client:
            client.insert_arrow(table, arrow, settings={**_INSERT_SETTINGS, "max_insert_block_size": 2**24})

    def rows(self, sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Rows of a query, as dictionaries."""
        with self._client() as client:
            return list(client.query(sql, parameters=dict(parameters), tz_mode="schema").named_results())

    def arrow_batches(self, sql: str, parameters: Mapping[str, Any]) -> Iterator[pa.RecordBatch]:
        """Result of a query as Arrow batches, streamed: of any size in little memory."""
        with (
            self._client() as client,
            client.query_arrow_stream(sql, parameters=dict(parameters)) as stream,
        ):
            yield from stream

    def csv_lines(self, sql: str, parameters: Mapping[str, Any], delimiter: str) -> Iterator[bytes]:
        """Result as CSV without a header, in pieces that may end within a line; comma or semicolon."""
        with self._client() as client:
            # Settings given with the call would make the embedded engine collect the result first.
            text = sql + _CSV_SETTINGS[delimiter]
            stream = cast("IOBase", client.raw_stream(text, parameters=dict(parameters), fmt="CSV"))
            with closing(stream):
                while piece := stream.read(_PIECE_BYTES):
                    yield piece

    def columns(self, table: str) -> dict[str, str]:
        """Column names of a table with their ClickHouse types; empty if there is no such table."""
        found = self.rows(
            "SELECT name, type FROM system.columns "
            "WHERE database = currentDatabase() AND table = {table:String} ORDER BY position",
            {"table": table},
        )
        return {row["name"]: row["type"] for row in found}

    def close(self) -> None:
        """Close every client; an embedded directory is free for another process afterwards."""
        with self._lock:
            clients, self._all, self._idle = self._all, [], []
        for client in clients:
            client.close()

    def _open(self) -> Client:
        if self._path is not None:
            self._path.mkdir(parents=True, exist_ok=True)
            return clickhouse_connect.get_client(interface="chdb", path=str(self._path))
        dsn = self._dsn.get_secret_value() if self._dsn else None
        return clickhouse_connect.get_client(dsn=dsn, autogenerate_session_id=False)

    @contextmanager
    def _client(self) -> Iterator[Client]:
        with self._lock:
            client = self._idle.pop() if self._idle else None
        if client is None:
            client = self._open()
            with self._lock:
                self._all.append(client)
        try:
            yield client
        finally:
            with self._lock:
                if client in self._all:
                    self._idle.append(client)


def open_database(settings: SinkSettings) -> Database:
    """The database that the settings name."""
    if settings.clickhouse_dsn is not None:
        return Database(dsn=settings.clickhouse_dsn)
    return Database(path=settings.clickhouse_path)
