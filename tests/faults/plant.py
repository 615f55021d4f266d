"""The production processes on a broker of the test's own: workers, a sink, and the verdict on them."""

import contextlib
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.local.broker import Broker
from deploy.local.ports import free_port
from schemas import provision
from schemas.records import Topic
from streams.verify import Drift, VerifyOptions, verify
from tests.faults.checker import Log
from tests.faults.nemesis import Worker, Workers
from tests.faults.recount import APPLICATION, INPUTS, Place, problems
from tests.faults.shop import Shop
from tests.integration.sink_process import SinkProcess

PARTITIONS = 4

Assignment = frozenset[tuple[str, frozenset[int]]]
"""Members of the group, each with its partitions."""

_MODULE = "streams.cli worker"
_SETTINGS = {"LATIDO_SESSION_TIMEOUT_S": "4", "LATIDO_BLOCKED_RETRY_S": "1", "LATIDO_DEFINITIONS_S": "0.3"}


class Plant:
    """A context: processes end with it. Nothing runs until it is started."""

    def __init__(
        self,
        broker: Broker,
        directory: Path,
        *,
        module: str = _MODULE,
        contacts: int = 2_000,
        **settings: str,
    ) -> None:
        provision.apply(broker.bootstrap, PARTITIONS)
        self.broker = broker
        self.shop = Shop(broker.bootstrap, contacts=contacts)
        self.log = Log(broker.bootstrap)
        self.sink = SinkProcess(broker.bootstrap, directory)
        self.has_sink = False
        own = {**_SETTINGS, "LATIDO_BOOTSTRAP_SERVERS": broker.bootstrap, **settings}
        self.workers = Workers(module, directory, own)
        self._ports: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.workers.__exit__()
        with contextlib.suppress(ProcessLookupError):
            self.sink.stop(9)

    def start_worker(self, module: str = "", **settings: str) -> Worker:
        """One more worker, or another process, that is started again whenever it ended."""
        self._ports.append(free_port())
        return self.workers.start(module, LATIDO_OPS_PORT=str(self._ports[-1]), **settings)

    def start_sink(self, **settings: str) -> None:
        """Start the sink; verify compares ClickHouse too from now on."""
        self.has_sink = True
        self.sink.start(**settings)

    def until(
        self, done: Callable[[], bool], seconds: float = 60, during: Callable[[], object] | None = None
    ) -> None:
        """Tend the workers until `done`, asked twice a second."""
        self.workers.until(_sometimes(done), seconds, during)

    def spend(self, seconds: float, during: Callable[[], object] | None = None) -> None:
        """Let time pass, with the workers tended."""
        end = time.monotonic() + seconds
        self.workers.until(lambda: time.monotonic() > end, seconds + 30, during)

    def is_applied(self) -> bool:
        """Whether everything in the inputs has been applied."""
        return self.log.is_applied(APPLICATION, INPUTS)

    def apply_all(self, seconds: float = 240) -> None:
        """Wait until everything sent has been applied, what was sent on to other partitions too."""
        self.shop.flush()
        self.until(self.is_applied, seconds)

    def verify(self, seconds: float = 30) -> Drift:
        """The production comparison, with the sink if there is one."""
        url = self.sink.address if self.has_sink else None
        if self.has_sink:
            self.sink.until(lambda: self.sink.get("/internal/positions") is not None, "the API answers")
        options = VerifyOptions(sink_url=url, settle_seconds=seconds, sink_seconds=60, log_seconds=30)
        return verify(self.shop.kafka, self.shop.codec, options)

    def assert_exact(self, dead: Sequence[Place] = ()) -> Drift:
        """No drift by verify, nothing wrong by the recount; what verify counted.

        `dead`: orders that are dead letters by right.
        """
        drift = self.verify()
        assert drift.total == 0, drift.to_text()
        found = problems(self.log, self.shop.codec, dead)
        assert found == [], found[:5]
        return drift

    def hidden(self, topic: str = Topic.SEGMENT_CHANGES) -> int:
        """Records of aborted transactions in a topic: 0 means that no fault bit in mid-transaction."""
        return len(self.log.read(topic, committed=False)) - len(self.log.read(topic))

    def decoded(self, topic: str, schema: str) -> Iterator[dict[str, Any]]:
        """Every record of a topic."""
        return (self.shop.codec.decode_one(schema, entry.value) for entry in self.log.read(topic))

    def assignment(self) -> Assignment:
        """Which member of the group has which partitions; nothing while it is not known of all of them."""
        # A new client each time: one that has met a broker's end is slow to find the next one.
        admin = AdminClient({**self.shop.kafka})
        asked = admin.describe_consumer_groups([APPLICATION], request_timeout=5)
        try:
            members = asked[APPLICATION].result().members
        except KafkaException:
            return frozenset()
        held = {one.member_id: {at.partition for at in one.assignment.topic_partitions} for one in members}
        if sum(map(len, held.values())) < PARTITIONS:
            return frozenset()
        return frozenset((member, frozenset(partitions)) for member, partitions in held.items())

    def metric(self, worker: int, name: str) -> float:
        """Sum over the labels of a metric of a worker; 0 while it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._ports[worker]}/metrics", timeout=5) as told:
                lines = told.read().decode().splitlines()
        except (urllib.error.URLError, OSError):
            return 0.0
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))


def _sometimes(done: Callable[[], bool], seconds: float = 0.5) -> Callable[[], bool]:
    asked_at = 0.0

    def ask() -> bool:
        nonlocal asked_at
        if time.monotonic() - asked_at < seconds:
            return False
        answer = done()
        asked_at = time.monotonic()
        return answer

    return ask
