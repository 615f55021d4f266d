"""A worker that ends at any named point leaves nothing lost and nothing double."""

import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from streams.engine.crash import CrashPoint, ExitCode
from tests.faults.bench import Bench
from tests.faults.nemesis import Worker, Workers
from tests.fixtures.kafka import StartBroker

pytestmark = pytest.mark.faults


@pytest.fixture
def bench(start_broker: StartBroker, tmp_path: Path) -> Bench:
    """A log that holds something to restore from."""
    bench = Bench(start_broker().bootstrap, tmp_path)
    bench.send(2000)
    bench.flush()
    return bench


_POINTS = list(CrashPoint)
_IN_MID_TRANSACTION = (CrashPoint.AFTER_PRODUCE, CrashPoint.BEFORE_COMMIT)
_DISARMED = {"LATIDO_CRASH_AT": "", "TOY_TICK_MS": "0"}


@pytest.mark.parametrize("points", [_POINTS[::2], _POINTS[1::2]], ids=["one_half", "other_half"])
def test_ending_at_every_point(points: Sequence[CrashPoint], bench: Bench) -> None:
    with bench.workers(LATIDO_GROUP_INSTANCE_ID="first") as workers:
        worker = workers.start()
        workers.until(bench.is_applied, 60)
        worker.stop()
        for point in points:
            bench.send(2000)
            bench.flush()
            worker.with_settings(**_armed(point))
            worker.start()
            _provoke(point, worker, workers)
            assert worker.wait(30) == ExitCode.CRASH_POINT, f"{point}\n{workers.logs()}"
        worker.with_settings(**_DISARMED)
        worker.start()
        workers.until(bench.is_applied, 60)
    assert bench.problems() == []
    assert bench.hidden() > 0, "no point lay in mid-transaction"


def _armed(point: CrashPoint) -> dict[str, str]:
    """Settings under which the point lies where it hurts.

    The first revocation is that of a worker which joins and has nothing yet; the first transaction after a
    restore says that a chunk is tried and holds no event. Time passes only where a step is wanted: one of
    its transactions could come before the chunk's.
    """
    nth = 2 if point in (CrashPoint.IN_REVOKE, *_IN_MID_TRANSACTION) else 1
    return {
        "LATIDO_CRASH_AT": f"{point}:{nth}",
        "TOY_TICK_MS": "300" if point is CrashPoint.AFTER_STEP else "0",
    }


def _provoke(point: CrashPoint, worker: Worker, workers: Workers) -> None:
    """Revoking needs a second member, draining a signal; the rest happens by itself."""
    if point not in (CrashPoint.IN_REVOKE, CrashPoint.IN_DRAIN):
        return
    readies = worker.log.read_text().count("Worker ready")
    workers.until(lambda: worker.log.read_text().count("Worker ready") > readies, 30)
    if point is CrashPoint.IN_DRAIN:
        worker.send(signal.SIGTERM)
    else:
        workers.start(LATIDO_GROUP_INSTANCE_ID="second")
