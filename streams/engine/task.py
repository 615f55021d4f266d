"""Schedules one partition: what runs next, and when. Runs on the event loop; the work runs in a thread."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple, TypeVar

from streams.engine.contract import Chunk, RestoreFailed
from streams.engine.crash import ExitCode, end_process
from streams.engine.intake import Intake, Verdict
from streams.engine.partition import Partition
from streams.engine.shared import Shared
from streams.engine.status import PartitionState, PartitionStatus
from streams.engine.writer import WriterFailed

logger = logging.getLogger(__name__)

T = TypeVar("T")
Seek = Callable[[str, int, int], Awaitable[int]]
"""(topic, partition, offset) -> the epoch of what is fetched afterwards."""


class Sample(NamedTuple):
    """Where the inputs ended at an instant of the worker's clock."""

    now_ms: int
    ends: Mapping[str, int]
    taken_at_s: float


class PartitionTask:
    """Owns partition `number` of all inputs: opened once, suspended in rebalances, closed when lost."""

    def __init__(
        self, shared: Shared, partition: Partition, seek: Seek, ask_for_sample: Callable[[], None]
    ) -> None:
        self.number = partition.number
        self.status = PartitionStatus(partition.number, shared.metrics)
        self._partition = partition
        self._settings = shared.settings
        self._clock = shared.clock
        self._budget = shared.budget
        self._threads = shared.threads
        self._trial = shared.trial
        self._seek = seek
        self._ask_for_sample = ask_for_sample
        self._intake = Intake()
        self._epochs: dict[str, int] = {}
        self._sought: dict[str, int] = {}
        self._sample: Sample | None = None
        self._blocked_until_s = 0.0
        self._last_commit_s = time.monotonic()
        self._heartbeat_due = False
        self._suspended = True
        self._running = asyncio.Lock()
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        self._opened: asyncio.Task[None] | None = None
        self._loop: asyncio.Task[None] | None = None

    @property
    def due_ms(self) -> int | None:
        """The next instant at which time alone changes something."""
        return self._partition.due_ms

    @property
    def positions(self) -> dict[str, int]:
        """Next offset to apply by topic, as of the last commit."""
        return self._partition.positions

    def start(self) -> None:
        """Begin to fence and restore, in a thread."""
        self._opened = asyncio.create_task(self._open())

    async def opened(self) -> None:
        """Returns when the partition is restored. Only after `start`."""
        if self._opened is not None:
            await asyncio.shield(self._opened)

    def resume(self) -> None:
        """Take chunks from the present positions on. Only after `opened`."""
        self._intake.reset(self.positions)
        self._sought.clear()
        self._sample = None
        self._suspended = False
        self.status.resumed(self._partition.caught_up_at_ms)
        if self._loop is None:
            self._loop = asyncio.create_task(self._run())
        self._notify()

    async def suspend(self) -> None:
        """Drop what waits and let the running transaction end. TimeoutError after the deadline."""
        self._suspended = True
        self._intake.reset(self.positions)
        self._notify()
        async with asyncio.timeout(self._settings.commit_deadline_s):
            async with self._running:
                pass

    async def close(self) -> None:
        """Give the partition up; nothing is written any more."""
        await self.suspend()
        for work in (self._loop, self._opened):
            if work is not None:
                work.cancel()
        self._budget.forget(self.number)
        self.status.closed(tuple(self.positions))

    async def offer(self, chunk: Chunk, epoch: int) -> None:
        """Queue a fetched chunk; returns when there is room for the next one."""
        if self._suspended or epoch < self._epochs.get(chunk.topic, 0):
            return
        match self._intake.offer(chunk):
            case Verdict.GAP:
                await self._on_gap(chunk)
            case Verdict.TAKEN:
                self._wake.set()
        while self._intake.records >= self._settings.chunk_records and not self._suspended:
            self._room.clear()
            await self._room.wait()

    def sampled(self, sample: Sample) -> None:
        """The inputs' ends were sampled; keeps the older sample until the positions reach it."""
        self.status.sampled(sample.now_ms, self.positions, sample.ends)
        if self._suspended:
            return
        if self._sample is None:
            self._sample = sample
        self._note_caught_up()
        self._wake.set()

    def is_stalled(self) -> bool:
        """Whether it lay behind a sample, and made no progress, for the whole time allowed."""
        sample = self._sample
        if self._suspended or sample is None or self.status.state is PartitionState.BLOCKED:
            return False
        horizon = time.monotonic() - self._settings.stall_s
        return sample.taken_at_s < horizon and self.status.progressed_at_s < horizon

    async def _open(self) -> None:
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._settings.restore_deadline_s + 5):
                await self._in_thread(self._partition.open)
        except (WriterFailed, RestoreFailed, TimeoutError) as failure:
            end_process(ExitCode.RESTORE_FAILED, f"partition {self.number}: {failure!r}")
        except Exception as failure:
            logger.exception("partition %d", self.number)
            end_process(ExitCode.FOLD_FAILED, f"restore of partition {self.number}: {failure!r}")
        self.status.restored(time.monotonic() - started)
        logger.info("partition %d restored in %.1f s", self.number, time.monotonic() - started)

    async def _on_gap(self, chunk: Chunk) -> None:
        """Seek once to where the gap begins; a second gap there means that records are gone."""
        self.status.gap(chunk.topic)
        expected = self._intake.expected(chunk.topic)
        where = f"{chunk.topic}[{self.number}]: {expected} expected, {chunk.start} came"
        if self._sought.get(chunk.topic) == expected:
            end_process(ExitCode.GAP, where)
        logger.warning("gap in %s; seeking back", where)
        self._sought[chunk.topic] = expected
        self._epochs[chunk.topic] = await self._seek(chunk.topic, self.number, expected)

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            pause_s = self._pause_s()
            if pause_s <= 0:
                await self._work()
                continue
            try:
                async with asyncio.timeout(pause_s):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _pause_s(self) -> float:
        """Seconds until something is to be done, if nothing arrives meanwhile; 0 if it is now."""
        if self._suspended:
            return self._settings.heartbeat_s
        pauses = [self._settings.heartbeat_s]
        if self._intake:
            pauses.append(self._gather_s())
        if self._step_is_ready() or self._heartbeat_due:
            pauses.append(self._budget.wait_s(self.number))
        elif self._partition.due_ms is not None and not self._intake:
            pauses.append(self._until_due_s(self._partition.due_ms))
        return min(pauses)

    def _gather_s(self) -> float:
        blocked_s = self._blocked_until_s - time.monotonic()
        if blocked_s > 0:
            return blocked_s
        if self._intake.records >= self._settings.chunk_records:
            return 0.0
        return self._budget.wait_s(self.number)

    def _until_due_s(self, due_ms: int) -> float:
        late_ms = self._clock.now_ms() - due_ms
        if late_ms < 0:
            return min(self._settings.heartbeat_s, -late_ms / 1000)
        self._ask_for_sample()
        return self._settings.heartbeat_s

    def _step_is_ready(self) -> bool:
        if self._blocked_until_s:
            return False
        due_ms, caught_up_at_ms = self._partition.due_ms, self._partition.caught_up_at_ms
        return due_ms is not None and caught_up_at_ms is not None and due_ms <= caught_up_at_ms

    async def _work(self) -> None:
        """One transaction: a chunk, a slice of a day, or a sign of life; chunks and days take turns."""
        async with self._running:
            if self._suspended:
                return
            if self._intake and self._gather_s() <= 0:
                await self._apply()
            caught_up_at_ms = self._partition.caught_up_at_ms
            if caught_up_at_ms is not None and self._step_is_ready() and not self._suspended:
                await self._transact(lambda: self._partition.step(caught_up_at_ms))
            elif self._heartbeat_due and not self._suspended:
                await self._transact(self._partition.heartbeat)

    async def _apply(self) -> None:
        topic = self._intake.first_topic()
        trials = self._partition.trials
        if trials.is_cleared(topic):
            await self._apply_chunks(self._intake.take(self._settings.chunk_records, trials.is_cleared))
            return
        async with self._trial:
            if self._suspended:
                return
            chunks = self._intake.take(trials.limit(topic), topic.__eq__)
            if trials.is_first(topic) and any(chunk.records for chunk in chunks):
                await self._transact(lambda: self._partition.begin_trial(topic))
            await self._apply_chunks(chunks)

    async def _apply_chunks(self, chunks: list[Chunk]) -> None:
        applied = await self._transact(lambda: self._partition.apply(chunks))
        self._note_applied(chunks[:applied])
        if applied < len(chunks) and not self._suspended:
            self._intake.put_back(chunks[applied:])
            self._blocked_until_s = time.monotonic() + self._settings.blocked_retry_s
            self.status.blocked()
        self._room.set()

    def _note_applied(self, chunks: list[Chunk]) -> None:
        if not chunks:
            return
        self._blocked_until_s = 0.0
        self.status.applied(chunks)
        for chunk in chunks:
            self._sought.pop(chunk.topic, None)
        self._note_caught_up()

    def _note_caught_up(self) -> None:
        sample = self._sample
        if sample is None or any(self.positions[topic] < end for topic, end in sample.ends.items()):
            return
        self._sample = None
        self._partition.caught_up_at_ms = sample.now_ms
        self.status.caught_up(sample.now_ms)
        self._heartbeat_due = time.monotonic() - self._last_commit_s >= self._settings.heartbeat_s * 0.9

    async def _transact(self, work: Callable[[], T]) -> T:
        self._budget.started(self.number)
        try:
            async with asyncio.timeout(self._settings.commit_deadline_s + 5):
                result = await self._in_thread(work)
        except WriterFailed as failure:
            end_process(ExitCode.WRITER_FAILED, f"partition {self.number}: {failure}")
        except TimeoutError:
            end_process(ExitCode.WRITER_FAILED, f"partition {self.number}: deadline passed")
        except Exception as failure:
            logger.exception("partition %d", self.number)
            end_process(ExitCode.FOLD_FAILED, f"partition {self.number}: {failure!r}")
        self._budget.ended(self.number)
        self._last_commit_s = time.monotonic()
        self._heartbeat_due = False
        self.status.committed()
        return result

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _notify(self) -> None:
        self._wake.set()
        self._room.set()
