"""The production pipeline under kills of everything it consists of.

All inputs at once, half of them on partitions that murmur2 would not choose; definitions edited meanwhile.
"""

import signal
from collections import Counter
from pathlib import Path

import pytest

from schemas.keys import home_of
from schemas.records import Cause, ClockKind, Topic
from streams.engine.crash import ExitCode
from tests.faults.plant import PARTITIONS, Plant
from tests.faults.shop import ACCOUNTS
from tests.faults.storm import Storm
from tests.fixtures.chronicle import Tell
from tests.fixtures.kafka import StartBroker

pytestmark = pytest.mark.faults

KILLS = 12
EVENTS = 60_000
_VALUE_CUTS = ([1_000, 9_000, 40_000, 90_000], [5_000, 20_000, 60_000, 150_000])


def test_kills_of_workers_broker_and_sink_lose_nothing_and_double_nothing(
    start_broker: StartBroker, tmp_path: Path, tell: Tell
) -> None:
    with Plant(start_broker(), tmp_path, LATIDO_STEP_EFFECTS="100") as plant:
        plant.shop.open_accounts()
        stranger = plant.shop.sender(partitioner="consistent_random")
        pair = [plant.start_worker(), plant.start_worker()]
        storm = Storm(plant, KILLS)
        storm.start_sink()
        sent = edits = 0

        def turn() -> None:
            nonlocal sent, edits
            half = 400 if sent < EVENTS * (storm.kills + 1) / (KILLS + 1) else 15
            plant.shop.send_mixture(half, stranger)
            plant.shop.send_mixture(half)
            sent += 2 * half
            if edits < storm.kills:
                _edit(plant, edits)
                edits += 1
            storm.turn()

        plant.until(lambda: storm.is_over, 400, turn)
        rest = max(0, EVENTS - sent)
        plant.shop.send_mixture(rest)
        plant.shop.flush(stranger)
        plant.apply_all(240)
        plant.apply_all(240)
        plant.until(lambda: _adopted(plant) >= _wanted(edits), 120)
        hidden = plant.hidden(Topic.CONTACT_ORDERS) + plant.hidden(Topic.SEGMENT_CHANGES)
        drift = plant.assert_exact()
        tell(f"{storm}; {drift.events - drift.rerouted} events, {drift.rerouted} rerouted, {edits} edits")
        assert sum(worker.exits.count(-signal.SIGKILL) for worker in pair) >= KILLS - 1
        assert storm.rebalances >= KILLS // 2
        assert (storm.broker_kills, storm.sink_exits[ExitCode.CRASH_POINT]) == (1, 2)
        assert storm.sink_exits[-signal.SIGKILL] >= 2
        assert hidden > 0, "no kill bit in mid-transaction"
        assert drift.events - drift.rerouted == sent + rest >= EVENTS
        assert drift.rerouted > EVENTS / 4
        assert drift.too_late > 0
        assert drift.superseded > 0
        assert drift.clickhouse_rows
        assert set(_adoptions(plant).values()) == {1}, "a model was adopted twice by one partition"
        causes = {change["cause"] for change in plant.decoded(Topic.SEGMENT_CHANGES, "segment_change")}
        assert causes >= {Cause.ORDER, Cause.AMENDMENT, Cause.RECALIBRATION, Cause.ERASURE}
        homes = {(one.key, one.partition) for one in plant.log.read(Topic.CONTACT_PROFILES)}
        assert all(home_of(key, PARTITIONS) == partition for key, partition in homes)


def _edit(plant: Plant, number: int) -> None:
    """A model and a milestone for each account in turn, the model with weight for interactions."""
    turn, place = divmod(number, len(ACCOUNTS))
    account_id = list(ACCOUNTS)[place]
    body = {"cuts": {"m": _VALUE_CUTS[turn % 2]}, "interaction_weight": 0.5}
    plant.shop.define(account_id, "model", "scoring", body, base=turn)
    plant.shop.define(account_id, "milestone", f"m{number}", {"days": [30 + number]})


def _wanted(edits: int) -> set[tuple[str, int, int]]:
    """The last model of each account, adopted by every partition."""
    names = list(ACCOUNTS)
    last = {names[number % len(names)]: number // len(names) + 2 for number in range(edits)}
    return {(*one, partition) for one in last.items() for partition in range(PARTITIONS)}


def _adoptions(plant: Plant) -> Counter[tuple[str, int, int]]:
    """How often each partition adopted a version of an account's model."""
    found: Counter[tuple[str, int, int]] = Counter()
    for entry in plant.log.read(Topic.CLOCK):
        step = plant.shop.codec.decode_one("clock_step", entry.value)
        if step["kind"] == ClockKind.MODEL:
            found[step["account_id"], step["model_version"], entry.partition] += 1
    return found


def _adopted(plant: Plant) -> set[tuple[str, int, int]]:
    """Models that stand, by account, version and partition."""
    return set(_adoptions(plant))
