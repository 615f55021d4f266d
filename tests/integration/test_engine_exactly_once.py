"""Every event counts once, whatever happens to workers and broker. The toy fold under the nemesis."""

import signal
from pathlib import Path

import pytest

from tests.faults.bench import Bench
from tests.fixtures.kafka import StartBroker

pytestmark = pytest.mark.faults


def test_two_workers_killed_again_and_again(start_broker: StartBroker, tmp_path: Path) -> None:
    bench = Bench(start_broker().bootstrap, tmp_path)
    with bench.workers(LATIDO_SESSION_TIMEOUT_S="3", LATIDO_CHUNK_RECORDS="200") as workers:
        for _ in range(2):
            workers.start()
        kills = 0

        def load_and_kill() -> None:
            nonlocal kills
            bench.send(400)
            if kills < 12 and bench.random.random() < 0.12:
                bench.random.choice(workers.all).send(signal.SIGKILL)
                kills += 1

        workers.until(lambda: kills == 12, 60, load_and_kill)
        bench.flush()
        # The group waits a session for each of the twelve dead members, one after the other: 37 s were seen.
        workers.until(bench.is_applied, 120)
    assert bench.problems() == []
    assert sum(bench.sent().values()) > 20_000


def test_a_worker_paused_past_its_session_changes_nothing(start_broker: StartBroker, tmp_path: Path) -> None:
    bench = Bench(start_broker().bootstrap, tmp_path)
    with bench.workers(LATIDO_SESSION_TIMEOUT_S="3") as workers:
        pair = [workers.start(), workers.start()]
        bench.send(2000)
        bench.flush()
        workers.until(bench.is_applied, 60)
        for worker in (*pair, *pair):
            ticks = iter(range(45))
            worker.send(signal.SIGSTOP)
            workers.until(lambda: next(ticks, None) is None, 20, lambda: bench.send(100))  # noqa: B023
            worker.send(signal.SIGCONT)
            ticks_after = iter(range(15))
            workers.until(lambda: next(ticks_after, None) is None, 20, lambda: bench.send(100))  # noqa: B023
        bench.flush()
        workers.until(bench.is_applied, 60)
        assert bench.problems() == []
        assert any(worker.exits for worker in pair), "nobody was fenced: the pauses did not bite"


def test_a_broker_that_is_killed_and_comes_back(start_broker: StartBroker, tmp_path: Path) -> None:
    broker = start_broker()
    bench = Bench(broker.bootstrap, tmp_path)
    with bench.workers(LATIDO_SESSION_TIMEOUT_S="3") as workers:
        for _ in range(2):
            workers.start()
        for _ in range(2):
            bench.send(5000)
            bench.flush()
            workers.until(bench.is_applied, 60)
            bench.send(5000)
            broker.kill()
            ticks = iter(range(30))
            workers.until(lambda: next(ticks, None) is None, 20)  # noqa: B023
            broker.start()
        bench.flush()
        workers.until(bench.is_applied, 60)
    assert bench.problems() == []
