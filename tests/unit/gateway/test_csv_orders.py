"""A CSV of orders: what is read, and what the sender is told about a row that is not."""

from datetime import datetime
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sinks.gateway.csv_orders import Importer, NotOrders, RowError

HEADER = "contact_id,order_id,placed_at,total"


def importer(zone: str = "America/Santiago", currency: str = "USD") -> Importer:
    return Importer("shop", ZoneInfo(zone), currency)


def read(text: str, **options: str) -> list[dict[str, Any] | RowError]:
    return list(importer(**options).read(StringIO(text)))


def one(row: str, header: str = HEADER, **options: str) -> dict[str, Any]:
    (order,) = read(f"{header}\n{row}\n", **options)
    assert isinstance(order, dict), order
    return order


def problem(row: str, header: str = HEADER, **options: str) -> RowError:
    (error,) = read(f"{header}\n{row}\n", **options)
    assert isinstance(error, RowError), error
    return error


def test_a_row_is_an_order_in_minor_units_marked_as_history() -> None:
    order = one("ana,A-1,2026-11-22T10:30:00-03:00,1234.50")
    assert (order["contact_id"], order["order_id"], order["total_minor"]) == ("ana", "A-1", 123_450)
    assert (order["placed_at"], order["updated_at"]) == (1_795_354_200_000, 1_795_354_200_000)
    assert (order["status"], order["currency"], order["backfill"]) == ("placed", "USD", True)


@pytest.mark.parametrize(("currency", "total", "minor"), [("CLP", "1990", 1_990), ("KWD", "1.234", 1_234)])
def test_minor_units_are_the_currency_s(currency: str, total: str, minor: int) -> None:
    assert one(f"ana,1,2026-01-01,{total}", currency=currency)["total_minor"] == minor


def test_a_date_is_that_day_of_the_account_even_where_midnight_is_skipped() -> None:
    order = one("ana,1,2026-09-06,1")
    zone = ZoneInfo("America/Santiago")
    assert datetime.fromtimestamp(order["placed_at"] / 1000, zone).date().isoformat() == "2026-09-06"


def test_semicolons_a_byte_order_mark_and_empty_lines_are_fine() -> None:
    text = "contact_id;order_id;placed_at;total;channel\n\nana;1;2026-01-01;10;tienda\n\n"
    (order,) = read(text)
    assert isinstance(order, dict)
    assert order["channel"] == "tienda"


def test_the_same_row_is_the_same_event_and_another_is_another() -> None:
    same = [one("ana,1,2026-01-01,10")["event_id"] for _ in range(2)]
    assert same[0] == same[1] != one("ana,1,2026-01-01,11")["event_id"]


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        (",1,2026-01-01,10", "contact_id", "1 to 200"),
        ("ana,1\x07,2026-01-01,10", "order_id", "printable"),
        ("ana,1,22/11/2026,10", "placed_at", "not a date"),
        ("ana,1,1969-12-01,10", "placed_at", "before 1970"),
        ("ana,1,2026-01-01,ten", "total", "not an amount"),
        ("ana,1,2026-01-01,-1", "total", "0 or more"),
        ("ana,1,2026-01-01,NaN", "total", "0 or more"),
        ("ana,1,2026-01-01,1.005", "total", "more than the 2 decimals"),
        ("ana,1,2026-01-01,1e30", "total", "too large"),
        ("ana,1,2026-01-01", "", "3 cells"),
    ],
)
def test_a_row_that_cannot_be_used_names_column_and_reason(row: str, column: str, says: str) -> None:
    error = problem(row)
    assert (error.line, error.column) == (2, column)
    assert says in error.problem


@pytest.mark.parametrize(
    ("extra", "value", "says"),
    [
        ("currency", "BRL", "not the account's currency USD"),
        ("status", "shipped", "none of placed"),
        ("refunded", "11", "exceeds the total"),
        ("version", "-1", "whole number"),
        ("version", "9999999999999999999", "too large"),
    ],
)
def test_an_optional_column_is_checked_too(extra: str, value: str, says: str) -> None:
    error = problem(f"ana,1,2026-01-01,10,{value}", f"{HEADER},{extra}")
    assert error.column == extra
    assert says in error.problem


def test_the_row_after_a_bad_one_is_read() -> None:
    bad, good = read(f"{HEADER}\nana,1,never,10\nana,2,2026-01-01,10\n")
    assert isinstance(bad, RowError)
    assert isinstance(good, dict)


@pytest.mark.parametrize(
    ("header", "says"), [("contact_id,total", "lacks order_id, placed_at"), (f"{HEADER},colour", "colour")]
)
def test_a_file_that_is_something_else_is_refused_whole(header: str, says: str) -> None:
    with pytest.raises(NotOrders, match=says):
        read(f"{header}\n")
