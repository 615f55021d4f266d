"""Sentiment of a past day, and who is behind each figure, beside the same by plain Python."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from schemas.records import Segment
from sinks.clickhouse.database import Database
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures import sets
from sinks.monitor.figures.card import read_talks
from sinks.monitor.figures.sales import before
from sinks.monitor.figures.sentiment import RESIDUES, read_feelings_then, read_interactions
from sinks.monitor.figures.whose import EVERYBODY, Feeling, Whose
from sinks.periods import Period
from streams.rfm.interactions import weight
from tests.unit.monitor_api.shop import Shop, model_of, numbered, store_profiles

TODAY = date(2026, 11, 22)
Said = tuple[str, datetime, int | None, str | None]
"""Contact, instant, how, by which channel."""
_SIGNS = {1: "positive", 0: "neutral", -1: "negative", None: "no_data"}


def _shop(zone: str, *, weight_of_talk: float = 0.0) -> tuple[Shop, list[Said]]:
    """120 contacts: some buy, some talk, some do both, over a year and a half."""
    draw = Random(f"feelings {zone}")
    shop = Shop("shop", ZoneInfo(zone), model_of(interaction_weight=weight_of_talk))
    start = datetime(2025, 5, 1, tzinfo=UTC)
    said: list[Said] = []
    for number in range(120):
        contact = f"c{number}"
        for _ in range(draw.choice((0, 0, 1, 2, 5))):
            at = start + timedelta(minutes=draw.randrange(565 * 1440))
            shop.sell([(contact, at, draw.randrange(500, 40_000))])
        for _ in range(draw.choice((0, 0, 1, 2, 6))):
            at = start + timedelta(minutes=draw.randrange(565 * 1440))
            said.append(
                (contact, at, draw.choice((-1, -1, 0, 1, 1, None)), draw.choice(("email", "chat", None)))
            )
    return shop, said


def _store(database: Database, shop: Shop, said: list[Said]) -> None:
    shop.store(database)
    own = set(shop.bought)
    nobody = {"account_id": "shop", "orders": 0, "revenue_minor": 0, "segment": "no_purchases"}
    others = sorted({contact for contact, *_ in said} - own)
    store_profiles(database, [{**nobody, "contact_id": contact, "origin": "fair"} for contact in others])
    rows: list[dict[str, Any]] = [
        {
            "account_id": "shop",
            "contact_id": contact,
            "interaction_id": f"i{n}",
            "occurred_at": at,
            "day": at.astimezone(shop.zone).date(),
            "channel": channel,
            "sentiment": how,
            "text": "=1+1",
            "sentiment_model": "latido-lexicon@0001" if n % 2 else None,
        }
        for n, (contact, at, how, channel) in enumerate(said)
    ]
    types: dict[str, Any] = {"sentiment": pl.Int8, "occurred_at": pl.Datetime("ms", "UTC")}
    database.insert("contact_interactions", numbered(pl.DataFrame(rows, schema_overrides=types)))


def _feeling(rated: list[tuple[date, int]], day: date) -> str:
    """The mean weighted by 2^(-age / 90 days), in exact arithmetic of rounded weights."""
    if not rated:
        return "no_data"
    weights = [Fraction(2) ** (Fraction((day - on).days) / -90) for on, _ in rated]
    mean = sum(w * Fraction(how) for w, (_, how) in zip(weights, rated, strict=True)) / sum(weights)
    return "positive" if mean >= 0.25 else "negative" if mean <= -0.25 else "neutral"


def _segment(shop: Shop, contact: str, day: date) -> str | None:
    found = shop.segment(contact, day) if contact in shop.bought else None
    return found.value if found else None


@pytest.mark.parametrize("zone", ["UTC", "America/Sao_Paulo"])
@pytest.mark.parametrize("day", [date(2025, 8, 31), date(2026, 3, 1), date(2026, 10, 22)])
def test_sentiment_of_a_past_day_by_segment(
    database: Database, queries: Queries, zone: str, day: date
) -> None:
    shop, said = _shop(zone)
    _store(database, shop, said)
    expected: dict[tuple[str, str], set[str]] = {}
    for contact in {*shop.bought, *(contact for contact, *_ in said)}:
        heard = [
            (at.astimezone(shop.zone).date(), how)
            for c, at, how, _ in said
            if c == contact and at.astimezone(shop.zone).date() <= day
        ]
        segment = _segment(shop, contact, day)
        if segment or heard:
            feeling = _feeling([(on, how) for on, how in heard if how is not None], day)
            expected.setdefault((segment or "no_purchases", feeling), set()).add(contact)
    found = read_feelings_then(queries, "shop", shop.model, day, EVERYBODY)
    told = {(s.value, f.value): n for s, by in found.items() for f, n in by.items() if n}
    assert told == {cell: len(contacts) for cell, contacts in expected.items()}
    assert len(expected) > 8
    for (segment, feeling), contacts in expected.items():
        chosen = sets.felt(shop.model, day, Segment(segment), Feeling(feeling), EVERYBODY)
        page = sets.read_set(queries, "shop", chosen, limit=200, cursor=None)
        assert {row["contact_id"] for row in page.rows} == contacts
    of_fair = read_feelings_then(queries, "shop", shop.model, day, Whose("fair"))
    assert sum(n for s, by in of_fair.items() for n in by.values() if s is not Segment.NO_PURCHASES) == 0


def test_a_quarter_is_positive_and_minus_a_quarter_negative(database: Database, queries: Queries) -> None:
    day = datetime(2026, 3, 3, 12, tzinfo=UTC)
    shop = Shop("shop", ZoneInfo("UTC"), model_of())
    shop.sell([("bought", day, 1_000)])
    said: list[Said] = [("glad", day, 1, None), ("sad", day, -1, None), ("even", day, 1, None)]
    said += [(contact, day, 0, None) for contact in ("glad", "sad", "even", "even") for _ in range(3)]
    _store(database, shop, said)
    for later in (day.date(), day.date() + timedelta(days=200)):
        found = read_feelings_then(queries, "shop", shop.model, later, EVERYBODY)[Segment.NO_PURCHASES]
        assert found == {
            Feeling.POSITIVE: 1, Feeling.NEUTRAL: 1, Feeling.NEGATIVE: 1, Feeling.NO_DATA: 0,
        }  # fmt: skip


def test_weights_are_those_of_the_stream() -> None:
    assert [weight(day) for day in range(90)] == RESIDUES


@pytest.mark.parametrize("zone", ["UTC", "America/Sao_Paulo"])
def test_interactions_of_a_period_lead_to_who_spoke(database: Database, queries: Queries, zone: str) -> None:
    shop, said = _shop(zone)
    _store(database, shop, said)
    period = Period("custom", date(2026, 5, 1), date(2026, 9, 30))
    for of, name in ((period, "interactions"), (before(period), "interactions_before")):
        within = [
            (contact, channel, _SIGNS[how])
            for contact, at, how, channel in said
            if of.first <= at.astimezone(shop.zone).date() <= of.last
        ]
        channels = read_interactions(queries, "shop", period, before(period), EVERYBODY)
        told = {(c.channel, f.value): n for c in channels for f, n in getattr(c, name).items() if n}
        assert told == Counter((channel, how) for _, channel, how in within)
        for channel, feeling in ((None, None), *told):
            chosen = sets.talked(
                of,
                None if feeling is None else channel or "",
                Feeling(feeling) if feeling else None,
                EVERYBODY,
            )
            page = sets.read_set(queries, "shop", chosen, limit=200, cursor=None)
            spoke = Counter(c for c, by, how in within if feeling is None or (by, how) == (channel, feeling))
            assert {row["contact_id"]: row["bought"] for row in page.rows} == spoke


def test_a_conversation_is_one_contacts_the_latest_first(database: Database, queries: Queries) -> None:
    shop, said = _shop("UTC")
    _store(database, shop, said)
    contact = Counter(one for one, *_ in said).most_common(1)[0][0]
    mine = sorted(((at, how) for one, at, how, _ in said if one == contact), reverse=True)
    found = read_talks(queries, "shop", contact)
    assert [(row["occurred_at"], row["sentiment"]) for row in found] == [
        (at.replace(tzinfo=row["occurred_at"].tzinfo), how)
        for (at, how), row in zip(mine, found, strict=True)
    ]
    assert read_talks(queries, "other", contact) == []
