"""The production pipeline under kills and restarts of everything it consists of."""

import signal
from pathlib import Path

import pytest

from schemas.records import Topic
from streams.engine.crash import ExitCode
from tests.faults.plant import Plant
from tests.faults.storm import Storm
from tests.fixtures.chronicle import Tell
from tests.fixtures.kafka import StartBroker

pytestmark = pytest.mark.faults

EVENTS = 200_000
KILLS = 12


def test_kills_of_workers_broker_and_sink_lose_nothing_and_double_nothing(
    start_broker: StartBroker, tmp_path: Path, tell: Tell
) -> None:
    with Plant(start_broker(), tmp_path, contacts=20_000) as plant:
        plant.shop.open_accounts()
        pair = [plant.start_worker(), plant.start_worker()]
        storm = Storm(plant, KILLS)
        storm.start_sink()
        sent = 0

        def turn() -> None:
            nonlocal sent
            behind = sent < EVENTS * (storm.kills + 1) / (KILLS + 1)
            plant.shop.send_orders(2_000 if behind else 100)
            sent += 2_000 if behind else 100
            storm.turn()

        plant.until(lambda: storm.is_over, 400, turn)
        rest = max(0, EVENTS - sent)
        plant.shop.send_orders(rest)
        plant.apply_all(240)
        hidden = plant.hidden(Topic.CONTACT_ORDERS) + plant.hidden(Topic.SEGMENT_CHANGES)
        drift = plant.assert_exact()
        tell(f"{storm}; {drift.events} orders, {drift.changes} changes, {hidden} aborted outputs")
        assert sum(worker.exits.count(-signal.SIGKILL) for worker in pair) >= 10
        assert storm.rebalances >= 10
        assert storm.broker_kills == 1
        assert storm.sink_exits[ExitCode.CRASH_POINT] == 2
        assert storm.sink_exits[-signal.SIGKILL] >= 2
        assert hidden > 0, "no kill bit in mid-transaction"
        assert drift.events == sent + rest >= EVENTS
        assert drift.superseded > 0
        assert drift.clickhouse_rows
