"""Models, milestones and midnights, while workers die and after nobody was there."""

import signal
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.records import Cause, ClockKind, Topic
from streams.rfm.calendar import DAY_MS
from tests.faults.plant import PARTITIONS, Plant
from tests.faults.shop import ACCOUNTS
from tests.fixtures.kafka import StartBroker

pytestmark = pytest.mark.faults

_CUTS = {"cuts": {"r": [10, 20, 40, 80], "f": [1, 2, 3, 5], "m": [1_000, 9_000, 40_000, 90_000]}}


def test_models_published_under_fire_are_adopted_by_every_partition_once(
    start_broker: StartBroker, tmp_path: Path
) -> None:
    with Plant(start_broker(), tmp_path, LATIDO_STEP_EFFECTS="100") as plant:
        plant.shop.open_accounts()
        for _ in range(2):
            plant.start_worker()
        plant.shop.send_orders(8_000)
        plant.apply_all()
        for base, account_id in enumerate(("ipe", "ipe", "delta")):
            plant.shop.define(account_id, "model", "scoring", _CUTS, base=base % 2)
            plant.shop.define(account_id, "milestone", f"m{base}", {"days": [30 + base]})
            plant.shop.random.choice(plant.workers.all).send(signal.SIGKILL)
            plant.spend(2, lambda: plant.shop.send_orders(100))
        plant.apply_all()
        wanted = {("ipe", 3), ("delta", 2)}
        plant.until(lambda: _adopted(plant) >= {(*one, n) for one in wanted for n in range(PARTITIONS)})
        plant.until(lambda: _versions(plant) == {"ipe": {3}, "delta": {2}, "kiri": {1}, "thames": {1}})
        adoptions = Counter(
            (step["account_id"], step["model_version"], partition)
            for partition, step in _steps(plant)
            if step["kind"] == ClockKind.MODEL
        )
        assert set(adoptions.values()) == {1}, "a model was adopted twice by one partition"
        changes = list(plant.decoded(Topic.SEGMENT_CHANGES, "segment_change"))
        recalibrated = [change for change in changes if change["cause"] == Cause.RECALIBRATION]
        assert recalibrated
        assert all(change["historical"] for change in recalibrated)
        plant.assert_exact()


def test_nobody_decays_over_a_downtime_whose_order_waits(start_broker: StartBroker, tmp_path: Path) -> None:
    clock = _Clock(tmp_path / "clock")
    with Plant(start_broker(), tmp_path, LATIDO_CLOCK_FILE=str(clock.file)) as plant:
        shop = plant.shop
        shop.open_accounts()
        shop.define("ipe", "milestone", "m", {"days": [31]}, at_ms=shop.now_ms - DAY_MS)
        for number in range(300):
            shop.send_order(shop.order(contact_id=f"c{number}", placed_at=shop.now_ms - 29 * DAY_MS))
        worker = plant.start_worker(LATIDO_GROUP_INSTANCE_ID="only")
        plant.apply_all()
        worker.stop()
        for number in range(150):
            shop.send_order(shop.order(contact_id=f"c{number}"))
        shop.flush()
        clock.forward(days=3)
        worker.start()
        plant.until(lambda: len(_milestones(plant)) == 150)
        for _ in range(2):
            worker.send(signal.SIGKILL)
            plant.spend(3)
        plant.until(lambda: _decayed(plant) == {f"c{number}" for number in range(150, 300)})
        plant.spend(2)
        told = _milestones(plant)
        assert set(Counter(one["contact_id"] for one in told).values()) == {1}
        assert {one["contact_id"] for one in told} == {f"c{number}" for number in range(150, 300)}
        assert len({one["effective_day"] for one in told}) == 1
        assert not any(one["missed"] for one in told), "one day late is within the horizon"
        plant.assert_exact()


def test_milestones_of_a_long_downtime_are_said_to_be_missed(
    start_broker: StartBroker, tmp_path: Path
) -> None:
    clock = _Clock(tmp_path / "clock")
    with Plant(start_broker(), tmp_path, LATIDO_CLOCK_FILE=str(clock.file)) as plant:
        shop = plant.shop
        shop.open_accounts()
        shop.define("ipe", "milestone", "m", {"days": [31]}, at_ms=shop.now_ms - DAY_MS)
        for number in range(20):
            shop.send_order(shop.order(contact_id=f"c{number}", placed_at=shop.now_ms - 29 * DAY_MS))
        worker = plant.start_worker(LATIDO_GROUP_INSTANCE_ID="only")
        plant.apply_all()
        worker.stop()
        clock.forward(days=9)
        worker.start()
        plant.until(lambda: len(_milestones(plant)) == 20)
        plant.spend(2)
        assert [one["missed"] for one in _milestones(plant)] == [True] * 20
        plant.assert_exact()


class _Clock:
    """A clock that stands until it is moved."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._now = datetime.now(UTC)
        self.forward(days=0)

    def forward(self, days: int) -> None:
        """Move on."""
        self._now += timedelta(days=days)
        self.file.write_text(self._now.isoformat())


def _steps(plant: Plant) -> Iterator[tuple[int, dict[str, Any]]]:
    for entry in plant.log.read(Topic.CLOCK):
        yield entry.partition, plant.shop.codec.decode_one("clock_step", entry.value)


def _adopted(plant: Plant) -> set[tuple[str, int, int]]:
    return {(step["account_id"], step["model_version"], partition) for partition, step in _steps(plant)}


def _versions(plant: Plant) -> dict[str, set[int]]:
    """Models under which contacts stand, by account."""
    profiles = {
        (p["account_id"], p["contact_id"]): p["model_version"]
        for p in plant.decoded(Topic.CONTACT_PROFILES, "contact_profile")
    }
    return {one: {v for (account, _), v in profiles.items() if account == one} for one in ACCOUNTS}


def _milestones(plant: Plant) -> list[dict[str, Any]]:
    return list(plant.decoded(Topic.MILESTONES, "milestone"))


def _decayed(plant: Plant) -> set[str]:
    changes = plant.decoded(Topic.SEGMENT_CHANGES, "segment_change")
    return {change["contact_id"] for change in changes if change["cause"] == Cause.DECAY}
