"""Faust's aiokafka transport, handing on each partition's whole fetch as one message.

Faust's machinery for a message (conductor, event, stream) is paid once a chunk. Positions come from
the tasks' watermarks, never from the group; what Faust knows of read and acked offsets is not used.
"""

# ruff: noqa: SLF001 - Faust's driver and aiokafka offer no public way to a whole fetch

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import faust
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import ConsumerStoppedError
from aiokafka.structs import OffsetAndMetadata
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from streams.engine.fetching import Fetched, take_chunk
from streams.engine.tasks import Offsets, Tasks
from streams.settings import Settings

_IDLE_WAIT_MS = 250
_GATHERED_BYTES = 1024 * 1024
_FETCHES_A_COMMIT = 4


class EngineApp(faust.App):
    """What the transport finds the engine by."""

    tasks: Tasks
    settings: Settings
    inputs: tuple[str, ...]


class ChunkMessage(ConsumerMessage):
    """A Faust message without key and value, that carries a chunk."""

    fetched: Fetched


class _NeverRead(dict[TP, int | None]):
    """Faust drops messages below the offset it last read; contiguity is the tasks' to judge."""

    def __getitem__(self, partition: TP) -> None:
        return None


class ChunkConsumerThread(driver.AIOKafkaConsumerThread):
    """Owns the aiokafka consumer, in a thread with an event loop of its own."""

    app: EngineApp

    def __post_init__(self) -> None:
        super().__post_init__()
        self._epochs: defaultdict[TopicPartition, int] = defaultdict(int)

    def _create_worker_consumer(self, transport: driver.Transport) -> AIOKafkaConsumer:
        settings = self.app.settings
        self._assignor = RangePartitionAssignor
        return AIOKafkaConsumer(
            bootstrap_servers=settings.bootstrap_servers,
            client_id=settings.group_instance_id or self.app.conf.id,
            group_id=self.app.conf.id,
            group_instance_id=settings.group_instance_id,
            partition_assignment_strategy=[RangePartitionAssignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_partition_fetch_bytes=settings.fetch_bytes,
            fetch_max_wait_ms=_IDLE_WAIT_MS,
            session_timeout_ms=int(settings.session_timeout_s * 1000),
            heartbeat_interval_ms=int(settings.session_timeout_s * 1000 / 4),
            rebalance_timeout_ms=int(settings.rebalance_timeout_s * 1000),
            max_poll_interval_ms=int(settings.restore_deadline_s * 1000),
            metadata_max_age_ms=60_000,
        )

    async def _fetch_records(
        self,
        consumer: AIOKafkaConsumer,
        active_partitions: set[TP],
        timeout: float | None = None,  # noqa: ASYNC109 - Faust's signature
        max_records: int | None = None,
    ) -> dict[TP, list[Fetched]]:
        """Every active partition's prefetched records; waits up to `timeout` seconds for the first."""
        fetcher = consumer._fetcher
        if not self.consumer.flow_active:
            return {}
        if consumer._closed or fetcher._closed:
            raise ConsumerStoppedError()
        with fetcher._subscriptions.fetch_context():
            if fetcher._subscriptions.reassignment_in_progress:
                await fetcher._subscriptions.wait_for_assignment()
            taken = self._take_all(fetcher, active_partitions)
            if not taken and timeout:
                await asyncio.wait([fetcher._create_fetch_waiter()], timeout=timeout)
                taken = self._take_all(fetcher, active_partitions)
            self._pace(fetcher, flowing=bool(taken))
        return taken

    def _pace(self, fetcher: Any, *, flowing: bool) -> None:
        """While records flow, the next fetch gathers: one for every few of them costs more than it brings.

        A partition cannot commit oftener than the budget allows, so a part of that interval is no loss;
        when nothing flows, the first record is answered at once.
        """
        gather_ms = int(self.app.tasks.commit_interval_s * 1000 / _FETCHES_A_COMMIT)
        if flowing and gather_ms:
            fetcher._fetch_min_bytes, fetcher._fetch_max_wait_ms = (
                _GATHERED_BYTES,
                min(gather_ms, _IDLE_WAIT_MS),
            )
        else:
            fetcher._fetch_min_bytes, fetcher._fetch_max_wait_ms = 1, _IDLE_WAIT_MS

    def _take_all(self, fetcher: Any, active_partitions: set[TP]) -> dict[TP, list[Fetched]]:
        most_records = self.app.settings.chunk_records
        taken: dict[TP, list[Fetched]] = {}
        for partition in list(fetcher._records):
            if partition in active_partitions:
                chunk = take_chunk(fetcher, partition, most_records)
                if chunk is not None:
                    taken[TP(*partition)] = [Fetched(chunk, self._epochs[partition])]
            elif not fetcher._subscriptions.is_assigned(partition):
                del fetcher._records[partition]
        return taken

    async def seek_all(self, positions: Offsets) -> None:
        """Fetch from `positions` on; aiokafka's IllegalStateError if one is no longer assigned."""
        await self.call_thread(self._seek_all, positions)

    async def _seek_all(self, positions: Offsets) -> None:
        consumer = self._ensure_consumer()
        for partition, offset in positions.items():
            self._epochs[partition] += 1
            consumer.seek(partition, offset)

    async def seek_anew(self, topic: str, partition: int, offset: int) -> int:
        """Fetch from `offset` on; the epoch of what is fetched then."""
        there = TopicPartition(topic, partition)
        await self.seek_all({there: offset})
        return self._epochs[there]

    async def stable_ends(self, partitions: Iterable[TopicPartition]) -> Offsets:
        """Last stable offsets: the consumer reads committed."""
        ends: Offsets = await self.call_thread(self._ensure_consumer().end_offsets, list(partitions))
        return ends

    async def commit_positions(self, positions: Offsets) -> None:
        """Commit to the group what is still assigned. KafkaError."""
        await self.call_thread(self._commit_positions, positions)

    async def _commit_positions(self, positions: Offsets) -> None:
        consumer = self._ensure_consumer()
        assigned = consumer.assignment()
        offsets = {one: OffsetAndMetadata(offset, "") for one, offset in positions.items() if one in assigned}
        if offsets:
            await consumer.commit(offsets)

    def partition_counts(self) -> Mapping[str, int]:
        """Partitions of the inputs, in the consumer's metadata."""
        cluster = self._ensure_consumer()._client.cluster
        return {topic: len(cluster.partitions_for_topic(topic) or ()) for topic in self.app.inputs}


class ChunkConsumer(driver.Consumer):
    """Delivers chunks; seeks to the watermarks of the tasks."""

    app: EngineApp
    _thread: ChunkConsumerThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._read_offset = _NeverRead()
        self.app.tasks.attach(self._thread)

    def _new_consumer_thread(self) -> ChunkConsumerThread:
        return ChunkConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Restore the assigned partitions where that is still to be done, then seek to their watermarks."""
        positions = await self.app.tasks.restored_positions(self._thread._ensure_consumer().assignment())
        await self._thread.seek_all(positions)
        return {TP(*partition): offset for partition, offset in positions.items()}

    def verify_event_path(self, now: float, tp: TP) -> None:
        """The tasks' own watch replaces Faust's, which only logs."""

    def _to_message(self, tp: TP, record: Fetched) -> ChunkMessage:
        chunk = record.chunk
        message = ChunkMessage(
            chunk.topic,
            chunk.partition,
            chunk.end - 1,
            0.0,
            0,
            None,
            None,
            None,
            None,
            0,
            0,
            tp,
            generation_id=self.app.consumer_generation_id,
        )
        message.fetched = record
        return message


class Transport(driver.Transport):
    """Registered as a Faust transport driver under the scheme `latido`."""

    Consumer: ClassVar[type[ChunkConsumer]] = ChunkConsumer
