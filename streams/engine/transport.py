"""Faust's aiokafka transport, handing on all that a transaction of a partition can take as one message.

Faust's machinery for a message (conductor, event, stream) is paid once a transaction. Positions come from
the tasks' watermarks, never from the group; what Faust knows of read and acked offsets is not used.
"""

# ruff: noqa: SLF001 - Faust's driver and aiokafka offer no public way to a whole fetch

import asyncio
import math
import time
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

from streams.engine.fetching import take_chunk
from streams.engine.holding import Fetched, Holding, Parcel
from streams.engine.tasks import Offsets, Tasks
from streams.settings import Settings

_IDLE_WAIT_MS = 250
_GATHERED_BYTES = 1024 * 1024
_FETCHES_A_COMMIT = 4
_ROOM_S = 0.02
"""How often it is looked whether a partition that was full takes records again."""


class EngineApp(faust.App):
    """What the transport finds the engine by."""

    tasks: Tasks
    settings: Settings
    inputs: tuple[str, ...]


class ChunkMessage(ConsumerMessage):
    """A Faust message without key and value, that carries chunks."""

    parcel: Parcel


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
        self._holding = Holding(self.app.tasks.commits_in_s, self.app.settings.chunk_records)

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
    ) -> dict[TP, list[Parcel]]:
        """What is fetched of partitions that are about to commit; waits up to `timeout` seconds for one."""
        fetcher = consumer._fetcher
        if not self.consumer.flow_active:
            return {}
        with fetcher._subscriptions.fetch_context():
            if fetcher._subscriptions.reassignment_in_progress:
                await fetcher._subscriptions.wait_for_assignment()
            self._holding.keep(fetcher._subscriptions.is_assigned)
            deadline = time.monotonic() + (timeout or 0.0)
            while self._flows(fetcher):
                if consumer._closed or fetcher._closed:
                    raise ConsumerStoppedError()
                if self._gather(fetcher, active_partitions):
                    self._pace(fetcher, flowing=True)
                ready = self._holding.take_ready()
                left_s = deadline - time.monotonic()
                if ready:
                    return {self._way(number): [parcel] for number, parcel in ready.items()}
                if left_s <= 0:
                    self._pace(fetcher, flowing=bool(self._holding))
                    break
                waiter = fetcher._create_fetch_waiter()
                await asyncio.wait([waiter], timeout=min(left_s, self._pause_s(fetcher)))
                waiter.cancel()
        return {}

    def _flows(self, fetcher: Any) -> bool:
        """Not while a rebalance is under way."""
        return self.consumer.flow_active and not fetcher._subscriptions.reassignment_in_progress

    def _way(self, number: int) -> TP:
        """By which agent a partition's parcels go: by two they might overtake each other."""
        return TP(self.app.inputs[0], number)

    def _pause_s(self, fetcher: Any) -> float:
        """Seconds until something may be ready without a fetch; nobody tells when a full one has room."""
        room_s = _ROOM_S if fetcher._records else math.inf
        return min(room_s, self._holding.pause_s()) if self._holding else room_s

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

    def _gather(self, fetcher: Any, active_partitions: set[TP]) -> bool:
        """Hold what is fetched; whether there was anything."""
        most_records, found = self.app.settings.chunk_records, False
        for partition in list(fetcher._records):
            if partition in active_partitions and self._way(partition.partition) in active_partitions:
                chunk = take_chunk(fetcher, partition, most_records)
                if chunk is not None:
                    self._holding.add(Fetched(chunk, self._epochs[partition]))
                    found = True
            elif not fetcher._subscriptions.is_assigned(partition):
                del fetcher._records[partition]
        return found

    async def seek_all(self, positions: Offsets) -> None:
        """Fetch from `positions` on; aiokafka's IllegalStateError if one is no longer assigned."""
        await self.call_thread(self._seek_all, positions)

    async def _seek_all(self, positions: Offsets) -> None:
        consumer = self._ensure_consumer()
        self._holding.drop(positions)
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

    def _to_message(self, tp: TP, record: Parcel) -> ChunkMessage:
        message = ChunkMessage(
            tp.topic,
            tp.partition,
            0,
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
        message.parcel = record
        return message


class Transport(driver.Transport):
    """Registered as a Faust transport driver under the scheme `latido`."""

    Consumer: ClassVar[type[ChunkConsumer]] = ChunkConsumer
