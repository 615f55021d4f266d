"""Nothing reads across accounts."""

import re

import pytest

from sinks.clickhouse.database import Database
from sinks.clickhouse.queries import Queries, UnsafeQuery, check, load


@pytest.mark.parametrize("name", sorted(load()))
def test_every_query_binds_its_values(name: str) -> None:
    statement = load()[name].partition("\n")[2]
    assert "'" not in statement.replace("'account'", "")
    assert "%" not in statement


@pytest.mark.parametrize(
    "text",
    [
        "-- q: Reads everything.\nSELECT 1 FROM contact_orders",
        "-- q: All of b.\nSELECT 1 FROM a WHERE account_id = {account_id:String} UNION ALL SELECT 1 FROM b",
        "SELECT 1 FROM a WHERE account_id = {account_id:String}",
        "-- q: no sentence\nSELECT 1 FROM a WHERE account_id = {account_id:String}",
    ],
)
def test_a_query_across_accounts_or_without_a_sentence_is_refused(text: str) -> None:
    with pytest.raises(UnsafeQuery):
        check("q", text)


def test_the_two_doors_are_not_confused(database: Database) -> None:
    queries = Queries(database)
    with pytest.raises(UnsafeQuery):
        queries.rows("all_freshness", "shop")
    with pytest.raises(UnsafeQuery):
        queries.of_no_account("segments")


def test_a_hostile_account_id_is_a_value(database: Database) -> None:
    assert Queries(database).rows("segments", "x' OR 1=1 --") == []


def test_no_piece_is_left_out() -> None:
    (open_condition,) = {found for text in load().values() for found in re.findall(r"/\*(\w+)\*/", text)}
    assert open_condition == "where"
