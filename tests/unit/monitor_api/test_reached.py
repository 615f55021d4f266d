"""Whom an automation would have reached, against what is stored of the past days."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from schemas.automation_json import parse_automation
from schemas.codec import default_codec
from schemas.rule_json import parse_rule
from schemas.rules import Group
from sinks.clickhouse.database import Database
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.audience import read_reach, rule_of
from sinks.monitor.figures.reached import Basis, Reached, read_reached, segments_where
from sinks.monitor.figures.sample import values_of
from streams.agents.automation_outputs import write_actions
from streams.automations.core import Book
from streams.automations.facts import Facts
from streams.automations.partition import Account, Decided
from streams.automations.plan import Limits, Send, Source
from streams.automations.visits import Decision, Kind
from streams.rfm.calendar import Calendar
from tests.unit.monitor_api.shop import numbered, store_profiles

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = NOW.date()
STEPS = [{"kind": "nothing"}]
EPOCH = date(1970, 1, 1)
NO_RULES: dict[str, Group] = {}


def _change(contact: str, source: str, target: str, days_ago: float = 1, **more: Any) -> dict[str, Any]:
    at = NOW - timedelta(days=days_ago)
    return {
        "event_id": f"{contact}-{days_ago}",
        "account_id": "shop",
        "contact_id": contact,
        "seq": 1,
        "from_segment": source,
        "to_segment": target,
        "cause": "order",
        "effective_day": at.date(),
        "occurred_at": at,
        "historical": False,
        "orders": 3,
        "last_order_day": at.date(),
        **more,
    }


def _store(database: Database, changes: list[dict[str, Any]]) -> None:
    frame = pl.DataFrame(changes, infer_schema_length=None)
    offsets = pl.int_range(1, frame.height + 1, dtype=pl.UInt64, eager=True)
    database.insert("segment_changes", frame.with_columns(offsets.alias("record_offset")))
    contacts = sorted({change["contact_id"] for change in changes})
    granted = [
        {"account_id": "shop", "contact_id": one, "segment": "lost", "tags": ["vip"]} for one in contacts
    ]
    store_profiles(database, granted)


def _reached(queries: Queries, trigger: dict[str, Any], **audience: Any) -> Reached:
    made = parse_automation({"name": "n", "trigger": trigger, "audience": audience, "steps": STEPS})
    return read_reached(queries, "shop", made, NO_RULES.get, now=NOW, today=TODAY)


CHANGES = [
    _change("in", "recent", "loyal"),
    _change("in", "recent", "loyal", 5),
    _change("within", "champions", "loyal"),
    _change("decayed", "need_attention", "loyal", cause="decay"),
    _change("historical", "recent", "loyal", historical=True),
    _change("recalibrated", "recent", "loyal", cause="recalibration"),
    _change("old", "recent", "loyal", 31),
    _change("elsewhere", "recent", "lost"),
]
BEST = ["champions", "loyal"]


@pytest.mark.parametrize(
    ("trigger", "audience", "contacts"),
    [
        ({"kind": "segment_entered", "segments": BEST}, {}, 2),
        ({"kind": "segment_entered", "segments": BEST, "from": ["recent"]}, {}, 1),
        ({"kind": "segment_entered", "segments": BEST, "causes": ["decay"]}, {}, 1),
        ({"kind": "segment_entered", "segments": ["loyal"]}, {}, 3),
        ({"kind": "segment_entered", "segments": ["loyal"]}, {"of": "loyal"}, 3),
        ({"kind": "segment_entered", "segments": ["loyal"]}, {"of": "lost"}, 0),
        ({"kind": "segment_left", "segments": ["recent"]}, {}, 2),
        ({"kind": "segment_left", "segments": ["recent"], "to": ["lost"]}, {}, 1),
    ],
)
def test_segment_changes_that_fire_are_counted_by_contact_as_of_then(
    database: Database, queries: Queries, trigger: dict[str, Any], audience: dict[str, Any], contacts: int
) -> None:
    _store(database, CHANGES)
    assert _reached(queries, trigger, **audience) == Reached(contacts, Basis.CHANGES)


def test_a_rule_of_the_audience_is_judged_with_what_the_change_says(
    database: Database, queries: Queries
) -> None:
    _store(database, CHANGES)
    conditions = [
        {"field": "orders", "operator": ">=", "value": 3},
        {"field": "days_since_last", "operator": "<=", "value": 0},
        {"field": "tags", "operator": "contains", "value": "vip"},
    ]
    rule = {"combinator": "and", "rules": conditions}
    entered = {"kind": "segment_entered", "segments": ["loyal"]}
    assert _reached(queries, entered, rule=rule).contacts == 3


def test_a_rule_about_segments_alone_is_counted_and_others_say_why_not(
    database: Database, queries: Queries
) -> None:
    _store(database, CHANGES)
    best: dict[str, Any] = {"field": "segment", "operator": "in", "value": BEST}
    unhappy = {"field": "sentiment", "operator": "=", "value": "negative"}

    def by(*conditions: dict[str, Any]) -> Reached:
        rule = {"combinator": "and", "rules": list(conditions)}
        return _reached(queries, {"kind": "rule", "rule": rule})

    assert by(best) == Reached(2, Basis.CHANGES)
    assert by(best, unhappy) == Reached(None, Basis.RULE_OF_PRESENT)
    felt = {"kind": "sentiment", "sentiment": "negative"}
    assert _reached(queries, felt) == Reached(None, Basis.SENTIMENT)
    assert _reached(queries, {"kind": "forecast", "days": 7}) == Reached(None, Basis.FORECAST)


def test_silence_is_counted_from_purchases_also_of_who_bought_again(
    database: Database, queries: Queries
) -> None:
    def day(ago: int) -> date:
        return TODAY - timedelta(days=ago)

    last = {"due": 30, "just": 59, "earlier": 60, "not_yet": 29, "returned": 1, "quick": 20}
    store_profiles(
        database,
        [
            {
                "account_id": "shop",
                "contact_id": one,
                "orders": 1,
                "segment": "recent",
                "last_order_day": day(ago),
            }
            for one, ago in last.items()
        ],
    )
    again = [("returned", day(1), day(45)), ("quick", day(20), day(40))]
    frame = pl.DataFrame(
        [("shop", contact, bought, before, 1, 100) for contact, bought, before in again],
        schema=["account_id", "contact_id", "day", "prev_day", "orders", "revenue_minor"],
        orient="row",
    )
    database.insert("contact_days", numbered(frame))
    found = _reached(queries, {"kind": "silence", "days": 30})
    assert found == Reached(3, Basis.PURCHASES)  # due, just, returned


@pytest.mark.parametrize(
    ("operator", "value", "inside"),
    [("=", "lost", {"lost"}), ("in", ["lost", "loyal"], {"lost", "loyal"}), ("null", None, set())],
)
def test_segments_of_a_rule_and_of_its_opposite_are_all(operator: str, value: Any, inside: set[str]) -> None:
    rule = {"combinator": "or", "rules": [{"field": "segment", "operator": operator, "value": value}]}
    held = segments_where(parse_rule(rule))
    opposite = segments_where(parse_rule({**rule, "not": True}))
    assert held is not None
    assert opposite is not None
    assert set(held) == inside
    assert len(held) + len(opposite) == 12


def test_consent_is_counted_channel_by_channel(database: Database, queries: Queries) -> None:
    database.command(
        "INSERT INTO contact_profiles (account_id, contact_id, sequence, segment, consent) VALUES "
        "('shop', 'a', 1, 'lost', [('whatsapp', true, NULL)]), "
        "('shop', 'b', 1, 'lost', [('whatsapp', false, NULL), ('email', true, NULL)]), "
        "('shop', 'c', 1, 'lost', [])"
    )
    audience = parse_automation(
        {"name": "n", "trigger": {"kind": "silence", "days": 1}, "audience": {"of": "lost"}, "steps": STEPS}
    ).audience
    reach = read_reach(queries, "shop", rule_of(audience, NO_RULES.get), ["whatsapp", "email"], TODAY)
    assert (reach.contacts, dict(reach.without_consent)) == (3, {"whatsapp": 2, "email": 2})


def _streamed(facts: Facts, today: int) -> dict[str, str | None]:
    """Variables of the message that the agent would write."""
    decision = Decision(
        "a", 1, Source.AUTOMATION, "v", "1", Kind.WEBHOOK, None, holdout=False, cause_event_id=None,
        triggered_at_ms=0, due_at_ms=0, action=Send("crm", "whatsapp", "Hi"), facts=facts,
    )  # fmt: skip
    account = Account("shop", Book(Calendar("UTC"), Limits()), today)
    output = write_actions(
        default_codec(), [Decided("shop", "c", decision)], {"shop": account}, {"shop": "USD"}
    )
    record = default_codec().decode_one("automation_action", output.values[0] or b"")
    return {one["variable"]: one["value"] for one in record["variables"]}


def test_a_preview_names_the_same_values_as_the_stream() -> None:
    facts = Facts(
        segment="lost", r=1, f=2, m=3, orders=3, revenue_minor=1000, last_day=20_000, origin="shop",
        sentiment="negative", next_segment="hibernating", next_segment_day=20_100,
    )  # fmt: skip
    row = {
        "segment": "lost", "r": 1, "f": 2, "m": 3, "orders": 3, "revenue_minor": 1000,
        "last_order_day": EPOCH + timedelta(days=20_000), "origin": "shop", "sentiment": "negative",
        "next_segment": "hibernating", "next_segment_day": EPOCH + timedelta(days=20_100),
        "personal_name": "Ana", "personal_email": None, "personal_phone": None,
    }  # fmt: skip
    streamed = _streamed(facts, 20_040)
    previewed = values_of(row, EPOCH + timedelta(days=20_040))
    assert {name: previewed[name] for name in streamed} == streamed
