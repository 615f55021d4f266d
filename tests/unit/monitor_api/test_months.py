"""Cells kept by month equal cells read anew, whatever arrives in whatever order."""

from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from sinks.clickhouse.database import Database
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.months import MonthCells
from sinks.monitor.figures.sales import Cells, read_cells
from tests.unit.monitor_api.shop import Sale, Shop, model_of

UTC = ZoneInfo("UTC")


def _sorted(cells: Cells) -> list[tuple[int, ...]]:
    columns = (cells.day, cells.before, cells.contacts, cells.orders, cells.revenue_minor)
    return sorted(map(tuple, np.stack(columns, axis=1).tolist()))


def _sales(draw: Random, count: int, since: date, days: int) -> list[Sale]:
    noon = datetime(since.year, since.month, since.day, 12, tzinfo=UTC)
    return [
        (f"c{draw.randrange(40)}", noon + timedelta(days=draw.randrange(days)), draw.randrange(5_000))
        for _ in range(count)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_late_and_new_orders_move_the_months_they_touch(
    database: Database, queries: Queries, seed: int
) -> None:
    draw, kept = Random(seed), MonthCells(queries)
    shop = Shop("shop", UTC, model_of())
    shop.sell(_sales(draw, 200, date(2024, 1, 1), 700))
    shop.store(database)
    assert _sorted(kept.of("shop")) == _sorted(read_cells(queries, "shop"))
    for step in range(1, 6):
        late = draw.choice([True, False])
        since, days = (date(2023, 12, 1), 700) if late else (date(2025, 12, 1), 20)
        shop.sell(_sales(draw, 2, since, days))
        shop.store(database, first=step * 10_000)
        assert _sorted(kept.of("shop")) == _sorted(read_cells(queries, "shop"))


def test_an_account_without_purchases_has_no_cells(queries: Queries) -> None:
    assert _sorted(MonthCells(queries).of("nobody")) == []
