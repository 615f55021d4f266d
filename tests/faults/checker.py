"""Reads whole logs as a read-committed consumer does, and says what is wrong with them."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from streams.engine.watermark import WATERMARKS_TOPIC, Watermark, decode_watermark

_TIMEOUT_S = 20


class Entry(NamedTuple):
    """One record of a log."""

    partition: int
    offset: int
    key: bytes
    value: bytes


class Log:
    """What a broker holds. Every read starts at the beginning and ends at the last stable offset."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    def read(self, topic: str, *, committed: bool = True) -> list[Entry]:
        """Every record, partition by partition in log order; TimeoutError if the log's end is not reached."""
        consumer = self._consumer(committed)
        try:
            return list(self._entries(consumer, topic))
        finally:
            consumer.close()

    def ends(self, topic: str) -> dict[int, int]:
        """Last stable offsets by partition."""
        consumer = self._consumer(True)
        try:
            return {part.partition: high for part, _, high in self._bounds(consumer, topic)}
        finally:
            consumer.close()

    def watermarks(self, application: str) -> dict[int, list[Watermark]]:
        """Every watermark of an application that compaction left, by partition in log order."""
        found: defaultdict[int, list[Watermark]] = defaultdict(list)
        for entry in self.read(WATERMARKS_TOPIC):
            name, _, partition = entry.key.decode().rpartition("|")
            if name == application:
                found[int(partition)].append(decode_watermark(entry.value))
        return dict(found)

    def is_applied(self, application: str, inputs: Sequence[str]) -> bool:
        """Whether the watermarks have reached the present ends of all inputs."""
        ends = {topic: self.ends(topic) for topic in inputs}
        last = {partition: marks[-1].positions for partition, marks in self.watermarks(application).items()}
        return all(
            last.get(partition, {}).get(topic, 0) >= end
            for topic, by_partition in ends.items()
            for partition, end in by_partition.items()
        )

    def group_offsets(self, group: str) -> dict[tuple[str, int], int]:
        """What the group has committed, for lag tools."""
        admin = AdminClient({"bootstrap.servers": self.bootstrap})
        asked = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])
        partitions = asked[group].result(_TIMEOUT_S).topic_partitions or []
        return {(one.topic, one.partition): one.offset for one in partitions}

    def _consumer(self, committed: bool) -> Consumer:
        return Consumer(
            {
                "bootstrap.servers": self.bootstrap,
                "group.id": "checker",
                "enable.auto.commit": False,
                "isolation.level": "read_committed" if committed else "read_uncommitted",
                "auto.offset.reset": "earliest",
                "enable.partition.eof": True,
                "fetch.wait.max.ms": 50,
            }
        )

    def _bounds(self, consumer: Consumer, topic: str) -> list[tuple[TopicPartition, int, int]]:
        metadata = consumer.list_topics(topic, timeout=_TIMEOUT_S).topics[topic]
        partitions = [TopicPartition(topic, number) for number in sorted(metadata.partitions)]
        return [(part, *self._bound(consumer, part)) for part in partitions]

    def _bound(self, consumer: Consumer, part: TopicPartition) -> tuple[int, int]:
        """A topic just made, or a broker just started, may have no leader yet."""
        deadline = time.monotonic() + _TIMEOUT_S
        while True:
            try:
                low, high = consumer.get_watermark_offsets(part, timeout=_TIMEOUT_S)
            except KafkaException:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return low, high

    def _entries(self, consumer: Consumer, topic: str) -> Iterator[Entry]:
        behind = {part.partition: low for part, low, high in self._bounds(consumer, topic) if low < high}
        consumer.assign([TopicPartition(topic, number, low) for number, low in behind.items()])
        deadline = time.monotonic() + _TIMEOUT_S
        while behind:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{topic}{sorted(behind)}: end not reached")
            for message in consumer.consume(10_000, timeout=0.2):
                partition, offset, error = message.partition(), message.offset(), message.error()
                if error is not None and error.code() == KafkaError._PARTITION_EOF:
                    behind.pop(partition or 0, None)
                elif error is None and partition is not None and offset is not None:
                    yield Entry(partition, offset, message.key() or b"", message.value() or b"")


def check_positions(log: Log, application: str, inputs: Sequence[str]) -> list[str]:
    """Positions never step back, and the group's offsets never lie beyond them."""
    wrong = []
    watermarks = log.watermarks(application)
    for partition, marks in watermarks.items():
        for topic in inputs:
            offsets = [mark.positions.get(topic, 0) for mark in marks]
            if offsets != sorted(offsets):
                wrong.append(f"positions of {topic}[{partition}] step back")
    for (topic, partition), offset in log.group_offsets(application).items():
        if offset > watermarks[partition][-1].positions[topic]:
            wrong.append(f"the group committed {offset} of {topic}[{partition}], which is not applied")
    return wrong


def check_counted_once(
    events: Sequence[Entry], counts: Sequence[Entry], inputs: Mapping[bytes, Counter[bytes]]
) -> list[str]:
    """The toy's outputs: each input once, per key numbered without hole, and the last count right.

    `inputs` are the event ids by key, as a recount of the input logs found them.
    """
    wrong = []
    seen: defaultdict[bytes, Counter[bytes]] = defaultdict(Counter)
    numbers: defaultdict[bytes, list[int]] = defaultdict(list)
    for event in events:
        number, _, identity = event.value.partition(b"|")
        seen[event.key][identity] += 1
        numbers[event.key].append(int(number))
    last = {entry.key: int(entry.value) for entry in counts}
    for key, identities in inputs.items():
        if seen[key] != identities:
            lost, doubled = identities - seen[key], seen[key] - identities
            wrong.append(f"{key!r}: {lost.total()} lost, {doubled.total()} too many")
        if numbers[key] != list(range(1, identities.total() + 1)):
            wrong.append(f"{key!r}: numbers fork or have holes")
        if last.get(key) != identities.total():
            wrong.append(f"{key!r}: count {last.get(key)} for {identities.total()} events")
    wrong += [f"{key!r}: nobody sent it" for key in seen.keys() - inputs.keys()]
    return wrong


def identities_by_key(entries: Sequence[Entry]) -> dict[bytes, Counter[bytes]]:
    """Event ids by key, of input logs."""
    found: defaultdict[bytes, Counter[bytes]] = defaultdict(Counter)
    for entry in entries:
        found[entry.key][entry.value] += 1
    return dict(found)
