"""Movement, trend and the base as of a day equal a recomputation in plain Python, in every zone."""

from collections import Counter
from datetime import date, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest

from schemas.records import Cause, Segment
from sinks.clickhouse.database import Database
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.movement import (
    Scope,
    read_base_as_of,
    read_known_transitions,
    read_transitions,
    read_trend,
)
from tests.unit.monitor_api.conftest import ZONES, days_between
from tests.unit.monitor_api.shop import Shop, model_of, numbered, store_profiles

TODAY = date(1998, 7, 1)


def _scope(shop: Shop) -> Scope:
    return Scope(shop.account_id, TODAY, shop.model)


@pytest.mark.parametrize("zone", ZONES)
def test_any_two_days_of_cdnow(
    database: Database, queries: Queries, some_of_cdnow: dict[str, Shop], zone: str
) -> None:
    shop, draw = some_of_cdnow[zone], Random(3)
    shop.store(database)
    drawn = [
        sorted(date(1996, 12, 25) + timedelta(days=draw.randrange(550)) for _ in range(2)) for _ in range(5)
    ]
    for first, last in [*drawn, [date(1997, 10, 11), date(1997, 10, 12)], [TODAY, TODAY]]:
        matrix = read_transitions(queries, _scope(shop), first, last)
        assert matrix == shop.moves(first, last), (first, last)


@pytest.mark.parametrize("zone", ZONES)
def test_every_day_of_a_trend(
    database: Database, queries: Queries, some_of_cdnow: dict[str, Shop], zone: str
) -> None:
    shop = some_of_cdnow[zone]
    shop.store(database)
    for first, last in [(date(1997, 3, 1), date(1997, 4, 15)), (date(1998, 6, 20), TODAY)]:
        trend = read_trend(queries, _scope(shop), first, last)
        assert list(trend) == days_between(first, last)
        for day, counts in trend.items():
            assert Counter({s: n for s, n in counts.items() if n}) == shop.standing(day), day


def test_the_matrix_sums_to_the_base_at_both_ends(
    database: Database, queries: Queries, some_of_cdnow: dict[str, Shop]
) -> None:
    shop = some_of_cdnow["America/Santiago"]
    shop.store(database)
    first, last = date(1997, 2, 10), date(1997, 11, 3)
    matrix = read_transitions(queries, _scope(shop), first, last)
    for day, side in ((first, 0), (last, 1)):
        sums: Counter[str] = Counter()
        for pair, contacts in matrix.items():
            sums[pair[side]] += contacts
        base = read_base_as_of(queries, _scope(shop), day)
        assert {s: n for s, n in sums.items() if s != "new"} == {s.value: t.contacts for s, t in base.items()}


def test_a_purchase_dated_ahead_counts_today_and_not_yesterday(database: Database, queries: Queries) -> None:
    rows = [
        ("ahead", "c", TODAY - timedelta(days=100), None, 1, 3_000),
        ("ahead", "c", TODAY + timedelta(days=1), TODAY - timedelta(days=100), 1, 3_000),
    ]
    names = ["account_id", "contact_id", "day", "prev_day", "orders", "revenue_minor"]
    database.insert("contact_days", numbered(pl.DataFrame(rows, schema=names, orient="row")))
    profile = {"account_id": "ahead", "contact_id": "c", "orders": 2, "revenue_minor": 6_000}
    store_profiles(database, [profile | {"last_order_day": TODAY + timedelta(days=1)}])
    scope, yesterday = Scope("ahead", TODAY, model_of()), TODAY - timedelta(days=1)
    cells = model_of().cells
    (pair,) = read_transitions(queries, scope, yesterday, TODAY)
    assert pair == (cells[3, 1, 2], cells[5, 2, 2])
    trend = read_trend(queries, scope, yesterday, TODAY)
    assert [{s for s, n in counts.items() if n} for counts in trend.values()] == [{pair[0]}, {pair[1]}]
    assert sum(trend[TODAY].values()) == 1


def _change(contact: str, seq: int, day: date, to: Segment, cause: Cause = Cause.ORDER) -> dict[str, Any]:
    return {
        "event_id": f"{contact}|{seq}",
        "account_id": "told",
        "contact_id": contact,
        "seq": seq,
        "record_offset": seq,
        "to_segment": to.value,
        "cause": cause.value,
        "effective_day": day,
    }


def test_as_known_follows_the_changes_that_had_taken_effect(database: Database, queries: Queries) -> None:
    first, last = date(2026, 1, 10), date(2026, 1, 20)
    changes = [
        _change("stays", 1, date(2026, 1, 1), Segment.RECENT),
        _change("moves", 1, date(2026, 1, 10), Segment.RECENT),
        _change("moves", 2, date(2026, 1, 15), Segment.CHAMPIONS),
        _change("moves", 3, date(2026, 1, 21), Segment.LOST),
        _change("comes", 1, date(2026, 1, 11), Segment.RECENT),
        _change("goes", 1, date(2026, 1, 1), Segment.LOYAL),
        _change("goes", 2, date(2026, 1, 20), Segment.NO_PURCHASES, Cause.ERASURE),
        _change("gone", 1, date(2026, 1, 1), Segment.LOYAL),
        _change("gone", 2, date(2026, 1, 2), Segment.NO_PURCHASES, Cause.ERASURE),
    ]
    database.insert("segment_changes", pl.DataFrame(changes))
    scope = Scope("told", date(2026, 2, 1), model_of())
    assert read_known_transitions(queries, scope, first, last) == {
        ("recent", "recent"): 1,
        ("recent", "champions"): 1,
        ("new", "recent"): 1,
        ("loyal", "erased"): 1,
    }
    assert read_transitions(queries, scope, first, last) == {("loyal", "erased"): 1}
