"""What one partition owns: its fold, its writer, its positions. All of it blocks."""

import gc
import logging
import time
from collections.abc import Mapping, Sequence

from streams.engine.collecting import WORTH_A_PROCESS, Collected, Job, collect, collect_apart
from streams.engine.contract import Blocked, Chunk, Fold, Output, RestoreFailed
from streams.engine.crash import CrashPoint
from streams.engine.hold import await_release
from streams.engine.poison import Trials
from streams.engine.restore import ChangelogReader
from streams.engine.shared import Shared
from streams.engine.watermark import (
    WATERMARKS_TOPIC,
    Watermark,
    decode_watermark,
    encode_watermark,
    watermark_key,
)
from streams.engine.writer import TransactionalWriter

logger = logging.getLogger(__name__)

_ADVICE = "`latido replay` rebuilds the state from the inputs."


class Partition:
    """Called by one thread at a time; after any exception but `Blocked` the process must end.

    `positions`, `caught_up_at_ms` and `due_ms` are as of the last committed transaction.
    """

    def __init__(self, shared: Shared, number: int) -> None:
        self.number = number
        self.positions: dict[str, int] = {}
        self.caught_up_at_ms: int | None = None
        self.due_ms: int | None = None
        self.trials = Trials({}, shared.settings.chunk_records, shared.settings.poison_deaths)
        self._application = shared.application
        self._settings = shared.settings
        self._clock = shared.clock
        self._crash_points = shared.crash_points
        self._metrics = shared.metrics
        self._key = watermark_key(shared.application.name, number)
        self._shared = shared
        self._generation = 0
        self._begins: dict[str, int] = {}
        self._fold: Fold
        self._writer: TransactionalWriter

    def open(self) -> None:
        """Take the partition over. WriterFailed, RestoreFailed, or what the fold raises.

        1. wait while `latido replay` asks for it
        2. fence whoever held it before, which aborts its open transaction, and read the last watermark
        3. restore the fold from its generation's records in the changelogs, up to the high watermark
        """
        deadline = time.monotonic() + self._settings.restore_deadline_s
        await_release(self._settings.bootstrap_servers, self._application.name, self.number, deadline)
        with ChangelogReader(self._settings, self.number, deadline) as reader:
            stored = self._take_over(reader, deadline)
            watermark = stored or Watermark()
            self._generation, self._begins = watermark.generation, watermark.begins
            self._fold = self._application.fold(self.number, self._shared.partitions, self._generation)
            self._check_untruncated(reader)
            starts = {name: self._begins.get(name, 0) for name in self._application.changelogs}
            collected = self._collect(
                Job(self._settings, self.number, starts, deadline, self._application.collector), reader
            )
            if stored is None and collected.records:
                raise RestoreFailed(f"partition {self.number} has state and no watermark: {_ADVICE}")
            missing = [topic for topic in self._application.inputs if topic not in watermark.positions]
            first = reader.first_offsets(missing) if missing else {}
        self.positions = {**first, **watermark.positions}
        self.caught_up_at_ms = watermark.caught_up_at_ms
        self.trials = Trials(watermark.attempts, self._settings.chunk_records, self._settings.poison_deaths)
        self._fold.restored(collected.content, watermark.memo, self.positions)
        # Restored state lives on; every full collection would walk through all of it again.
        gc.freeze()
        self.due_ms = self._fold.due_ms()
        self._crash_points.reached(CrashPoint.AFTER_RESTORE)

    def _take_over(self, reader: ChangelogReader, deadline: float) -> Watermark | None:
        """Fence the generation of the newest watermark and the one before it, then read the committed one.

        The newest may be of a switch that never committed, and then it is the id of the generation before
        that has to be fenced: reading what is committed would wait for that transaction.
        """
        while True:
            newest = self._watermark(reader, committed=False)
            highest = newest.generation if newest else 0
            writers = {}
            for generation in range(max(0, highest - 1), highest + 1):
                writers[generation] = TransactionalWriter(self._shared, self.number, generation)
                writers[generation].fence(max(1.0, deadline - time.monotonic()))
            self._crash_points.reached(CrashPoint.AFTER_FENCE)
            stored = self._watermark(reader, committed=True)
            generation = stored.generation if stored else 0
            if generation in writers:
                self._writer = writers[generation]
                return stored

    def _watermark(self, reader: ChangelogReader, committed: bool) -> Watermark | None:
        value = reader.last_value(self._key, committed)
        return None if value is None else decode_watermark(value, self._application.changelogs)

    def _check_untruncated(self, reader: ChangelogReader) -> None:
        for topic, first in reader.first_offsets(self._application.changelogs).items():
            begins = self._begins.get(topic, 0)
            if first > begins:
                raise RestoreFailed(
                    f"{topic}[{self.number}] was truncated: it begins at {first}, not at {begins}. {_ADVICE}"
                )

    def begin_trial(self, topic: str) -> None:
        """Write that the topic's next chunk is being tried for the first time since the restore."""
        self.trials.begin(topic)
        self._commit([], self.positions)
        self._crash_points.reached(CrashPoint.AFTER_TRIAL)

    def apply(self, chunks: Sequence[Chunk]) -> int:
        """Fold chunks and commit them in one transaction; how many were applied.

        Fewer than given if the fold is `Blocked` by the next one. That is no death: restarts while
        it waits must not count against the chunk.
        """
        positions = dict(self.positions)
        outputs: list[Output] = []
        applied = 0
        counted = False
        for chunk in chunks:
            if not self._fold_chunk(chunk, outputs):
                if not self.trials.refuses(chunk.topic):
                    counted = bool(self.trials.attempts.get(chunk.topic))
                    self.trials.survived(chunk.topic)
                break
            positions[chunk.topic] = chunk.end
            self.trials.passed(chunk.topic, len(chunk.records))
            applied += 1
        if applied or counted:
            self._crash_points.reached(CrashPoint.AFTER_FOLD, None, [output.topic for output in outputs])
            self._commit(outputs, positions)
        return applied

    def step(self, now_ms: int) -> None:
        """Apply a slice of what is due at `now_ms`; the inputs are applied up to where they ended then."""
        outputs = self._fold.step(now_ms, self.positions, self._settings.step_effects)
        self._crash_points.reached(CrashPoint.AFTER_STEP, None, [output.topic for output in outputs])
        self._commit(outputs, self.positions)

    def heartbeat(self) -> None:
        """Write a watermark that says anew up to when all is applied."""
        self._commit([], self.positions)

    def _fold_chunk(self, chunk: Chunk, outputs: list[Output]) -> bool:
        if not chunk.records:
            return True
        use = self._fold.apply
        if self.trials.refuses(chunk.topic):
            logger.error("refusing %s[%d]@%d: it ended the process", chunk.topic, self.number, chunk.start)
            use = self._fold.refuse
        try:
            with self._shared.folding():
                outputs.extend(use(chunk, self._clock.now_ms()))
        except Blocked as blocked:
            logger.critical(
                "partition %d is blocked at %s@%d: %s", self.number, chunk.topic, chunk.start, blocked
            )
            return False
        return True

    def _commit(self, outputs: Sequence[Output], positions: Mapping[str, int]) -> None:
        watermark = Watermark(
            dict(positions),
            self.trials.attempts,
            self.caught_up_at_ms,
            self._fold.memo(),
            self._generation,
            self._begins,
        )
        value = encode_watermark(self._application.name, self.number, watermark)
        self._writer.commit(outputs, Output(WATERMARKS_TOPIC, [self._key], [value]))
        self.positions = dict(positions)
        self.due_ms = self._fold.due_ms()

    def _collect(self, job: Job, reader: ChangelogReader) -> Collected:
        with self._shared.restoring:
            if reader.count(job.starts) >= WORTH_A_PROCESS:
                collected = collect_apart(job)
            else:
                collected = collect(job, lambda: self._crash_points.reached(CrashPoint.MID_RESTORE))
        for topic, records in collected.records.items():
            self._metrics.restored_records.labels(topic).inc(records)
        return collected
