"""Real data: CDNOW, 69,659 purchases of 23,570 customers, through the fold and through the slow way."""

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from deploy.local import cdnow
from streams.rfm.account import Account
from streams.rfm.batch import recompute
from streams.rfm.calendar import DAY_MS, Calendar, to_day
from streams.rfm.effects import Effects
from streams.rfm.facts import ContactFacts, ContactId, facts_of
from streams.rfm.fold import PartitionState
from streams.rfm.history import Logged, Recorded
from streams.rfm.model import ScoringModel, default_value_cuts
from streams.rfm.orders import Order
from streams.rfm.segments import Segment

CACHE = Path(__file__).resolve().parents[2] / ".cache"
TODAY = to_day(date(1998, 7, 1))
FIRST, LAST = to_day(date(1998, 6, 1)), to_day(date(1998, 6, 30))
CDNOW = Account("cdnow", Calendar("UTC"), "USD", ScoringModel(default_value_cuts("USD")))

Contacts = dict[ContactId, ContactFacts]


@pytest.fixture(scope="module")
def orders() -> list[Order]:
    """Every line is an order, zero values and repeated lines too."""
    return [_order(number, *line) for number, line in enumerate(cdnow.purchases(cdnow.fetch(CACHE)), start=1)]


def _order(number: int, customer: str, day: date, _quantity: int, value: Decimal) -> Order:
    placed_ms = to_day(day) * DAY_MS
    total_minor = int(100 * value)
    arrived_ms = TODAY * DAY_MS
    return Order(
        contact_id=customer,
        order_id=str(number),
        version=1,
        updated_at_ms=placed_ms,
        event_id=f"e{number}",
        placed_at_ms=placed_ms,
        placed=True,
        total_minor=total_minor,
        refunded_minor=0,
        backfill=True,
        arrived_at_ms=arrived_ms,
    )


@pytest.fixture(scope="module")
def folded(orders: list[Order]) -> Contacts:
    """All of it as of 1998-07-01, history first and the days after."""
    state, effects = PartitionState(), Effects()
    account = state.open(CDNOW, TODAY - 400, effects)
    for order in orders:
        state.apply_order(account, order, effects)
    state.advance(account, TODAY, effects)
    state.settle(account, len(orders), effects)
    return facts_of(state)


def test_there_are_as_many_purchases_as_the_paper_says(orders: list[Order], folded: Contacts) -> None:
    assert len(orders) == 69_659
    assert len(folded) == 23_570
    assert sum(order.total_minor == 0 for order in orders) == 80


def test_the_segments_are_the_known_ones(folded: Contacts) -> None:
    assert Counter(facts.segment for facts in folded.values()) == {
        Segment.CHAMPIONS: 280,
        Segment.LOYAL: 2171,
        Segment.POTENTIAL_LOYALIST: 1016,
        Segment.NEED_ATTENTION: 1249,
        Segment.ABOUT_TO_SLEEP: 644,
        Segment.AT_RISK: 2491,
        Segment.CANT_LOSE: 64,
        Segment.HIBERNATING: 1406,
        Segment.LOST: 14_249,
    }


def test_the_slow_way_comes_to_the_same_facts(orders: list[Order], folded: Contacts) -> None:
    effects = Effects()
    state = PartitionState()
    state.advance(state.open(CDNOW, TODAY - 400, effects), TODAY, effects)
    log = [Logged(CDNOW.id, "orders.v1", offset, order) for offset, order in enumerate(orders)]
    steps = [Recorded(step, {}) for step in effects.steps]
    assert recompute({CDNOW.id: CDNOW}, log, steps) == folded


def test_the_sales_of_the_last_30_days_are_the_known_ones(folded: Contacts) -> None:
    in_period = [row for facts in folded.values() for row in facts.days if FIRST <= row.day <= LAST]
    buyers = sum(1 for row in in_period if row.prev_day is None or row.prev_day < FIRST)
    days_but_last = sum(row.prev_day for row in in_period if row.prev_day and row.prev_day >= FIRST)
    last_days = sum(row.day for row in in_period) - days_but_last
    assert sum(row.orders for row in in_period) == 2_043
    assert sum(row.revenue_minor for row in in_period) == 7_610_930
    assert buyers == 1_506
    assert round(LAST - last_days / buyers, 2) == 14.85
    ages = [LAST - facts.last_order_day for facts in folded.values() if facts.last_order_day is not None]
    assert round(sum(ages) / len(ages), 2) == 367.22
