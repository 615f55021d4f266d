"""All tasks of a worker: follows the assignment, samples the log's ends, watches for stalls."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Iterable, Mapping
from typing import Protocol

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from streams.engine.crash import CrashPoint, ExitCode, end_process
from streams.engine.holding import Parcel
from streams.engine.partition import Partition
from streams.engine.shared import Shared
from streams.engine.status import WorkerStatus
from streams.engine.task import PartitionTask, Sample

logger = logging.getLogger(__name__)

Offsets = dict[TopicPartition, int]


class Log(Protocol):
    """What tasks need of the consumer; awaitable from the event loop."""

    def seek_anew(self, topic: str, partition: int, offset: int) -> Awaitable[int]:
        """Seek; the epoch of what is fetched afterwards."""

    def stable_ends(self, partitions: Iterable[TopicPartition]) -> Awaitable[Offsets]:
        """Last stable offsets."""

    def commit_positions(self, positions: Offsets) -> Awaitable[None]:
        """Tell the group, for lag tools."""

    def partition_counts(self) -> Mapping[str, int]:
        """Partitions of the inputs, as the consumer knows them."""


class Tasks:
    """The worker's partitions. Methods run on the event loop."""

    def __init__(self, shared: Shared) -> None:
        self.status = WorkerStatus(shared.settings.stall_s)
        self._shared = shared
        self._inputs = shared.application.inputs
        self._settings = shared.settings
        self._metrics = shared.metrics
        self._crash_points = shared.crash_points
        self._tasks: dict[int, PartitionTask] = {}
        self._sample_wanted = asyncio.Event()
        self._settled = False
        self._unsettled_since_s: float | None = time.monotonic()
        self._committing: asyncio.Task[None] | None = None
        self._log: Log

    @property
    def commit_interval_s(self) -> float:
        """Seconds between two transactions of one partition, at present; from any thread."""
        return self._shared.budget.interval_s()

    def commits_in_s(self, number: int) -> float:
        """Seconds until a partition may commit again; from any thread."""
        return self._shared.budget.wait_s(number)

    def attach(self, log: Log) -> None:
        """The consumer exists."""
        self._log = log

    async def on_revoked(self) -> None:
        """A rebalance begins: let running transactions end, keep the tasks."""
        self._settled = False
        self._unsettled_since_s = time.monotonic()
        self._crash_points.reached(CrashPoint.IN_REVOKE)
        await self._suspend_all()
        await self._commit_before_joining()

    async def on_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Close what the assignment lacks, begin to open what is new."""
        self._crash_points.reached(CrashPoint.IN_ASSIGN)
        self._check_copartitioned()
        self._metrics.rebalances.inc()
        numbers = {partition.partition for partition in assigned}
        for number in self._tasks.keys() - numbers:
            task = self._tasks.pop(number)
            self.status.partitions.pop(number, None)
            await task.close()
        for number in sorted(numbers - self._tasks.keys()):
            self._tasks[number] = self._new_task(number)
            self.status.partitions[number] = self._tasks[number].status
        self.status.assigned = True
        self._settled = True
        if not numbers:
            self._unsettled_since_s = None

    async def restored_positions(self, assigned: Iterable[TopicPartition]) -> Offsets:
        """Watermarks of the assigned partitions, after their tasks are restored; the tasks resume.

        Faust asks also while partitions are being revoked: then nothing resumes. IllegalStateError if
        the assignment is newer than the tasks; Faust asks again.
        """
        partitions = list(assigned)
        if any(one.partition not in self._tasks for one in partitions):
            raise IllegalStateError("the assignment has not arrived at the tasks yet")
        tasks = [self._tasks[number] for number in sorted({one.partition for one in partitions})]
        await asyncio.gather(*(task.opened() for task in tasks))
        if self._settled:
            for task in tasks:
                task.resume()
            self._unsettled_since_s = None
        return {one: self._tasks[one.partition].positions[one.topic] for one in partitions}

    async def offer(self, parcel: Parcel) -> None:
        """Hand fetched chunks to their task; returns when there is room for more."""
        for chunk, epoch in parcel:
            task = self._tasks.get(chunk.partition)
            if task is not None:
                await task.offer(chunk, epoch)

    async def drain(self) -> None:
        """Let running transactions end and tell the group the positions."""
        await self._suspend_all()
        self._crash_points.reached(CrashPoint.IN_DRAIN)
        await self._commit()

    async def watch(self) -> None:
        """Sample the log's ends every heartbeat, or sooner when time is due; exit on a stall."""
        while True:
            try:
                async with asyncio.timeout(self._settings.heartbeat_s):
                    await self._sample_wanted.wait()
            except TimeoutError:
                pass
            self._sample_wanted.clear()
            if self._tasks:
                await self._sample()
                if self._settled:
                    self._committing = asyncio.create_task(self._commit())
            self.status.beat()
            self._check_settled()
            for task in list(self._tasks.values()):
                if task.is_stalled():
                    self._metrics.stalls.inc()
                    end_process(ExitCode.STALLED, f"partition {task.number} makes no progress")

    def _check_settled(self) -> None:
        """A rebalance that never ends looks like idleness: nothing is fetched, nothing fails."""
        settings = self._settings
        since_s = self._unsettled_since_s
        limit_s = settings.rebalance_timeout_s + settings.restore_deadline_s + settings.stall_s
        if since_s is not None and time.monotonic() - since_s > limit_s:
            self._metrics.stalls.inc()
            end_process(ExitCode.STALLED, f"no assignment settled within {limit_s:.0f} s")

    async def _sample(self) -> None:
        tasks = [task for task in self._tasks.values() if task.positions]
        wanted = [TopicPartition(topic, task.number) for task in tasks for topic in self._inputs]
        if not wanted:
            return
        now_ms, taken_at_s = self._shared.clock.now_ms(), time.monotonic()
        try:
            async with asyncio.timeout(self._settings.stall_s):
                ends = await self._log.stable_ends(wanted)
        except (KafkaError, TimeoutError) as failure:
            logger.warning("the log's ends could not be read: %r", failure)
            return
        for task in tasks:
            own = {topic: ends[TopicPartition(topic, task.number)] for topic in self._inputs}
            task.sampled(Sample(now_ms, own, taken_at_s))
        overdue_ms = [now_ms - task.due_ms for task in tasks if task.due_ms is not None]
        self._metrics.clock_day_age_seconds.set(max(0, *overdue_ms, 0) / 1000)

    async def _suspend_all(self) -> None:
        try:
            await asyncio.gather(*(task.suspend() for task in self._tasks.values()))
        except TimeoutError:
            end_process(ExitCode.WRITER_FAILED, "a transaction did not end before the rebalance")

    async def _commit_before_joining(self) -> None:
        """Commit what is applied, and leave no commit under way.

        One that the broker meets after this member has joined anew is of an old generation: the client
        then leaves and joins once more, every other member's commits become old ones, and so on for ever.
        """
        running = [task for task in (self._committing, asyncio.create_task(self._commit())) if task]
        await asyncio.wait(running, timeout=self._settings.session_timeout_s)

    async def _commit(self) -> None:
        positions = {
            TopicPartition(topic, task.number): offset
            for task in self._tasks.values()
            for topic, offset in task.positions.items()
        }
        if not positions:
            return
        try:
            async with asyncio.timeout(self._settings.session_timeout_s):
                await self._log.commit_positions(positions)
        except (KafkaError, TimeoutError) as failure:
            logger.info("group offsets not committed this time: %r", failure)

    def _new_task(self, number: int) -> PartitionTask:
        partition = Partition(self._shared, number)
        task = PartitionTask(self._shared, partition, self._log.seek_anew, self._sample_wanted.set)
        task.start()
        return task

    def _check_copartitioned(self) -> None:
        counts = self._log.partition_counts()
        differing = {topic: count for topic, count in counts.items() if count != self._shared.partitions}
        if differing:
            end_process(
                ExitCode.TOPICS, f"started with {self._shared.partitions} partitions, now {differing}"
            )
