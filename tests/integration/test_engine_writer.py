"""The fence, and what a worker needs of its topics, on a real broker."""

from pathlib import Path

import pytest

from schemas.metrics import Metrics
from streams.engine.contract import Output
from streams.engine.crash import ExitCode
from streams.engine.shared import Shared
from streams.engine.watermark import WATERMARKS_TOPIC
from streams.engine.writer import TransactionalWriter, WriterFailed
from streams.settings import Settings
from tests.faults.bench import Bench
from tests.faults.nemesis import Workers
from tests.faults.toy import EVENTS, toy_application
from tests.fixtures.kafka import StartBroker
from tests.integration.webhooks.bench import committed

pytestmark = pytest.mark.faults


def test_a_new_owner_fences_the_old_one(start_broker: StartBroker, tmp_path: Path) -> None:
    bench = Bench(start_broker().bootstrap, tmp_path)
    settings = Settings(bootstrap_servers=bench.log.bootstrap)
    shared = Shared(toy_application(), settings, Metrics(), 4)
    old, new = TransactionalWriter(shared, 0, 0), TransactionalWriter(shared, 0, 0)
    old.fence(30)
    old.commit([_event(b"first")], _watermark())
    new.fence(30)
    with pytest.raises(WriterFailed):
        old.commit([_event(b"late")], _watermark())
    new.commit([_event(b"second")], _watermark())
    assert [entry.value for entry in bench.log.read(EVENTS)] == [b"first", b"second"]


def test_headers_and_tombstones_are_written_as_given(start_broker: StartBroker, tmp_path: Path) -> None:
    bench = Bench(start_broker().bootstrap, tmp_path)
    settings = Settings(bootstrap_servers=bench.log.bootstrap)
    writer = TransactionalWriter(Shared(toy_application(), settings, Metrics(), 4), 2, 0)
    writer.fence(30)
    plain = Output(EVENTS, [b"a", b"b"], [b"1", None])
    headed = Output(EVENTS, [b"c"], [b"2"], [[("id", b"7")]])
    writer.commit([plain, headed], _watermark())
    entries = bench.log.read(EVENTS)
    assert [(entry.partition, entry.key, entry.value) for entry in entries] == [
        (2, b"a", b"1"),
        (2, b"b", b""),
        (2, b"c", b"2"),
    ]
    written = committed({"bootstrap.servers": bench.log.bootstrap}, EVENTS, 4)
    assert [message.headers() for message in written] == [None, None, [("id", b"7")]]


def test_missing_topics_end_the_worker_with_what_to_do(start_broker: StartBroker, tmp_path: Path) -> None:
    environment = {"LATIDO_BOOTSTRAP_SERVERS": start_broker().bootstrap}
    with Workers("tests.faults.toy_worker", tmp_path, environment) as workers:
        worker = workers.start()
        assert worker.wait(30) == ExitCode.TOPICS
        assert "latido topics apply" in worker.log.read_text()


def _event(value: bytes) -> Output:
    return Output(EVENTS, [b"key"], [value])


def _watermark() -> Output:
    return Output(WATERMARKS_TOPIC, [b"toy|0"], [b"\x00"])
