"""A rule holds for the same contacts in the stream and in ClickHouse, whatever the rule and the contact."""

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.records import Segment
from schemas.rule_json import parse_rule, rule_json
from schemas.rules import CHOICES, EXISTENCE, KINDS, OPERATORS, RANGE, Field, Kind, Operator
from sinks.clickhouse.database import Database
from sinks.clickhouse.queries import Queries
from sinks.rules.members import count_members, list_members
from streams.automations.facts import Facts, Personal
from streams.definitions.rules import compile_rule
from tests.fixtures.clickhouse import emptied

TODAY = 20_000
ACCOUNT = "rules"
_SMALL = st.integers(0, 9)
_DAYS = st.none() | st.integers(TODAY - 9, TODAY + 2)
_TEXTS = ("web", "feria", "no_data", "ñandú 'x'", "a,b")

facts = st.builds(
    Facts,
    segment=st.sampled_from(list(Segment)).map(str),
    r=st.integers(0, 5),
    f=st.integers(0, 5),
    m=st.integers(0, 5),
    orders=st.integers(0, 4),
    revenue_minor=_SMALL,
    first_day=_DAYS,
    last_day=_DAYS,
    interactions=_SMALL,
    sentiment=st.sampled_from([None, "positive", "neutral", "negative"]),
    origin=st.none() | st.sampled_from(_TEXTS),
    tags=st.lists(st.sampled_from(_TEXTS), unique=True, max_size=3).map(tuple),
    consent=st.lists(st.sampled_from(["email", "sms"]), unique=True, max_size=2).map(tuple),
    next_segment=st.none() | st.sampled_from(list(Segment)).map(str),
    next_segment_day=_DAYS,
    personal=st.builds(Personal, *[st.none() | st.just("x")] * 4),
)


@st.composite
def a_condition(draw: st.DrawFn) -> dict[str, Any]:
    """One condition as react-querybuilder would write it."""
    field = draw(st.sampled_from(list(Field)))
    operator = draw(st.sampled_from(OPERATORS[KINDS[field]]))
    if KINDS[field] is Kind.NUMBER:
        value: Any = st.integers(-1, 10)
    else:
        value = st.sampled_from(CHOICES.get(field, (*_TEXTS, "email")))
    match operator:
        case _ if operator in EXISTENCE:
            made: Any = None
        case _ if operator in RANGE:
            made = sorted(draw(st.tuples(value, value)))
        case Operator.IN | Operator.NOT_IN:
            made = draw(st.lists(value, min_size=1, max_size=3))
        case _:
            made = draw(value)
    return {"field": field.value, "operator": operator.value, "value": made}


def _group(members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "combinator": st.sampled_from(["and", "or"]),
            "not": st.booleans(),
            "rules": st.lists(members, min_size=1, max_size=3),
        }
    )


rules = _group(st.recursive(a_condition(), _group, max_leaves=6))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(population=st.lists(facts, min_size=1, max_size=30), bodies=st.lists(rules, min_size=1, max_size=12))
def test_both_evaluators_always_agree(
    opened: Database, population: list[Facts], bodies: list[dict[str, Any]]
) -> None:
    _store(emptied(opened), population)
    queries = Queries(opened)
    for body in bodies:
        rule = parse_rule(body)
        test = compile_rule(rule).test
        expected = [f"{i:03}" for i, one in enumerate(population) if test(one, TODAY)]
        found = list_members(queries, ACCOUNT, rule, today=_date(TODAY))
        assert [row["contact_id"] for row in found.rows] == expected
    assert count_members(queries, ACCOUNT, rule, _date(TODAY)) == len(expected)


@given(rules)
def test_a_rule_comes_back_from_its_json(body: dict[str, Any]) -> None:
    rule = parse_rule(body)
    assert parse_rule(rule_json(rule)) == rule


def test_pages_of_a_rule_hold_everybody_once(opened: Database) -> None:
    _store(emptied(opened), [Facts(orders=i % 2) for i in range(25)])
    rule = parse_rule({"rules": [{"field": "orders", "operator": "=", "value": 1}]})
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = list_members(Queries(opened), ACCOUNT, rule, today=_date(TODAY), after=after, limit=5)
        seen += [row["contact_id"] for row in page.rows]
        after = page.next_after
    assert seen == [f"{i:03}" for i in range(25) if i % 2]


@pytest.mark.parametrize(("age", "matches"), [(60, False), (61, True)])
def test_none_for_more_than_sixty_days_means_sixty_one(age: int, matches: bool) -> None:
    rule = parse_rule({"rules": [{"field": "days_since_last", "operator": ">", "value": "60"}]})
    assert compile_rule(rule).test(Facts(orders=1, last_day=TODAY - age), TODAY) is matches


def _date(day: int) -> date:
    return date.fromordinal(date(1970, 1, 1).toordinal() + day)


def _day(day: int | None) -> date | None:
    return None if day is None else _date(day)


def _store(database: Database, population: list[Facts]) -> None:
    rows = [_row(f"{i:03}", one) for i, one in enumerate(population)]
    frame = pl.DataFrame(rows, schema_overrides=_TYPES, infer_schema_length=None)
    database.insert("contact_profiles", frame.with_columns(pl.lit(1, dtype=pl.UInt64).alias("sequence")))


def _row(contact_id: str, one: Facts) -> dict[str, Any]:
    return {
        "account_id": ACCOUNT, "contact_id": contact_id, "segment": one.segment, "r": one.r, "f": one.f,
        "m": one.m, "orders": one.orders, "revenue_minor": one.revenue_minor,
        "first_order_day": _day(one.first_day), "last_order_day": _day(one.last_day),
        "interactions": one.interactions, "sentiment": one.sentiment, "origin": one.origin,
        "tags": list(one.tags),
        "consent": [{"channel": c, "granted": c in one.consent, "at": None} for c in ("email", "sms")],
        "next_segment": one.next_segment, "next_segment_day": _day(one.next_segment_day),
        "personal_name": one.personal.name, "personal_email": one.personal.email,
        "personal_phone": one.personal.phone, "personal_document": one.personal.document,
    }  # fmt: skip


_DAY_COLUMNS = ("first_order_day", "last_order_day", "next_segment_day")
_TEXT_COLUMNS = (
    "sentiment", "origin", "next_segment", "personal_name", "personal_email", "personal_phone",
    "personal_document",
)  # fmt: skip
_CONSENT = pl.List(pl.Struct({"channel": pl.String, "granted": pl.Boolean, "at": pl.Datetime("ms", "UTC")}))
_TYPES: dict[str, Any] = {
    **dict.fromkeys(_DAY_COLUMNS, pl.Date),
    **dict.fromkeys(_TEXT_COLUMNS, pl.String),
    "tags": pl.List(pl.String),
    "consent": _CONSENT,
}
