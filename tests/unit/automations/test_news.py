"""Profiles say whether news made them, and automations ask for the silences they wait for."""

import pytest

from streams.rfm.calendar import DAY_MS, HOUR_MS
from streams.rfm.orders import Order
from tests.unit.agents.test_clockwork_and_restart import DAY, Shop


@pytest.mark.parametrize(
    ("age_hours", "backfill", "live"),
    [(0, False, True), (47, False, True), (49, False, False), (0, True, False)],
)
def test_a_profile_is_news_if_its_order_is(age_hours: int, backfill: bool, live: bool) -> None:
    shop = Shop()
    placed_ms = DAY * DAY_MS + 12 * HOUR_MS
    arrived_ms = placed_ms + age_hours * HOUR_MS
    order = Order("ana", "1", 1, placed_ms, "e", placed_ms, 1000, 0, False, arrived_ms)
    shop.partition.take("acme", [order._replace(backfill=backfill)], arrived_ms)
    [profile] = shop.partition.decoded("contact-profiles.v1", "contact_profile")
    assert profile["live"] is live


def test_an_active_automation_asks_for_the_silence_it_waits_for_since_it_was_activated() -> None:
    definitions = Shop().definitions
    body = {"name": "a", "trigger": {"kind": "silence", "days": 45}}
    definitions.define("acme", "automation", "a", {**body, "status": "draft"}, 1_000)
    assert definitions.milestones("acme") == ((30, 0),)
    definitions.define("acme", "automation", "a", {**body, "status": "active"}, 2_000)
    definitions.define("acme", "automation", "a", {**body, "status": "active", "name": "b"}, 3_000)
    assert definitions.milestones("acme") == ((30, 0), (45, 2_000))
    definitions.define("acme", "automation", "a", {**body, "status": "paused"}, 4_000)
    assert definitions.milestones("acme") == ((30, 0),)
