"""Milestones: so many days of silence, told once, at the hour, if time reaches them; and restarts."""

from typing import Any

import pytest

from streams.rfm.calendar import DAY_MS, HOUR_MS
from streams.rfm.interactions import Interaction
from streams.rfm.orders import Order
from tests.properties.partition import EVERYONE, Partition, Unplugged
from tests.properties.strategies import Removing

DAY = 20_000
"""The day of the first purchase, in UTC; the account's hour is 10."""


class Shop:
    """An account that asks for 30 days of silence since `asked_at`, and one partition of it."""

    def __init__(self, asked_at_ms: int = 0) -> None:
        self.definitions = Unplugged()
        self.definitions.define("acme", "account", "acme", {"time_zone": "UTC", "currency": "USD"})
        self.definitions.define("acme", "milestone", "silence", {"days": [30]}, asked_at_ms)
        self.partition = Partition(self.definitions)
        self._events = iter(range(1_000))

    def order(
        self,
        day: int,
        order_id: str = "1",
        version: int = 1,
        at: int | None = None,
        contact_id: str = "ana",
        **more: Any,
    ) -> None:
        """An order, placed at noon of a day, arriving at noon of day `at` or of the same."""
        arrived = (day if at is None else at) * DAY_MS + 12 * HOUR_MS
        placed, event_id = day * DAY_MS + 12 * HOUR_MS, f"e{next(self._events)}"
        order = Order(
            contact_id, order_id, version, arrived, event_id, placed, 1000, 0, False, arrived, **more
        )  # fmt: skip
        self.partition.take("acme", [order], arrived)

    def pass_to(self, day: int, hour: int) -> None:
        """Let time pass to an hour of a day."""
        self.partition.pass_to(day * DAY_MS + hour * HOUR_MS, EVERYONE)

    def told(self) -> list[tuple[int, int, bool]]:
        """(last day, effective day, missed) of every milestone."""
        rows = self.partition.decoded("milestones.v1", "milestone")
        return [(row["last_order_day"], row["effective_day"], row["missed"]) for row in rows]


@pytest.fixture
def shop() -> Shop:
    """Ana has bought on DAY."""
    made = Shop()
    made.order(DAY)
    return made


ONCE = [(DAY, DAY + 30, False)]


def test_it_is_told_once_at_the_hour_of_its_day(shop: Shop) -> None:
    for day in range(DAY, DAY + 30):
        shop.pass_to(day, 23)
    shop.pass_to(DAY + 30, 9)
    assert shop.told() == []
    shop.pass_to(DAY + 30, 10)
    assert shop.told() == ONCE
    for hour in (11, 23, 30, 60):
        shop.pass_to(DAY + 30, hour)
    assert shop.told() == ONCE
    (milestone,) = shop.partition.decoded("milestones.v1", "milestone")
    assert milestone["occurred_at"] == (DAY + 30) * DAY_MS + 10 * HOUR_MS


def test_a_new_order_cancels_it_and_begins_anew(shop: Shop) -> None:
    shop.pass_to(DAY + 20, 12)
    shop.order(DAY + 20, "2")
    shop.pass_to(DAY + 49, 23)
    assert shop.told() == []
    shop.pass_to(DAY + 50, 10)
    assert shop.told() == [(DAY + 20, DAY + 50, False)]


def test_an_amendment_that_jumps_past_it_tells_nothing(shop: Shop) -> None:
    shop.order(DAY - 5, "0")
    shop.pass_to(DAY + 26, 12)
    shop.order(DAY, version=2, at=DAY + 26, placed=False)
    for day in range(DAY + 26, DAY + 40):
        shop.pass_to(day, 23)
    assert shop.told() == []


def test_an_amendment_back_to_a_day_told_already_tells_nothing_again(shop: Shop) -> None:
    shop.pass_to(DAY + 30, 10)
    shop.order(DAY + 30, "2")
    shop.order(DAY + 30, "2", version=2, placed=False)
    shop.pass_to(DAY + 33, 23)
    assert shop.told() == ONCE


def test_who_was_removed_is_told_of_no_more(shop: Shop) -> None:
    shop.partition.take("acme", [Removing("ana", (DAY + 3) * DAY_MS)], (DAY + 3) * DAY_MS)
    shop.pass_to(DAY + 31, 23)
    assert shop.told() == []


@pytest.mark.parametrize(("hour", "told"), [(9, ONCE), (10, ONCE), (11, [])])
def test_asked_for_after_the_hour_it_is_not_told_that_day(hour: int, told: list[object]) -> None:
    shop = Shop((DAY + 30) * DAY_MS + hour * HOUR_MS)
    shop.order(DAY)
    shop.pass_to(DAY + 30, 8)
    shop.pass_to(DAY + 31, 23)
    assert shop.told() == told


@pytest.mark.parametrize(
    ("late_hours", "missed"), [(0, False), (14, False), (48, False), (49, True), (400, True)]
)
def test_after_downtime_it_is_late_within_the_horizon_and_missed_beyond(
    shop: Shop, late_hours: int, missed: bool
) -> None:
    shop.pass_to(DAY + 30, 10 + late_hours)
    assert shop.told() == [(DAY, DAY + 30, missed)]


def test_a_restart_on_the_first_day_does_not_tell_what_that_day_had_behind_it() -> None:
    shop = Shop()
    shop.order(DAY, at=DAY + 30)
    shop.partition = shop.partition.restarted(shop.definitions, compacted=True)
    shop.pass_to(DAY + 33, 23)
    assert shop.told() == []


def test_a_model_published_while_nobody_was_here_is_recorded_when_it_is_adopted(shop: Shop) -> None:
    shop.definitions.define("acme", "model", "scoring", {"interaction_weight": 1})
    shop.partition = shop.partition.restarted(shop.definitions, compacted=True)
    shop.pass_to(DAY, 13)
    steps = shop.partition.decoded("clock.v1", "clock_step")
    assert [(step["kind"], step["model_version"]) for step in steps] == [("opened", 1), ("model", 2)]


def test_a_model_waits_until_the_midnight_before_it_is_done(shop: Shop) -> None:
    for number in range(6):
        shop.order(DAY, str(number), contact_id=f"c{number}")
    noon_ms = (DAY + 31) * DAY_MS
    shop.partition.pass_to(noon_ms, 2, 1)
    shop.definitions.define("acme", "model", "scoring", {"cuts": {"f": [0, 2, 4, 7]}})
    shop.partition.pass_to(noon_ms, 2)
    causes: dict[str, list[str]] = {}
    for change in shop.partition.decoded("segment-changes.v1", "segment_change"):
        causes.setdefault(change["contact_id"], []).append(change["cause"])
    assert causes == {contact: ["order", "decay", "recalibration"] for contact in causes}
    assert len(causes) == 7


def test_a_restart_has_forgotten_what_was_forgotten(shop: Shop) -> None:
    noon_ms = DAY * DAY_MS + 12 * HOUR_MS
    talk = Interaction("ana", "x", 1, noon_ms, "t1", noon_ms, 1, False, noon_ms)
    shop.partition.take("acme", [talk], noon_ms)
    shop.pass_to(DAY + 91, 12)
    for partition in (shop.partition, shop.partition.restarted(shop.definitions, compacted=True)):
        ana = partition.fold._state.accounts["acme"].everyone()["ana"]
        assert (dict(ana.talks), ana.forgotten, ana.interactions) == ({}, ("x",), 1)
