"""What one partition owns: its fold, its writer, its positions. All of it blocks."""

import logging
import time
from collections.abc import Mapping, Sequence

from streams.engine.contract import Blocked, Chunk, Fold, Output, Record
from streams.engine.crash import CrashPoint
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
        self._fold: Fold = shared.application.fold(number, shared.partitions)
        self._writer = TransactionalWriter(shared, number)

    def open(self) -> None:
        """Take the partition over. WriterFailed, RestoreFailed, or what the fold raises.

        1. fence whoever held it before, which aborts its open transaction
        2. read the last watermark
        3. restore the fold from the changelogs, up to the high watermark
        """
        deadline = time.monotonic() + self._settings.restore_deadline_s
        self._writer.fence(self._settings.restore_deadline_s)
        self._crash_points.reached(CrashPoint.AFTER_FENCE)
        reader = ChangelogReader(self._settings, self.number, deadline)
        stored = reader.last_value(self._key)
        watermark = decode_watermark(stored) if stored is not None else Watermark()
        reader.read_all(self._application.changelogs, self._restore)
        missing = [topic for topic in self._application.inputs if topic not in watermark.positions]
        first = reader.first_offsets(missing) if missing else {}
        self.positions = {**first, **watermark.positions}
        self.caught_up_at_ms = watermark.caught_up_at_ms
        self.trials = Trials(watermark.attempts, self._settings.chunk_records, self._settings.poison_deaths)
        self._fold.restored(watermark.memo, self.positions)
        self.due_ms = self._fold.due_ms()
        self._crash_points.reached(CrashPoint.AFTER_RESTORE)

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
                counted = bool(self.trials.attempts.get(chunk.topic))
                self.trials.survived(chunk.topic)
                break
            positions[chunk.topic] = chunk.end
            self.trials.passed(chunk.topic, len(chunk.records))
            applied += 1
        if applied or counted:
            self._crash_points.reached(CrashPoint.AFTER_FOLD)
            self._commit(outputs, positions)
        return applied

    def step(self, now_ms: int) -> None:
        """Apply a slice of what is due at `now_ms`; the inputs are applied up to where they ended then."""
        outputs = self._fold.step(now_ms, self.positions, self._settings.step_effects)
        self._crash_points.reached(CrashPoint.AFTER_STEP)
        self._commit(outputs, self.positions)

    def heartbeat(self) -> None:
        """Write a watermark that says anew up to when all is applied."""
        self._commit([], self.positions)

    def _fold_chunk(self, chunk: Chunk, outputs: list[Output]) -> bool:
        if not chunk.records:
            return True
        if self.trials.refuses(chunk.topic):
            logger.error("refusing %s[%d]@%d: it ended the process", chunk.topic, self.number, chunk.start)
            outputs.extend(self._fold.refuse(chunk, self._clock.now_ms()))
            return True
        try:
            outputs.extend(self._fold.apply(chunk, self._clock.now_ms()))
        except Blocked as blocked:
            logger.critical(
                "partition %d is blocked at %s@%d: %s", self.number, chunk.topic, chunk.start, blocked
            )
            return False
        return True

    def _commit(self, outputs: Sequence[Output], positions: Mapping[str, int]) -> None:
        watermark = Watermark(dict(positions), self.trials.attempts, self.caught_up_at_ms, self._fold.memo())
        value = encode_watermark(self._application.name, self.number, self._application.generation, watermark)
        self._writer.commit(outputs, Output(WATERMARKS_TOPIC, [self._key], [value]))
        self.positions = dict(positions)
        self.due_ms = self._fold.due_ms()

    def _restore(self, topic: str, records: Sequence[Record]) -> None:
        self._fold.restore(topic, records)
        self._metrics.restored_records.labels(topic).inc(len(records))
        self._crash_points.reached(CrashPoint.MID_RESTORE)
