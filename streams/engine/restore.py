"""Reading a partition's own topics back: watermark and changelogs, read committed, with deadlines.

librdkafka fetches and unpacks in its own threads, without the interpreter's lock; Python sees two lists, keys
and values, for each ten thousand records.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Self

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from streams.engine.contract import RestoreFailed
from streams.engine.watermark import WATERMARKS_TOPIC
from streams.settings import Settings

_BATCH_RECORDS = 10_000
_FIRST_TAIL = 500
_POLL_S = 0.1
_QUIET_S = 1.0
_REQUEST_S = 30.0
_FETCH_BYTES = 8 * 1024 * 1024
_QUEUED_KB, _QUEUED_RECORDS = 64 * 1024, 1_000_000
"""So much is fetched ahead while what came before is decoded."""

Keys = list[bytes | None]
Values = list[bytes | None]
Sink = Callable[[str, Keys, Values], None]


class ChangelogReader:
    """Reads one partition of internal topics; a context. Blocking, for one thread.

    Every method raises RestoreFailed, at the latest soon after `deadline` (monotonic seconds) has passed.
    Reading ends at the high watermark found at its start; open transactions below it are waited for.
    """

    def __init__(self, settings: Settings, partition: int, deadline: float) -> None:
        self._partition = partition
        self._deadline = deadline
        self._settings = settings
        self._consumers: dict[bool, Consumer] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for consumer in self._consumers.values():
            consumer.close()

    def read_all(self, starts: Mapping[str, int], sink: Sink) -> Mapping[str, int]:
        """Hand the records of each topic, from its start on, to `sink`, in log order; where reading ended.

        Topics follow one another. A start below the first offset there is means the first offset.
        """
        ended = {}
        for topic, start in starts.items():
            first, end = self._bounds(topic)
            for keys, values in self._slices(topic, max(start, first), end, committed=True):
                sink(topic, keys, values)
            ended[topic] = max(start, end)
        return ended

    def count(self, starts: Mapping[str, int]) -> int:
        """How many offsets lie between the starts of topics and their ends."""
        bounds = {topic: self._bounds(topic) for topic in starts}
        return sum(max(0, end - max(starts[topic], first)) for topic, (first, end) in bounds.items())

    def last_value(self, key: bytes, committed: bool = True) -> bytes | None:
        """The newest value under `key` in `watermarks.v1`, read backwards in growing windows.

        Unless `committed`, it may be of a transaction that is open or was aborted.
        """
        first, end = self._bounds(WATERMARKS_TOPIC)
        tail = _FIRST_TAIL
        while end > first:
            start, found = max(first, end - tail), None
            for keys, values in self._slices(WATERMARKS_TOPIC, start, end, committed):
                for i in range(len(keys) - 1, -1, -1):
                    if keys[i] == key:
                        found = values[i]
                        break
            if found is not None:
                return found
            end, tail = start, tail * 8
        return None

    def first_offsets(self, topics: Sequence[str]) -> Mapping[str, int]:
        """Where the logs of `topics` begin."""
        return {topic: self._bounds(topic)[0] for topic in topics}

    def _bounds(self, topic: str) -> tuple[int, int]:
        """First offset and high watermark; a read-committed consumer would say the last stable one."""
        try:
            first, end = self._consumer(committed=False).get_watermark_offsets(
                TopicPartition(topic, self._partition), self._left_s()
            )
        except KafkaException as failure:
            raise RestoreFailed(f"{topic}[{self._partition}]: {failure!r}") from failure
        return int(first), int(end)

    def _slices(self, topic: str, start: int, end: int, committed: bool) -> Iterator[tuple[Keys, Values]]:
        """Records in [start, end).

        The last of it may be markers and aborted records, of which librdkafka says nothing but that the
        partition ends there; sometimes not even that, until it is assigned anew. Before everything below
        `end` is decided, it says the same where an open transaction begins.
        """
        consumer, place = self._consumer(committed), TopicPartition(topic, self._partition)
        position = start
        try:
            while position < end:
                decided = consumer.get_watermark_offsets(place, self._left_s())[1] >= end
                consumer.assign([TopicPartition(topic, self._partition, position)])
                quiet_until = time.monotonic() + _QUIET_S
                while position < end and time.monotonic() < quiet_until:
                    batch, at_end = _sorted_out(consumer.consume(_BATCH_RECORDS, _POLL_S))
                    self._left_s()
                    if batch:
                        quiet_until = time.monotonic() + _QUIET_S
                        position = (batch[-1].offset() or 0) + 1
                        kept = batch if position <= end else [m for m in batch if (m.offset() or 0) < end]
                        yield [m.key() for m in kept], [m.value() for m in kept]
                    if at_end and decided:
                        return
                    if at_end:
                        time.sleep(_POLL_S)
                        break
        except KafkaException as failure:
            raise RestoreFailed(f"{topic}[{self._partition}]: {failure!r}") from failure
        finally:
            consumer.unassign()

    def _consumer(self, committed: bool) -> Consumer:
        if committed not in self._consumers:
            self._consumers[committed] = Consumer(
                {
                    "bootstrap.servers": self._settings.bootstrap_servers,
                    "group.id": "latido-restore-unused",
                    "enable.auto.commit": False,
                    "enable.auto.offset.store": False,
                    "enable.partition.eof": True,
                    "auto.offset.reset": "error",
                    "isolation.level": "read_committed" if committed else "read_uncommitted",
                    "fetch.wait.max.ms": 20,
                    "fetch.message.max.bytes": _FETCH_BYTES,
                    "queued.max.messages.kbytes": _QUEUED_KB,
                    "queued.min.messages": _QUEUED_RECORDS,
                    # Unless told otherwise, librdkafka pauses for a second whenever it is that far ahead.
                    "fetch.queue.backoff.ms": 10,
                    "log_level": 3,
                }
            )
        return self._consumers[committed]

    def _left_s(self) -> float:
        left_s = self._deadline - time.monotonic()
        if left_s <= 0:
            raise RestoreFailed(f"partition {self._partition}: deadline passed")
        return min(left_s, _REQUEST_S)


def _sorted_out(messages: list[Message]) -> tuple[list[Message], bool]:
    """The records, and whether the partition's end came among them. KafkaException for an error."""
    odd = [error for message in messages if (error := message.error()) is not None]
    if not odd:
        return messages, False
    for error in odd:
        if error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 - the client's public name for it
            raise KafkaException(error)
    return [message for message in messages if message.error() is None], True
