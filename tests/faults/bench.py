"""The toy on a broker: topics, load, workers and the verdict."""

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from streams.engine.watermark import WATERMARKS_TOPIC
from tests.faults.checker import Log, check_counted_once, check_positions, identities_by_key
from tests.faults.nemesis import Workers
from tests.faults.toy import APPLICATION, COUNTS, EVENTS, INPUTS, REFUSED, TICKS

PARTITIONS = 4
_KEYS = 200
_QUICK_COMPACTION = {
    "cleanup.policy": "compact",
    "min.cleanable.dirty.ratio": "0.01",
    "segment.ms": "2000",
    "max.compaction.lag.ms": "2000",
}


class Bench:
    """One broker with the toy's topics. Event ids count up over the bench's life, so all differ."""

    def __init__(
        self, bootstrap: str, directory: Path, *, compacted_inputs: bool = False, seed: int = 1
    ) -> None:
        self.log = Log(bootstrap)
        self.random = random.Random(seed)
        self._bootstrap = bootstrap
        self._directory = directory
        self._next_id = 0
        self._producer = self.producer()
        inputs = _QUICK_COMPACTION if compacted_inputs else {}
        self._provision({**dict.fromkeys(INPUTS, inputs), COUNTS: _QUICK_COMPACTION})

    def producer(self, **settings: object) -> Producer:
        """A producer of somebody else's."""
        return Producer(
            {
                "bootstrap.servers": self._bootstrap,
                "partitioner": "murmur2_random",
                "linger.ms": 20,
                **{name.replace("_", "."): value for name, value in settings.items()},
            }
        )

    def send(self, events: int, producer: Producer | None = None) -> None:
        """Queue events over both inputs; `flush` makes sure of them."""
        sender = producer or self._producer
        for _ in range(events):
            topic = INPUTS[self.random.random() < 0.3]
            sender.produce(topic, key=self._key(), value=b"%d" % self._next_id)
            self._next_id += 1
        sender.poll(0)

    def send_value(
        self, value: bytes, topic: str = INPUTS[0], partition: int = 0, key: bytes = b"odd"
    ) -> None:
        """Send one record of a given value, to a given partition."""
        self._producer.produce(topic, key=key, value=value, partition=partition)
        self.flush()

    def flush(self) -> None:
        """Wait for the broker's acknowledgement of all that was sent."""
        if self._producer.flush(60):
            raise TimeoutError("the broker did not take the load")

    def workers(self, **settings: str) -> Workers:
        """No workers yet; a context that ends those which are started."""
        environment = {"LATIDO_BOOTSTRAP_SERVERS": self._bootstrap, **settings}
        return Workers("tests.faults.toy_worker", self._directory, environment)

    def is_applied(self) -> bool:
        """Whether the watermarks have reached the ends of the inputs."""
        return self.log.is_applied(APPLICATION, INPUTS)

    def input_ends(self) -> dict[int, dict[str, int]]:
        """Last stable offsets of the inputs, by partition and topic."""
        ends = {topic: self.log.ends(topic) for topic in INPUTS}
        return {number: {topic: ends[topic][number] for topic in INPUTS} for number in range(PARTITIONS)}

    def problems(self, without: Sequence[bytes] = ()) -> list[str]:
        """What is wrong in the logs, but for inputs whose value is in `without`."""
        entries = [entry for topic in INPUTS for entry in self.log.read(topic) if entry.value not in without]
        inputs = identities_by_key(entries)
        found = check_counted_once(self.log.read(EVENTS), self.log.read(COUNTS), inputs)
        return found + check_positions(self.log, APPLICATION, INPUTS)

    def hidden(self) -> int:
        """Outputs of aborted transactions: 0 means that no fault bit in mid-transaction."""
        return len(self.log.read(EVENTS, committed=False)) - len(self.log.read(EVENTS))

    def sent(self) -> Counter[str]:
        """Committed records by input topic."""
        return Counter({topic: len(self.log.read(topic)) for topic in INPUTS})

    def _key(self) -> bytes:
        return b"key%d" % self.random.randrange(_KEYS)

    def _provision(self, configs: dict[str, dict[str, str]]) -> None:
        topics = (*INPUTS, COUNTS, EVENTS, TICKS, REFUSED)
        wanted = [NewTopic(topic, PARTITIONS, 1, config=configs.get(topic, {})) for topic in topics]
        wanted.append(NewTopic(WATERMARKS_TOPIC, PARTITIONS, 1, config={"cleanup.policy": "compact"}))
        admin = AdminClient({"bootstrap.servers": self._bootstrap})
        for created in admin.create_topics(wanted).values():
            created.result(30)
