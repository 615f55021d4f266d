"""A worker that sleeps past its session, and changes that were never committed: nobody hears of them."""

import signal
from pathlib import Path

import pytest

from schemas.records import Topic
from streams.engine.crash import ExitCode
from tests.faults.plant import Plant
from tests.fixtures.kafka import StartBroker

pytestmark = pytest.mark.faults


def test_workers_paused_past_their_session_change_nothing(start_broker: StartBroker, tmp_path: Path) -> None:
    with Plant(start_broker(), tmp_path) as plant:
        plant.shop.open_accounts()
        pair = [plant.start_worker(), plant.start_worker()]
        plant.shop.send_orders(2_000)
        plant.apply_all()
        for worker in (*pair, pair[0]):
            worker.send(signal.SIGSTOP)
            plant.spend(1, lambda: plant.shop.send_orders(200))
            # What came meanwhile can only be applied by the other one, once it holds every partition.
            plant.apply_all()
            plant.spend(1, lambda: plant.shop.send_orders(200))
            worker.send(signal.SIGCONT)
            plant.spend(2, lambda: plant.shop.send_orders(200))
        plant.apply_all()
        assert any(worker.exits for worker in pair), "nobody was fenced: the pauses did not bite"
        plant.assert_exact()


# The first transaction after a restore says that a chunk is tried; the second one holds it.
@pytest.mark.parametrize("point", ["after_produce:2", "before_commit:2"])
def test_an_aborted_change_reaches_nobody(start_broker: StartBroker, tmp_path: Path, point: str) -> None:
    with Plant(start_broker(), tmp_path) as plant:
        plant.shop.open_accounts()
        plant.shop.send_orders(3_000)
        plant.shop.flush()
        plant.start_sink()
        worker = plant.start_worker(LATIDO_CRASH_AT=point, LATIDO_CHUNK_RECORDS="200")
        assert worker.wait(60) == ExitCode.CRASH_POINT, plant.workers.logs()
        told = len(plant.log.read(Topic.SEGMENT_CHANGES, committed=False))
        worker.environment = {**worker.environment, "LATIDO_CRASH_AT": ""}
        worker.start()
        plant.apply_all()
        assert told > 0
        assert plant.hidden() > 0, "the crash did not bite"
        plant.assert_exact()
