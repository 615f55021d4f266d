"""A partition's changelogs are read beside the worker as they are in it."""

import pickle
import subprocess
import sys
import time

import pytest

from schemas.metrics import Metrics
from streams.engine.collecting import Job, collect, collect_apart
from streams.engine.contract import Output, RestoreFailed
from streams.engine.shared import Shared
from streams.engine.watermark import WATERMARKS_TOPIC
from streams.engine.writer import TransactionalWriter
from streams.settings import Settings
from tests.faults.toy import ToyCounts, toy_application
from tests.fixtures.kafka import Kafka

CHANGELOG = "contact-profiles.v1"


@pytest.fixture
def job(kafka: Kafka) -> Job:
    """Two transactions of counts in partition 1: a key is written twice, another one once."""
    settings = Settings(bootstrap_servers=kafka.provision(partitions=2))
    writer = TransactionalWriter(Shared(toy_application(), settings, Metrics(), 4), 1, 0)
    writer.fence(30)
    for counts in ({b"a": b"1", b"b": b"1"}, {b"a": b"2"}):
        written = Output(CHANGELOG, list(counts), list(counts.values()))
        writer.commit([written], Output(WATERMARKS_TOPIC, [b"toy|1"], [b"\x00"]))
    return Job(settings, 1, {CHANGELOG: 0}, time.monotonic() + 60, ToyCounts)


def test_another_process_collects_the_same(job: Job) -> None:
    here = collect(job)
    assert here.content == {b"a": 2, b"b": 1}
    assert here.records == {CHANGELOG: 3}
    assert collect_apart(job) == here


def test_what_fails_there_is_told_here(job: Job) -> None:
    with pytest.raises(RestoreFailed, match="deadline passed"):
        collect_apart(job._replace(deadline=time.monotonic()))


def test_a_process_that_ends_unasked_is_no_answer(job: Job) -> None:
    with pytest.raises(RestoreFailed, match="the reading process ended"):
        collect_apart(job._replace(collector=sys.exit))


def test_it_ends_with_its_worker(job: Job) -> None:
    command = [sys.executable, "-m", "streams.engine.collecting_process"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        pickle.dump(job._replace(collector=_hangs), process.stdin)
        process.stdin.close()
        assert process.wait(60) == 1


def _hangs() -> ToyCounts:
    time.sleep(600)
    return ToyCounts()
