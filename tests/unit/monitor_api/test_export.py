"""Downloads: exactly the contacts of a selection, and no cell that a spreadsheet would run."""

import csv
import io
import re
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.records import Segment
from sinks.clickhouse.database import Database
from sinks.clickhouse.queries import Queries
from sinks.monitor.api.reports import dialect
from sinks.monitor.figures.contacts import Selection
from sinks.monitor.figures.export import BYTE_ORDER_MARK, COLUMNS, Export, write_csv
from sinks.monitor.figures.groups import SEGMENTS
from sinks.monitor.people import Language
from tests.fixtures.clickhouse import emptied
from tests.unit.monitor_api.shop import store_profiles

TODAY = date(2026, 11, 22)
_RUNS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20\t\r\x00")
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
HOSTILE = [
    "=cmd|'/c calc'!A1",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "  =1",
    "\t=1",
    "\r=1",
    "\x00=1",
    "\uff1d1",
    " \uff0b1",
    'x";=1',
    "x;=1",
    "x,=1",
    "x\n=1",
    "x\r\n@y",
    '"=1',
    "'=1",
    "a\u2028=1",
    "\ufeff=1",
    "|-1",
]
texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.sampled_from("=+-@\uff1d\uff0b\uff0d\uff20\t\r\n\x00;,|\"' aé\u2028\xa0\u3000"), max_size=8),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)


def _contact(number: int, **more: Any) -> dict[str, Any]:
    return {
        "account_id": "shop",
        "contact_id": f"c{number}",
        "segment": Segment.AT_RISK.value,
        "orders": 3,
        "revenue_minor": 1_234_567,
        "currency": "USD",
        "r": 1,
        "f": 3,
        "m": 5,
        "last_order_day": date(2026, 11, 1),
        "next_segment": Segment.LOST.value,
        "next_segment_day": date(2026, 12, 24),
        **more,
    }


def _write(
    queries: Queries, language: Language = Language.SPANISH, *, raw: bool = False, currency: str = "USD"
) -> tuple[Export, bytes]:
    export = write_csv(
        queries,
        "shop",
        Selection(SEGMENTS),
        dialect=dialect(language, raw=raw),
        currency=currency,
        today=TODAY,
    )
    return export, b"".join(export.pieces())


def _rows(content: bytes, delimiter: str = ";") -> list[dict[str, str]]:
    text = content.removeprefix(BYTE_ORDER_MARK).decode()
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def test_a_row_in_spanish(database: Database, queries: Queries) -> None:
    person: dict[str, Any] = {
        "personal_name": "Ñusta",
        "personal_email": "n@x.pe",
        "personal_phone": "+51987654321",
    }
    consent = [
        {"channel": "email", "granted": True, "at": None},
        {"channel": "sms", "granted": False, "at": None},
    ]
    store_profiles(database, [_contact(0, origin="feria", consent=consent, **person)])
    export, content = _write(queries)
    assert content.startswith(BYTE_ORDER_MARK)
    assert export.contacts == 1
    assert export.size_bytes == len(content)
    (row,) = _rows(content)
    assert tuple(row) == COLUMNS
    assert row == {
        "contact_id": "c0", "name": "Ñusta", "email": "n@x.pe", "phone": "+51987654321", "origin": "feria",
        "consent": "email:granted sms:denied", "segment": "En riesgo",
        "r": "1", "f": "3", "m": "5",
        "last_purchase_date": "2026-11-01", "days_since": "21", "orders": "3", "average_ticket": "4115,22",
        "revenue": "12345,67", "currency": "USD",
        "next_segment": "Perdidos", "next_segment_date": "2026-12-24",
    }  # fmt: skip


def test_in_english_commas_and_points_and_raw_has_codes_and_no_mark(
    database: Database, queries: Queries
) -> None:
    store_profiles(database, [_contact(0, personal_name="=1+1")])
    (row,) = _rows(_write(queries, Language.ENGLISH)[1], ",")
    assert (row["revenue"], row["segment"], row["name"]) == ("12345.67", "At risk", "'=1+1")
    content = _write(queries, raw=True)[1]
    assert not content.startswith(BYTE_ORDER_MARK)
    (row,) = _rows(content, ",")
    assert (row["revenue"], row["segment"], row["name"]) == ("12345.67", "at_risk", "=1+1")


@pytest.mark.parametrize(
    ("currency", "shown"), [("CLP", "1234567"), ("USD", "12345,67"), ("KWD", "1234,567")]
)
def test_money_has_the_decimals_of_its_currency(
    database: Database, queries: Queries, currency: str, shown: str
) -> None:
    store_profiles(database, [_contact(0)])
    assert _rows(_write(queries, currency=currency)[1])[0]["revenue"] == shown


def test_an_empty_group_is_the_header(queries: Queries) -> None:
    export, content = _write(queries)
    assert export.contacts == 0
    assert content == BYTE_ORDER_MARK + ";".join(COLUMNS).encode() + b"\r\n"


def test_without_purchases_averages_and_days_are_empty(database: Database, queries: Queries) -> None:
    bare: dict[str, Any] = {"last_order_day": None, "next_segment": None, "next_segment_day": None}
    store_profiles(
        database, [_contact(0, orders=0, revenue_minor=0, segment=Segment.NO_PURCHASES.value, **bare)]
    )
    (row,) = _rows(_write(queries)[1])
    assert [row[name] for name in ("last_purchase_date", "days_since", "average_ticket", "revenue")] == [
        "",
        "",
        "",
        "0,00",
    ]
    assert row["segment"] == "Sin compras"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(texts, texts, texts, texts), min_size=1, max_size=25), st.sampled_from(list(Language))
)
def test_no_cell_runs_whatever_contacts_are_called(
    opened: Database, people: list[tuple[str, str, str, str]], language: Language
) -> None:
    emptied(opened)
    rows = [
        _contact(i, personal_name=name, personal_email=email, personal_phone=phone, origin=origin)
        for i, (name, email, phone, origin) in enumerate(people)
    ]
    store_profiles(opened, rows)
    export, content = _write(Queries(opened), language)
    found = _rows(content, "," if language is Language.ENGLISH else ";")
    assert export.contacts == len(found) == len(people)
    for row in found:
        assert None not in row
        for name, cell in row.items():
            if not (name == "phone" and _PHONE.fullmatch(cell)):
                _assert_inert(cell)


def _assert_inert(cell: str) -> None:
    """However a program splits it: at commas, semicolons or tabs, with or without its quotes."""
    for part in re.split(r"[,;\t|]", cell):
        bare = part.strip().strip('"').strip()
        assert not bare or bare[0] not in _RUNS, cell
    assert not set(cell) & set("\r\n\x00")
