"""What the partitions of a worker do one after the other."""

import threading
import time

import pytest

from schemas.metrics import Metrics
from streams.engine import shared
from streams.engine.shared import Shared
from streams.settings import Settings
from tests.faults.toy import toy_application


@pytest.fixture
def worker() -> Shared:
    return Shared(toy_application(), Settings(), Metrics(), 4)


def test_partitions_fold_one_after_the_other(worker: Shared) -> None:
    at_once, most = [], []

    def fold() -> None:
        with worker.folding():
            at_once.append(1)
            most.append(len(at_once))
            time.sleep(0.01)
            at_once.pop()

    _run([threading.Thread(target=fold) for _ in range(8)])
    assert most == [1] * 8


def test_a_fold_that_waits_for_something_outside_holds_nobody_up(
    worker: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "_PATIENCE_S", 0.01)
    begun, answered = threading.Event(), threading.Event()

    def waits() -> None:
        with worker.folding():
            begun.set()
            answered.wait(30)

    stuck = threading.Thread(target=waits)
    stuck.start()
    begun.wait(30)
    with worker.folding():
        pass
    assert stuck.is_alive()
    answered.set()
    stuck.join()
    with worker.folding():
        assert worker._folding.locked()


def test_a_fold_that_fails_lets_the_next_one_in(worker: Shared) -> None:
    with pytest.raises(ValueError, match="bad"), worker.folding():
        raise ValueError("bad")
    assert not worker._folding.locked()


def _run(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
