"""Real history, in three zones."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from deploy.local import cdnow
from sinks.clickhouse.database import Database
from sinks.clickhouse.queries import Queries
from tests.fixtures.clickhouse import emptied
from tests.unit.monitor_api.shop import Sale, Shop, model_of

CACHE = Path(__file__).resolve().parents[3] / ".cache"
ZONES = ("UTC", "America/Sao_Paulo", "America/Santiago")


@pytest.fixture
def database(opened: Database) -> Database:
    """Every table, empty."""
    return emptied(opened)


@pytest.fixture
def queries(database: Database) -> Queries:
    """The door to it."""
    return Queries(database)


def cdnow_sales() -> Iterator[Sale]:
    """CDNOW, each purchase at some minute of its day in UTC: in the Americas many fall on the eve."""
    draw = Random(1997)
    for customer, day, _, dollars in cdnow.purchases(cdnow.fetch(CACHE)):
        at = datetime.combine(day, time(tzinfo=UTC)) + timedelta(minutes=draw.randrange(1440))
        yield customer, at, int(100 * dollars)


@pytest.fixture(scope="session")
def cdnow_shops() -> dict[str, Shop]:
    """CDNOW in each zone, all of it."""
    shops = {zone: Shop(f"cdnow-{n}", ZoneInfo(zone), model_of()) for n, zone in enumerate(ZONES)}
    for shop in shops.values():
        shop.sell(cdnow_sales())
    return shops


@pytest.fixture(scope="session")
def some_of_cdnow() -> dict[str, Shop]:
    """Its first 8,000 purchases, for what plain Python computes slowly."""
    shops = {zone: Shop(f"some-{n}", ZoneInfo(zone), model_of()) for n, zone in enumerate(ZONES)}
    for shop in shops.values():
        shop.sell(islice(cdnow_sales(), 8_000))
    return shops


def days_between(first: date, last: date) -> list[date]:
    """Both included."""
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]
