"""ClickHouse away: the sink keeps its place in the group and catches up. Kafka away: it ends when asked."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest

from schemas import provision
from schemas.codec import default_codec
from schemas.keys import contact_key
from schemas.metrics import Metrics
from sinks.clickhouse.consumer import SinkConsumer
from sinks.clickhouse.database import Database
from sinks.clickhouse.progress import Progress
from sinks.settings import SinkSettings
from tests.fixtures.clickhouse import emptied
from tests.fixtures.kafka import StartBroker
from tests.integration.sink_process import Published, publish

DEADLINE_SECONDS = 60
CONTACTS = 500


class _Outage(Database):
    """The embedded database, refusing inserts while `away` is set."""

    def __init__(self, path: Path) -> None:
        super().__init__(path=path)
        self.away = threading.Event()
        self.refused = threading.Semaphore(0)

    def insert(self, table: str, frame: pl.DataFrame) -> None:
        if self.away.is_set():
            self.refused.release()
            raise ConnectionError("ClickHouse is away")
        super().insert(table, frame)


@pytest.fixture
def database(opened: Database, clickhouse_dir: Path) -> Iterator[_Outage]:
    emptied(opened)
    failing = _Outage(clickhouse_dir)
    yield failing
    failing.close()


def _profiles(first: int, last: int) -> list[Published]:
    numbers = range(first, last)
    columns = {
        "account_id": ["shop"] * len(numbers),
        "contact_id": [f"c{n}" for n in numbers],
        "segment": ["loyal"] * len(numbers),
    }
    values = default_codec().encode_block("contact_profile", columns | {"sequence": list(numbers)})
    return [(contact_key("shop", f"c{n}"), value, {}) for n, value in zip(numbers, values, strict=True)]


def _until(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(DEADLINE_SECONDS * 10):
        if condition():
            return
        pause.wait(0.1)
    raise AssertionError("it did not happen in time")


def test_what_arrives_while_clickhouse_is_away_is_there_when_it_is_back(
    start_broker: StartBroker, database: _Outage
) -> None:
    bootstrap = start_broker().bootstrap
    provision.apply(bootstrap, 2)
    settings = SinkSettings(bootstrap_servers=bootstrap, session_timeout_ms=6_000, sink_batch_records=50)
    progress = Progress()
    consumer = SinkConsumer(settings, database, default_codec(), progress, Metrics())
    thread = threading.Thread(target=consumer.run)
    thread.start()
    try:
        publish(bootstrap, "contact-profiles.v1", _profiles(0, 10))
        _until(lambda: _contacts(database) == 10)
        owned = set(progress.positions())
        database.away.set()
        publish(bootstrap, "contact-profiles.v1", _profiles(10, CONTACTS))
        for _ in range(6):
            assert database.refused.acquire(timeout=DEADLINE_SECONDS)
        assert not progress.ready
        assert progress.positions()["contact-profiles.v1", 0] == 10
        database.away.clear()
        _until(lambda: _contacts(database) == CONTACTS)
        _until(lambda: progress.ready)
        assert set(progress.positions()) == owned
    finally:
        consumer.stop.set()
        thread.join(DEADLINE_SECONDS)
    assert not thread.is_alive()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["gone", "silent"])
def test_it_ends_when_asked_though_the_broker_does_not_take_its_commit(
    start_broker: StartBroker, database: _Outage, number: signal.Signals
) -> None:
    broker = start_broker()
    provision.apply(broker.bootstrap, 2)
    settings = SinkSettings(bootstrap_servers=broker.bootstrap, session_timeout_ms=6_000)
    consumer = SinkConsumer(settings, database, default_codec(), Progress(), Metrics())
    thread = threading.Thread(target=consumer.run)
    database.away.set()
    thread.start()
    try:
        publish(broker.bootstrap, "contact-profiles.v1", _profiles(0, 10))
        assert database.refused.acquire(timeout=DEADLINE_SECONDS)
        os.killpg(broker.pid, number)
        database.away.clear()
        _until(lambda: _contacts(database) == 10)
        consumer.stop.set()
        # A request that waits for its answer gives up after 60 s.
        thread.join(45)
        assert not thread.is_alive()
    finally:
        consumer.stop.set()
        with suppress(ProcessLookupError):
            os.killpg(broker.pid, signal.SIGCONT)
        thread.join(2 * DEADLINE_SECONDS)


def _contacts(database: Database) -> int:
    return int(database.rows("SELECT count() AS n FROM contact_profiles FINAL", {})[0]["n"])
