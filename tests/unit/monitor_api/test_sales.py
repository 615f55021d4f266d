"""Sales of any period equal a recomputation in plain Python, in every zone."""

from collections import defaultdict
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from deploy.local import cdnow
from sinks.clickhouse.database import Database
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.sales import before, change, read_cells
from sinks.monitor.figures.whose import Whose
from sinks.periods import Period, Preset, custom, preset
from tests.unit.monitor_api.conftest import CACHE, ZONES, days_between
from tests.unit.monitor_api.shop import Shop, model_of, store_profiles

TODAY = date(1998, 7, 1)


def _periods() -> list[Period]:
    """Every preset; ranges drawn at random, around the clock changes of both zones, and all of history."""
    draw = Random(7)
    drawn = [
        sorted(date(1996, 12, 20) + timedelta(days=draw.randrange(558)) for _ in range(2)) for _ in range(12)
    ]
    fixed = [
        (date(1997, 3, 29), date(1997, 3, 30)),
        (date(1997, 10, 11), date(1997, 10, 12)),
        (date(1997, 2, 15), date(1997, 2, 16)),
        (date(1997, 10, 5), date(1997, 10, 6)),
        (date(1996, 12, 31), TODAY),
        (TODAY, TODAY),
    ]
    return [preset(which, TODAY) for which in Preset] + [custom(a, b, TODAY) for a, b in [*drawn, *fixed]]


@pytest.mark.parametrize("zone", ZONES)
def test_cdnow_for_every_preset_and_any_range_with_the_days_before(
    database: Database, queries: Queries, cdnow_shops: dict[str, Shop], zone: str
) -> None:
    shop = cdnow_shops[zone]
    shop.store(database)
    cells = read_cells(queries, shop.account_id)
    sold = _sold_by_day(shop)
    for period in _periods():
        for asked in (period, before(period)):
            assert asdict(cells.sales(asked)) == shop.sales(asked.first, asked.last), asked
        days = cells.by_day(period)
        assert [one.day for one in days] == days_between(period.first, period.last)
        assert [(one.orders, one.revenue_minor) for one in days] == [sold[one.day] for one in days]


def _sold_by_day(shop: Shop) -> defaultdict[date, tuple[int, int]]:
    """Orders and revenue of each day, by plain sums."""
    sold: defaultdict[date, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for days in shop.bought.values():
        for day, (orders, revenue) in days.items():
            sold[day] = (sold[day][0] + orders, sold[day][1] + revenue)
    return sold


def test_in_utc_without_times_the_known_means_come_out(database: Database, queries: Queries) -> None:
    """REQUIREMENTS A16: 14.85 and 367.22 days, as of the day after the last purchase."""
    shop = Shop("cdnow", ZoneInfo("UTC"), model_of())
    noon = time(12, tzinfo=UTC)
    lines = cdnow.purchases(cdnow.fetch(CACHE))
    shop.sell((who, datetime.combine(day, noon), int(100 * dollars)) for who, day, _, dollars in lines)
    shop.store(database)
    sales = read_cells(queries, "cdnow").sales(preset(Preset.LAST_30_DAYS, TODAY))
    assert (sales.recency_days, sales.recency_days_all) == (14.85, 367.22)


def test_an_origin_counts_its_own_contacts_only(
    database: Database, queries: Queries, some_of_cdnow: dict[str, Shop]
) -> None:
    shop = some_of_cdnow["UTC"]
    shop.store(database)
    rows = shop.profiles(TODAY)
    store_profiles(database, [row | {"origin": ["web", "fair", None][i % 3]} for i, row in enumerate(rows)])
    period = Period("custom", date(1997, 1, 1), date(1997, 12, 31))
    whole = read_cells(queries, shop.account_id).sales(period)
    parts = [read_cells(queries, shop.account_id, Whose(name)).sales(period) for name in ("web", "fair", "")]
    assert sum(part.revenue_minor for part in parts) == whole.revenue_minor
    assert sum(part.buyers for part in parts) == whole.buyers
    assert all(part.orders for part in parts)


def test_an_account_without_purchases_has_zeros_and_no_means(queries: Queries) -> None:
    sales = read_cells(queries, "empty").sales(preset(Preset.LAST_30_DAYS, TODAY))
    assert (sales.orders, sales.revenue_minor, sales.buyers) == (0, 0, 0)
    assert sales.recency_days is sales.recency_days_all is sales.average_ticket_minor is None


def test_growth_over_zero_or_from_nothing_is_nothing() -> None:
    assert change(5, 0) is None
    assert change(None, 4) is None
    assert change(5, None) is None
    assert change(0, 4) == -1.0
    assert change(5, 4) == 0.25
