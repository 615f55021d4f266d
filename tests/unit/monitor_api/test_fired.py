"""The past that a rehearsal lives through, and what is counted of it, beside the same by plain Python."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from schemas.actions import ActionKind, ActionReason
from schemas.rehearsal import Outcome, Past, PastContact, PastPurchase, PastTalk
from sinks.clickhouse.database import Database
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.fired import Estimate, count
from sinks.monitor.figures.past import Span, Told, read_past
from streams.rfm.calendar import Calendar
from tests.unit.monitor_api.shop import Shop, model_of, numbered

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
EPOCH = date(1970, 1, 1)
ZONES = ("UTC", "America/Sao_Paulo")


def _store(database: Database, zone: str) -> tuple[list[PastPurchase], list[PastTalk], dict[str, Any]]:
    """200 contacts of a year: orders, some of which do not count, and interactions."""
    draw, shop = Random(f"past {zone}"), Shop("shop", ZoneInfo(zone), model_of())
    orders, talks = list[PastPurchase](), list[PastTalk]()
    rows, said = list[dict[str, Any]](), list[dict[str, Any]]()
    known = {
        f"c{n}": {
            "origin": draw.choice(["fair", None]),
            "tags": draw.choice([["vip"], []]),
            "consent": [{"channel": "email", "granted": n % 2 == 0, "at": None}],
            "personal_name": f"Name {n}",
        }
        for n in range(200)
    }
    for contact in known:
        for number in range(draw.randrange(5)):
            at = NOW - timedelta(minutes=draw.randrange(365 * 1440))
            id_, minor, counted = f"{contact}-{number}", draw.randrange(100, 9_000), draw.random() < 0.9
            rows.append(_row(shop, contact, at) | {"order_id": id_, "counted": counted, "placed_at": at})
            rows[-1]["net_minor"] = minor if counted else 0
            if counted:
                shop.sell([(contact, at, minor)])
                orders.append(PastPurchase(contact, id_, _ms(at), minor))
        if draw.random() < 0.3:
            at, how = NOW - timedelta(minutes=draw.randrange(365 * 1440)), draw.choice((-1, 0, 1, None))
            row = _row(shop, contact, at) | {"interaction_id": contact, "occurred_at": at, "sentiment": how}
            said.append(row)
            talks.append(PastTalk(contact, contact, _ms(at), (row["day"] - EPOCH).days, how))
    shop.store(database)
    nobody = {"account_id": "shop", "orders": 0, "revenue_minor": 0, "segment": "no_purchases"}
    profiles = {one["contact_id"]: one for one in shop.profiles(NOW.date())}
    whole = [profiles.get(c, {**nobody, "contact_id": c}) | more for c, more in known.items()]
    types: dict[str, Any] = {
        "consent": pl.List(pl.Struct({"channel": pl.String, "granted": pl.Boolean, "at": pl.Datetime("ms")}))
    }
    frame = pl.DataFrame(whole, schema_overrides=types, infer_schema_length=None)
    database.insert("contact_profiles", numbered(frame, 1_000))
    instants: dict[str, Any] = {
        "placed_at": pl.Datetime("ms", "UTC"),
        "occurred_at": pl.Datetime("ms", "UTC"),
    }
    rows += [row | {"net_minor": 1, "counted": True, "version": 0} for row in rows[:20]][::-1]
    rows.reverse()  # so that what was superseded has the lower sequence
    for table, of in (("contact_orders", rows), ("contact_interactions", said)):
        own = {name: one for name, one in instants.items() if name in of[0]}
        own |= {"sentiment": pl.Int8} if "sentiment" in of[0] else {}
        database.insert(table, numbered(pl.DataFrame(of, schema_overrides=own)))
    return orders, talks, known


def _row(shop: Shop, contact: str, at: datetime) -> dict[str, Any]:
    return {"account_id": "shop", "contact_id": contact, "day": at.astimezone(shop.zone).date()}


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _standing(contact: str, orders: list[PastPurchase], since_ms: int, zone: str) -> tuple[Any, ...]:
    mine = [one for one in orders if one.contact_id == contact and one.at_ms < since_ms]
    days = [Calendar(zone).day_of(one.at_ms) for one in mine]
    return (min(days, default=None), max(days, default=None), len(mine), sum(one.net_minor for one in mine))


@pytest.mark.parametrize("zone", ZONES)
def test_the_past_is_what_was_bought_and_said(database: Database, queries: Queries, zone: str) -> None:
    orders, talks, known = _store(database, zone)
    span = Span.of(30, ZoneInfo(zone), NOW)
    assert span.since_ms == Calendar(zone).start_of(Calendar(zone).day_of(span.since_ms))
    told = read_past(queries, "shop", span)
    assert told.one_of == 1
    assert {one.contact_id: tuple(one)[1:5] for one in told.past.contacts} == {
        contact: _standing(contact, orders, span.since_ms, zone) for contact in known
    }
    for one in told.past.contacts:
        more = known[one.contact_id]
        granted = tuple(c["channel"] for c in more["consent"] if c["granted"])
        assert (one.origin, one.tags, one.consent, one.name) == (
            more["origin"], tuple(more["tags"]), granted, more["personal_name"],
        )  # fmt: skip
    assert sorted(told.past.purchases) == sorted(o for o in orders if o.at_ms >= span.since_ms)
    assert sorted(told.past.talks, key=str) == sorted(talks, key=str)
    spent = Counter[str]()
    for order in orders:
        spent[order.contact_id] += order.net_minor
    assert told.revenue_minor == {contact: spent[contact] for contact in known}


def test_a_large_base_is_sampled_by_contact(database: Database, queries: Queries) -> None:
    orders, talks, known = _store(database, "UTC")
    span = Span.of(30, ZoneInfo("UTC"), NOW)
    told = read_past(queries, "shop", span, most=50)
    chosen = {one.contact_id for one in told.past.contacts}
    assert told.one_of == 4
    assert 20 < len(chosen) < 90
    assert {one.contact_id for one in told.past.purchases} == chosen & {
        one.contact_id for one in orders if one.at_ms >= span.since_ms
    }
    assert {one.contact_id for one in told.past.talks} == chosen & {one.contact_id for one in talks}
    assert told.past == read_past(queries, "shop", span, most=50).past
    assert chosen < set(known)


@pytest.mark.usefixtures("database")
def test_an_account_without_contacts_has_an_empty_past(queries: Queries) -> None:
    told = read_past(queries, "shop", Span.of(30, ZoneInfo("UTC"), NOW))
    assert (told.one_of, told.past.contacts, told.past.purchases, told.past.talks) == (1, [], [], [])


def test_what_is_counted_is_visits_contacts_money_and_reasons() -> None:
    entered, sent, kept = ActionKind.ENTERED, ActionKind.WEBHOOK, ActionKind.SUPPRESSED
    outcomes = [
        Outcome("a", "ana", entered, None, 1), Outcome("a", "ana", sent, None, 1),
        Outcome("a", "ana", entered, None, 9), Outcome("a", "ana", kept, ActionReason.CAP_CONTACT, 9),
        Outcome("a", "bea", entered, None, 2), Outcome("b", "ana", kept, ActionReason.REENTRY, 3),
    ]  # fmt: skip
    contacts = [PastContact(name, None, None, 0, 0) for name in ("ana", "bea")]
    rehearsed = count(outcomes, Told(Past(0, 10, contacts), 1, {"ana": 500, "bea": 700}))
    both, a, b = rehearsed.everything, rehearsed.automations["a"], rehearsed.automations["b"]
    assert (both.entered, both.contacts, both.revenue_minor, both.messages) == (
        Estimate(3), Estimate(2), Estimate(1_200), Estimate(1),
    )  # fmt: skip
    assert a.contact_ids == ["bea", "ana"]
    assert a.decisions[kept, ActionReason.CAP_CONTACT] == Estimate(1)
    assert (b.entered, b.contact_ids) == (Estimate(0), [])
    assert rehearsed.fired == 1


@pytest.mark.parametrize("one_of", [2, 10, 50])
def test_margins_hold_the_truth_at_their_rate(one_of: int) -> None:
    """500 samples of a base of known sum: contacts in or out one by one, as the hash has them."""
    draw = Random(one_of)
    base = [draw.choice((0, 0, 1, 1, 2, 5)) for _ in range(20_000)]
    held = 0
    for _ in range(500):
        estimate = Estimate.over([part for part in base if draw.random() * one_of < 1], one_of)
        held += abs(estimate.number - sum(base)) <= estimate.margin
    assert held >= 0.92 * 500
