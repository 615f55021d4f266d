"""The contacts behind a figure are as many as the figure says, and the very ones it counts."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest

from schemas.records import Cause, Segment
from sinks.clickhouse.database import Database
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures import sets
from sinks.monitor.figures.contacts import Order, Selection, read_page
from sinks.monitor.figures.cursors import BadCursor, packed
from sinks.monitor.figures.movement import Scope, read_known_transitions, read_transitions
from sinks.monitor.figures.preview import read_preview
from sinks.monitor.figures.sales import before, read_cells
from sinks.monitor.figures.score_map import read_score_map
from sinks.monitor.figures.sentiment import read_feelings, read_interactions
from sinks.monitor.figures.whose import EVERYBODY, Feeling, Whose
from sinks.periods import Period
from tests.unit.monitor_api.conftest import ZONES
from tests.unit.monitor_api.shop import Shop, model_of, numbered, store_profiles

TODAY = date(1998, 7, 1)


def _all(queries: Queries, account: str, chosen: sets.ContactSet, limit: int = 37) -> list[dict[str, Any]]:
    """Every row, page by page; the first page says how many."""
    seen: list[dict[str, Any]] = []
    cursor, total = None, None
    while True:
        page = sets.read_set(queries, account, chosen, limit=limit, cursor=cursor)
        assert (page.total is None) == (cursor is not None)
        total = total if cursor else page.total
        seen += [dict(row) for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            assert len({row["contact_id"] for row in seen}) == len(seen) == total
            return seen


@pytest.mark.parametrize("zone", ZONES)
def test_every_cell_of_the_movement_leads_to_its_contacts(
    database: Database, queries: Queries, some_of_cdnow: dict[str, Shop], zone: str
) -> None:
    shop = some_of_cdnow[zone]
    shop.store(database)
    store_profiles(database, shop.profiles(TODAY))
    first, last = date(1997, 3, 20), date(1997, 9, 3)
    scope = Scope(shop.account_id, TODAY, shop.model)
    expected: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for contact in shop.bought:
        before, after = shop.segment(contact, first), shop.segment(contact, last)
        if after is not None:
            expected[before.value if before else "new", after.value].add(contact)
    matrix = read_transitions(queries, scope, first, last)
    assert {cell: len(who) for cell, who in expected.items()} == matrix
    for source, target in Random(1).sample(sorted(matrix), 6):
        rows = _all(queries, shop.account_id, sets.moved(scope, first, last, source, target, as_known=False))
        assert {row["contact_id"] for row in rows} == expected[source, target]


def test_as_known_the_same(database: Database, queries: Queries) -> None:
    draw, segments = Random(5), [Segment.RECENT, Segment.LOYAL, Segment.LOST]
    changes = [
        {
            "event_id": f"{contact}|{seq}",
            "account_id": "told",
            "contact_id": f"c{contact}",
            "seq": seq,
            "record_offset": seq,
            "to_segment": draw.choice(segments).value,
            "cause": Cause.ORDER.value,
            "effective_day": date(2026, 1, 1) + timedelta(days=6 * seq + draw.randrange(5)),
        }
        for contact in range(60)
        for seq in range(1, draw.randrange(2, 6))
    ]
    database.insert("segment_changes", pl.DataFrame(changes))
    people = [
        {"account_id": "told", "contact_id": f"c{n}", "segment": "lost", "orders": 1} for n in range(60)
    ]
    store_profiles(database, people)
    scope = Scope("told", date(2026, 2, 20), model_of())
    first, last = date(2026, 1, 12), date(2026, 1, 24)
    matrix = read_known_transitions(queries, scope, first, last)
    assert len(matrix) > 6
    for (source, target), contacts in matrix.items():
        chosen = sets.moved(scope, first, last, source, target, as_known=True)
        assert len(_all(queries, "told", chosen)) == contacts


def test_buyers_of_a_period_sum_to_its_sales(
    database: Database, queries: Queries, some_of_cdnow: dict[str, Shop]
) -> None:
    shop = some_of_cdnow["America/Santiago"]
    shop.store(database)
    rows = shop.profiles(TODAY)
    store_profiles(database, [row | {"origin": ["web", None][i % 2]} for i, row in enumerate(rows)])
    period = Period("custom", date(1997, 3, 1), date(1997, 4, 15))
    for whose in (EVERYBODY, Whose("web"), Whose("")):
        found = _all(queries, shop.account_id, sets.buyers(period, whose))
        sales = read_cells(queries, shop.account_id, whose).sales(period)
        assert len(found) == sales.buyers > 50
        assert sum(row["bought"] for row in found) == sales.orders
        assert sum(row["spent"] for row in found) == sales.revenue_minor
        assert [row["spent"] for row in found] == sorted((row["spent"] for row in found), reverse=True)


def test_moves_of_a_preview_and_cells_of_the_map_lead_to_their_contacts(
    database: Database, queries: Queries, some_of_cdnow: dict[str, Shop]
) -> None:
    shop = some_of_cdnow["UTC"]
    scores = [{"r": n % 5 + 1, "f": n % 3 + 1, "m": n % 2 + 1} for n in range(len(shop.bought))]
    profiles = [row | more for row, more in zip(shop.profiles(TODAY), scores, strict=True)]
    store_profiles(database, profiles)
    other = model_of(cuts={"r": [20, 60, 120, 400], "f": [1, 2, 3, 5], "m": [1_000, 2_000, 4_000, 8_000]})
    for (source, target), totals in read_preview(queries, shop.account_id, other, TODAY).moves.items():
        found = _all(queries, shop.account_id, sets.under(other, TODAY, source, target))
        assert len(found) == totals.contacts
        assert sum(row["revenue_minor"] for row in found) == totals.revenue_minor
    for cell in read_score_map(queries, shop.account_id, EVERYBODY):
        found = _all(queries, shop.account_id, sets.scored(cell.scores, EVERYBODY), 200)
        assert len(found) == cell.contacts
        assert sum(row["revenue_minor"] for row in found) == cell.revenue_minor


def test_sentiment_counts_contacts_and_no_data_is_not_neutral(database: Database, queries: Queries) -> None:
    draw = Random(2)
    feelings = ["positive", "neutral", "negative", None]
    rows = [
        _contact(i, sentiment=draw.choice(feelings), segment=draw.choice(["lost", "loyal"]))
        for i in range(80)
    ]
    store_profiles(database, rows)
    expected = Counter((row["segment"], row["sentiment"] or "no_data") for row in rows)
    counts = read_feelings(queries, "shop", EVERYBODY)
    assert {(s.value, f.value): n for s, by in counts.items() for f, n in by.items() if n} == expected
    for feeling in Feeling:
        chosen = Selection((Segment.LOST,), Whose(sentiment=feeling))
        page = read_page(queries, "shop", chosen, order=Order(), limit=200, cursor=None)
        assert len(page.rows) == page.total == expected["lost", feeling.value]


def test_interactions_of_a_period_by_channel(database: Database, queries: Queries) -> None:
    draw = Random(3)
    rows: list[dict[str, Any]] = [
        {
            "account_id": "shop",
            "contact_id": f"c{n % 20}",
            "interaction_id": f"i{n}",
            "day": date(2026, 11, 1) + timedelta(days=n % 20),
            "channel": draw.choice(["email", "whatsapp", None]),
            "sentiment": draw.choice([-1, 0, 1, None]),
        }
        for n in range(200)
    ]
    database.insert(
        "contact_interactions", numbered(pl.DataFrame(rows, schema_overrides={"sentiment": pl.Int8}))
    )
    period = Period("custom", date(2026, 11, 5), date(2026, 11, 11))
    within = [row for row in rows if period.first <= row["day"] <= period.last]
    sign = {1: "positive", 0: "neutral", -1: "negative", None: "no_data"}
    expected = Counter((row["channel"], sign[row["sentiment"]]) for row in within)
    found = read_interactions(queries, "shop", period, before(period), EVERYBODY)
    assert {
        (one.channel, feeling.value): n for one in found for feeling, n in one.interactions.items() if n
    } == expected
    earlier = [row for row in rows if date(2026, 10, 29) <= row["day"] <= date(2026, 11, 4)]
    assert {
        (one.channel, feeling.value): n
        for one in found
        for feeling, n in one.interactions_before.items()
        if n
    } == Counter((row["channel"], sign[row["sentiment"]]) for row in earlier)
    assert [one.total for one in found] == sorted((one.total for one in found), reverse=True)


@pytest.mark.parametrize("cursor", ["a", "!!", packed([2**63, "x"]), packed(["x", 1]), packed([1])])
def test_a_cursor_that_is_not_of_a_set_is_refused(queries: Queries, cursor: str) -> None:
    with pytest.raises(BadCursor):
        sets.read_set(queries, "shop", sets.scored((1, 1, 1), EVERYBODY), limit=5, cursor=cursor)


def _contact(number: int, **more: Any) -> dict[str, Any]:
    return {
        "account_id": "shop",
        "contact_id": f"c{number}",
        "segment": "lost",
        "orders": 2,
        "revenue_minor": 100 * (number % 9),
        **more,
    }
