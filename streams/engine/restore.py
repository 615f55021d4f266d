"""Reading a partition's own topics back: watermark and changelogs, read committed, with deadlines."""

# ruff: noqa: SLF001 - see fetching: whole fetches come from aiokafka's private results

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED, READ_UNCOMMITTED
from aiokafka.errors import KafkaError

from streams.engine.contract import Record
from streams.engine.fetching import take_chunk
from streams.engine.watermark import WATERMARKS_TOPIC
from streams.settings import Settings

_SLICE_RECORDS = 5000
_FIRST_TAIL = 2000
_POLL_S = 0.2

T = TypeVar("T")
Sink = Callable[[str, Sequence[Record]], None]


class RestoreFailed(Exception):
    """The state could not be read back in time: the process must end."""


class ChangelogReader:
    """Reads one partition of internal topics. Blocking, in a thread without an event loop.

    Every method raises RestoreFailed, at the latest when `deadline` (monotonic seconds) has passed.
    Reading ends at the high watermark found at its start; open transactions below it are waited for.
    """

    def __init__(self, settings: Settings, partition: int, deadline: float) -> None:
        self._settings = settings
        self._partition = partition
        self._deadline = deadline

    def read_all(self, topics: Sequence[str], sink: Sink) -> None:
        """Hand every record of `topics` to `sink`, in slices, each topic in log order."""
        self._run(self._read_all(topics, sink))

    def last_value(self, key: bytes) -> bytes | None:
        """The newest value under `key` in `watermarks.v1`, read backwards in growing windows."""
        return self._run(self._last_value(key))

    def first_offsets(self, topics: Sequence[str]) -> Mapping[str, int]:
        """Where the logs of `topics` begin."""
        return self._run(self._first_offsets(topics))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return asyncio.run(asyncio.wait_for(work, max(0.1, self._deadline - time.monotonic())))
        except TimeoutError as timeout:
            raise RestoreFailed(f"partition {self._partition}: deadline passed") from timeout
        except KafkaError as failure:
            raise RestoreFailed(f"partition {self._partition}: {failure!r}") from failure

    async def _read_all(self, topics: Sequence[str], sink: Sink) -> None:
        async with self._consumer() as consumer:
            partitions = self._partitions(topics)
            first, ends = await _bounds(consumer, partitions)
            await _read(consumer, first, ends, sink)

    async def _last_value(self, key: bytes) -> bytes | None:
        found: list[bytes | None] = []

        def keep(_: str, records: Sequence[Record]) -> None:
            found.extend(record.value for record in records if record.key == key)

        async with self._consumer() as consumer:
            [partition] = self._partitions([WATERMARKS_TOPIC])
            first, ends = await _bounds(consumer, [partition])
            tail = _FIRST_TAIL
            end = ends[partition]
            while not found and end > first[partition]:
                start = max(first[partition], ends[partition] - tail)
                await _read(consumer, {partition: start}, {partition: end}, keep)
                end, tail = start, tail * 8
        return found[-1] if found else None

    async def _first_offsets(self, topics: Sequence[str]) -> Mapping[str, int]:
        async with self._consumer() as consumer:
            first = await consumer.beginning_offsets(self._partitions(topics))
        return {partition.topic: offset for partition, offset in first.items()}

    def _partitions(self, topics: Iterable[str]) -> list[TopicPartition]:
        return [TopicPartition(topic, self._partition) for topic in topics]

    @asynccontextmanager
    async def _consumer(self) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._settings.bootstrap_servers,
            group_id=None,
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="none",
            max_partition_fetch_bytes=self._settings.fetch_bytes,
            fetch_max_wait_ms=100,
        )
        await consumer.start()
        try:
            yield consumer
        finally:
            await consumer.stop()


async def _bounds(
    consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]
) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int]]:
    """First offsets and high watermarks; a read-committed consumer alone would say last stable ones."""
    fetcher = consumer._fetcher
    fetcher._isolation_level = READ_UNCOMMITTED
    try:
        return await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
    finally:
        fetcher._isolation_level = READ_COMMITTED


async def _read(
    consumer: AIOKafkaConsumer,
    starts: Mapping[TopicPartition, int],
    ends: Mapping[TopicPartition, int],
    sink: Sink,
) -> None:
    behind = {partition for partition, end in ends.items() if starts[partition] < end}
    if not behind:
        return
    consumer.assign(list(behind))
    for partition in behind:
        consumer.seek(partition, starts[partition])
    fetcher = consumer._fetcher
    while behind:
        moved = False
        for partition in list(behind):
            chunk = take_chunk(fetcher, partition, _SLICE_RECORDS)
            if chunk is None:
                continue
            moved = True
            if chunk.records:
                sink(partition.topic, _below(chunk.records, ends[partition]))
            if chunk.end >= ends[partition]:
                behind.discard(partition)
        if moved:
            await asyncio.sleep(0)
        else:
            await asyncio.wait([fetcher._create_fetch_waiter()], timeout=_POLL_S)


def _below(records: Sequence[Record], end: int) -> Sequence[Record]:
    if records[-1].offset < end:
        return records
    return [record for record in records if record.offset < end]
