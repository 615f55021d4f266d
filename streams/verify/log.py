"""Reading one partition of a topic, read committed, up to a given end."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from streams.engine.contract import Record
from streams.verify.drift import VerifyFailed

_BATCH = 5000


class Log:
    """Two consumers without a group: one for records, one for ends. Not for several threads."""

    def __init__(self, kafka: Mapping[str, Any], timeout_seconds: float = 60.0) -> None:
        common = {**kafka, "group.id": "latido-verify-unused", "enable.auto.commit": False}
        reading = {
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "fetch.wait.max.ms": 100,
            "queued.max.messages.kbytes": 16_384,
        }
        self._records = Consumer({**common, **reading})
        self._ends = Consumer({**common, "isolation.level": "read_uncommitted"})
        self._timeout = timeout_seconds

    def partitions(self, topic: str) -> int:
        """How many partitions a topic has."""
        metadata = self._ends.list_topics(topic, timeout=self._timeout).topics[topic]
        if metadata.error is not None:
            raise VerifyFailed(f"{topic}: {metadata.error}")
        return len(metadata.partitions)

    def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """First offset and high watermark, of uncommitted records too."""
        return self._bounds(self._ends, TopicPartition(topic, partition))

    def read(self, topic: str, partition: int, start: int, end: int) -> Iterator[list[Record]]:
        """Committed records in [start, end), in slices; waits for transactions open below `end`."""
        if start >= end:
            return
        place = TopicPartition(topic, partition, start)
        self._records.assign([place])
        position, deadline = start, time.monotonic() + self._timeout
        stable = False
        try:
            while position < end:
                records = []
                for message in self._records.consume(_BATCH, 0.2):
                    offset = message.offset() or 0
                    if _is_end(message):
                        position = end if stable else max(position, offset)
                        continue
                    position = max(position, offset + 1)
                    if offset < end:
                        records.append(_record(message, offset))
                if records:
                    deadline = time.monotonic() + self._timeout
                    yield records
                    continue
                if position < end and not stable:
                    # Behind transaction markers the client may fall silent: once all below `end` is
                    # decided, it is asked anew, and its next end of partition says that nothing is left.
                    stable = self._bounds(self._records, place)[1] >= end
                    if stable:
                        self._records.assign([TopicPartition(topic, partition, position)])
                if time.monotonic() > deadline:
                    raise VerifyFailed(f"{topic}[{partition}] stands at {position}, not at {end}")
        finally:
            self._records.unassign()

    def _bounds(self, consumer: Consumer, place: TopicPartition) -> tuple[int, int]:
        try:
            low, high = consumer.get_watermark_offsets(place, self._timeout)
        except KafkaException as error:
            raise VerifyFailed(f"{place.topic}[{place.partition}]: {error}") from error
        return low, high

    def close(self) -> None:
        """Leave the broker."""
        self._records.close()
        self._ends.close()


def _is_end(message: Message) -> bool:
    """Whether the message only says that its partition ends here. VerifyFailed for any other error."""
    error = message.error()
    if error is None:
        return False
    if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - the client's public name for it
        return True
    raise VerifyFailed(str(error))


def _record(message: Message, offset: int) -> Record:
    headers: Any = message.headers() or []
    return Record(offset, message.timestamp()[1], message.key(), message.value(), headers)
