"""Whatever is inserted again, or late, changes nothing."""

from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

from schemas.codec import default_codec
from schemas.keys import contact_key, member_key
from schemas.metrics import Metrics
from sinks.clickhouse.batch import Arrival
from sinks.clickhouse.coltypes import column_types
from sinks.clickhouse.database import Database
from sinks.clickhouse.tables import DAYS, DEFINITIONS, ORDERS, PROFILES, TABLES
from sinks.clickhouse.writer import Writer, prepare
from tests.unit.sinks.records import batch_of, contents, deletion, values, write

RECORDS = 30


def _value(kind: Any, number: int) -> Any:
    if isinstance(kind, pl.List):
        return [_value(kind.inner, number)]
    if isinstance(kind, pl.Struct):
        return {field.name: _value(field.dtype, number) for field in kind.fields}
    plain = {pl.String: f"s{number}", pl.Binary: bytes([0, 255, number]), pl.Float64: number / 2}
    return {**plain, pl.Boolean: False}.get(kind.base_type(), number)


def _of_every_topic() -> Iterator[Arrival]:
    for table in TABLES.values():
        kinds = column_types(table.schema).items()
        yield from values(table, [{name: _value(kind, n) for name, kind in kinds} for n in range(RECORDS)])


def test_idempotency(database: Database) -> None:
    arrivals = list(_of_every_topic())
    write(database, arrivals)
    once = contents(database)
    write(database, arrivals)
    write(database, arrivals[::-1][: len(arrivals) // 2][::-1])
    assert contents(database) == once
    assert {name: len(rows) for name, rows in once.items()} == dict.fromkeys(once, RECORDS)


class _AckLost(Exception):
    """The server has the rows; the sink does not know."""


class _Flaky(Database):
    """Inserts, then loses the first answer of every table."""

    def __init__(self, inner: Database) -> None:
        self._inner = inner
        self._lost: set[str] = set()

    def insert(self, table: str, frame: pl.DataFrame) -> None:
        self._inner.insert(table, frame)
        if table not in self._lost:
            self._lost.add(table)
            raise _AckLost(table)

    def rows(self, sql: str, parameters: Any) -> list[dict[str, Any]]:
        return self._inner.rows(sql, parameters)


def test_an_insert_whose_answer_is_lost_is_repeated_and_changes_nothing(database: Database) -> None:
    arrivals = list(_of_every_topic())
    write(database, arrivals)
    once = contents(database)
    failures: list[Exception] = []

    def retry(error: Exception) -> bool:
        failures.append(error)
        return isinstance(error, _AckLost)

    Writer(_Flaky(database), Metrics(), retry).write(prepare(default_codec(), batch_of(arrivals)))
    assert contents(database) == once
    assert len(failures) == len(TABLES)


def _profile(sequence: int, segment: str) -> dict[str, Any]:
    empty = dict.fromkeys(column_types(PROFILES.schema))
    return empty | {"account_id": "a", "contact_id": "c|%", "sequence": sequence, "segment": segment}


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
def test_the_highest_sequence_wins_in_whatever_order_it_arrives(
    database: Database, order: tuple[int, ...]
) -> None:
    for sequence in order:
        write(database, values(PROFILES, [_profile(sequence, f"segment{sequence}")]))
    assert [row["segment"] for row in contents(database)["contact_profiles"]] == ["segment3"]


def test_a_deletion_hides_what_came_before_it_and_not_what_came_after(database: Database) -> None:
    key = contact_key("a", "c|%")
    write(database, [deletion(PROFILES, key, 5)])
    write(database, values(PROFILES, [_profile(4, "loyal")]))
    assert contents(database)["contact_profiles"] == []
    write(database, [*values(PROFILES, [_profile(6, "champions")]), deletion(PROFILES, key, 5, offset=1)])
    assert [row["segment"] for row in contents(database)["contact_profiles"]] == ["champions"]


def test_orders_and_days_are_deleted_by_their_keys(database: Database) -> None:
    order = dict.fromkeys(column_types(ORDERS.schema)) | {"account_id": "a", "contact_id": "c|%"}
    day = dict.fromkeys(column_types(DAYS.schema)) | {"account_id": "a", "contact_id": "c|%"}
    write(database, values(ORDERS, [order | {"order_id": "o|1", "sequence": 1}]))
    write(database, values(DAYS, [day | {"day": -3, "sequence": 1}]))
    write(
        database,
        [
            deletion(ORDERS, member_key("a", "c|%", "o|1"), 2),
            deletion(DAYS, member_key("a", "c|%", "-3"), 2),
        ],
    )
    assert contents(database)["contact_orders"] == contents(database)["contact_days"] == []


def test_a_definition_edited_from_an_old_version_is_kept_but_not_in_force(database: Database) -> None:
    def edit(base: int, body: str) -> dict[str, Any]:
        place = {"account_id": "a", "kind": "rule", "id": "r", "version": base + 1, "base_version": base}
        return place | {"author": "x", "at": 0, "deleted": False, "body": body}

    log = values(DEFINITIONS, [edit(0, "first"), edit(1, "winner"), edit(1, "loser"), edit(2, "third")])
    write(database, log[:2])
    write(database, log[1:])
    accepted = {row["body"]: row["accepted"] for row in contents(database)["definitions"]}
    assert accepted == {"first": True, "winner": True, "loser": False, "third": True}
