"""A worker that ends at any named point leaves nothing lost and nothing double."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.broker import Broker
from streams.engine.crash import CrashPoint, ExitCode
from tests.faults.bench import Bench
from tests.faults.nemesis import Worker, Workers

pytestmark = pytest.mark.faults

_TICKS = {"TOY_TICK_MS": "300"}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One log over all points: each starts from what the others left."""
    broker = Broker(tmp_path_factory.mktemp("broker"))
    broker.start()
    bench = Bench(broker.bootstrap, tmp_path_factory.mktemp("logs"))
    bench.send(2000)
    bench.flush()
    with bench.workers(**_TICKS, LATIDO_GROUP_INSTANCE_ID="first") as workers:
        worker = workers.start()
        workers.until(bench.is_applied, 30)
        worker.stop()
    yield bench
    broker.stop()


@pytest.mark.parametrize("point", list(CrashPoint))
def test_ending_at(point: CrashPoint, bench: Bench) -> None:
    bench.send(3000)
    bench.flush()
    with bench.workers(**_TICKS, LATIDO_GROUP_INSTANCE_ID="first") as workers:
        worker = workers.start(LATIDO_CRASH_AT=_armed(point))
        _provoke(point, worker, workers)
        assert worker.wait(30) == ExitCode.CRASH_POINT, workers.logs()
        worker.with_settings(LATIDO_CRASH_AT="")
        worker.start()
        bench.send(1000)
        bench.flush()
        workers.until(bench.is_applied, 30)
    assert bench.problems() == []


def test_the_points_in_a_transaction_leave_something_to_hide(bench: Bench) -> None:
    assert bench.hidden() > 0


def _armed(point: CrashPoint) -> str:
    return f"{point}:2" if point in (CrashPoint.IN_REVOKE, CrashPoint.AFTER_STEP) else point


def _provoke(point: CrashPoint, worker: Worker, workers: Workers) -> None:
    """Revoking needs a second member, draining a signal; the rest happens by itself."""
    if point not in (CrashPoint.IN_REVOKE, CrashPoint.IN_DRAIN):
        return
    workers.until(lambda: "Worker ready" in worker.log.read_text(), 30)
    if point is CrashPoint.IN_DRAIN:
        worker.send(signal.SIGTERM)
    else:
        workers.start(LATIDO_GROUP_INSTANCE_ID="second")
