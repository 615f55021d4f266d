"""The only way to ask ClickHouse something: named SQL files, bound parameters, always within one account."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import pyarrow as pa

from sinks.clickhouse.database import Database

_ACCOUNT = "account_id = {account_id:String}"
_OF_NO_ACCOUNT = "all_"
_OPEN = "/*where*/"


class UnsafeQuery(ValueError):
    """A query file would read across accounts, or has no name and sentence."""


class Queries:
    """Runs the queries under `sql/`. Values are bound; nothing of a request becomes SQL text."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rows(self, name: str, account_id: str, **parameters: Any) -> list[dict[str, Any]]:
        """Rows of a query within an account; KeyError for an unknown name."""
        return self._database.rows(_account_query(name), parameters | {"account_id": account_id})

    def rows_where(
        self, name: str, account_id: str, condition: str, **parameters: Any
    ) -> list[dict[str, Any]]:
        """Rows of a query that leaves a condition open; `condition` is of `sinks.rules.sql`, values bound."""
        text = _account_query(name).replace(_OPEN, condition)
        return self._database.rows(text, parameters | {"account_id": account_id})

    def batches(self, name: str, account_id: str, **parameters: Any) -> Iterator[pa.RecordBatch]:
        """The same, streamed as Arrow."""
        return self._database.arrow_batches(_account_query(name), parameters | {"account_id": account_id})

    def csv_lines(self, name: str, account_id: str, delimiter: str, **parameters: Any) -> Iterator[bytes]:
        """The same, streamed as CSV without a header."""
        bound = parameters | {"account_id": account_id}
        return self._database.csv_lines(_account_query(name), bound, delimiter)

    def csv_lines_where(
        self, name: str, account_id: str, condition: str, delimiter: str, **parameters: Any
    ) -> Iterator[bytes]:
        """The same, of a query that leaves a condition open (`rows_where`)."""
        text = _account_query(name).replace(_OPEN, condition)
        return self._database.csv_lines(text, parameters | {"account_id": account_id}, delimiter)

    def of_no_account(self, name: str) -> list[dict[str, Any]]:
        """Rows of a query about the sink itself; its name starts with `all_`."""
        if not name.startswith(_OF_NO_ACCOUNT):
            raise UnsafeQuery(f"{name} belongs to an account")
        return self._database.rows(load()[name], {})


@cache
def load() -> dict[str, str]:
    """Every query by name, each `/*piece*/` being a file of `pieces/`. UnsafeQuery if one breaks a rule."""
    folder = files("sinks.clickhouse") / "sql"
    pieces = {name: text.partition("\n")[2].rstrip() for name, text in _texts(folder / "pieces").items()}
    pieces = {name: _whole(text, pieces) for name, text in pieces.items()}
    return {name: check(name, _whole(text, pieces)) for name, text in _texts(folder).items()}


def _whole(text: str, pieces: Mapping[str, str]) -> str:
    """The text with its pieces, and theirs."""
    before = ""
    while text != before:
        before = text
        for name, piece in pieces.items():
            text = text.replace(f"/*{name}*/", piece)
    return text


def _texts(folder: Traversable) -> dict[str, str]:
    """The SQL files directly in a folder, by name."""
    return {
        file.name.removesuffix(".sql"): file.read_text(encoding="utf-8")
        for file in folder.iterdir()
        if file.name.endswith(".sql")
    }


def check(name: str, text: str) -> str:
    """The text, if it starts with name and sentence and every FROM of a table is within an account."""
    head = text.partition("\n")[0]
    if not head.startswith(f"-- {name}: ") or not head.endswith("."):
        raise UnsafeQuery(f"{name}.sql starts with '-- {name}: ' and a sentence")
    if not name.startswith(_OF_NO_ACCOUNT) and text.count(_ACCOUNT) < max(1, text.count("FROM ")):
        raise UnsafeQuery(f"{name}.sql reads a table without {_ACCOUNT}")
    return text


def _account_query(name: str) -> str:
    if name.startswith(_OF_NO_ACCOUNT):
        raise UnsafeQuery(f"{name} belongs to no account")
    return load()[name]
