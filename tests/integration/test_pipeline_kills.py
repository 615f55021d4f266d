"""The production pipeline under kills, pauses and restarts of everything it consists of."""

import signal
import time
from pathlib import Path

import pytest

from tests.faults.plant import Plant
from tests.fixtures.kafka import StartBroker

pytestmark = pytest.mark.faults

EVENTS = 200_000
KILLS = 12


def test_kills_of_workers_broker_and_sink_lose_nothing_and_double_nothing(
    start_broker: StartBroker, tmp_path: Path
) -> None:
    broker = start_broker()
    with Plant(broker, tmp_path, LATIDO_CHUNK_RECORDS="500") as plant:
        plant.shop.open_accounts()
        plant.shop.send_orders(EVENTS // 4)
        for _ in range(2):
            plant.start_worker()
        plant.start_sink(LATIDO_CRASH_AT="sink_before_insert")
        nemesis = _Nemesis(plant)
        plant.until(lambda: nemesis.kills == KILLS, 150, nemesis.turn)
        plant.shop.send_orders(EVENTS - nemesis.sent)
        plant.apply_all()
        drift = plant.assert_exact()
        assert drift.events == EVENTS
        assert drift.superseded > 0
        assert drift.clickhouse_rows
        assert plant.hidden() > 0, "no kill bit in mid-transaction"


class _Nemesis:
    """Sends slices of the load, kills a worker every few seconds, the sink and the broker in between."""

    def __init__(self, plant: Plant) -> None:
        self.kills = 0
        self.sent = EVENTS // 4
        self._plant = plant
        self._next_s = time.monotonic() + 3
        self._sinks = iter(
            ({"LATIDO_CRASH_AT": "sink_after_insert"}, {}, {}, {}, {}),
        )

    def turn(self) -> None:
        """A tenth of a second or so."""
        plant = self._plant
        if self.sent < EVENTS:
            plant.shop.send_orders(1_000)
            self.sent += 1_000
        if time.monotonic() < self._next_s:
            return
        self._next_s = time.monotonic() + plant.shop.random.uniform(1.0, 3.5)
        self.kills += 1
        plant.shop.random.choice(plant.workers.all).send(signal.SIGKILL)
        if self.kills % 3 == 0:
            plant.sink.stop(signal.SIGKILL)
            plant.start_sink(**next(self._sinks))
        if self.kills == KILLS // 2:
            plant.broker.kill()
            time.sleep(1)
            plant.broker.start()
