"""How the worker is doing: what /healthz and /readyz answer from, and what the metrics show."""

import time
from collections.abc import Sequence
from enum import StrEnum

from streams.engine.contract import Chunk
from streams.engine.partition import Partition


class PartitionState(StrEnum):
    """Where a partition is in its life."""

    RESTORING = "restoring"
    RUNNING = "running"
    BLOCKED = "blocked"


class PartitionStatus:
    """What one task did last. Times are monotonic seconds."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.state = PartitionState.RESTORING
        self.progressed_at_s = time.monotonic()
        self.records = 0
        self.transactions = 0
        self.caught_up_at_ms: int | None = None

    def restored(self, seconds: float) -> None:
        """The partition was fenced and its state read back."""
        self.state = PartitionState.RUNNING
        self.progressed_at_s = time.monotonic()

    def progressed(self, partition: Partition) -> None:
        """The partition runs from its watermark on."""
        self.progressed_at_s = time.monotonic()
        self.caught_up_at_ms = partition.caught_up_at_ms

    def applied(self, chunks: Sequence[Chunk], partition: Partition) -> None:
        """Chunks were committed."""
        self.state = PartitionState.RUNNING
        self.progressed_at_s = time.monotonic()
        self.records += sum(len(chunk.records) for chunk in chunks)

    def committed(self, seconds: float) -> None:
        """A transaction took `seconds` from fold to commit."""
        self.transactions += 1
        self.progressed_at_s = time.monotonic()

    def sampled(self, now_ms: int) -> None:
        """The inputs' ends were looked at."""

    def caught_up(self, now_ms: int) -> None:
        """Nothing that was in the log at `now_ms` is unread."""
        self.caught_up_at_ms = now_ms

    def blocked(self) -> None:
        """The fold refuses the next chunk as a whole."""
        self.state = PartitionState.BLOCKED


class WorkerStatus:
    """Health and readiness of the whole worker; read by other threads."""

    def __init__(self, beat_limit_s: float) -> None:
        self._beat_limit_s = beat_limit_s
        self._beat_s = time.monotonic()
        self.assigned = False
        self.partitions: dict[int, PartitionStatus] = {}

    def beat(self) -> None:
        """The event loop runs and the log's ends could be sampled."""
        self._beat_s = time.monotonic()

    @property
    def silent_s(self) -> float:
        """Seconds since the last beat."""
        return time.monotonic() - self._beat_s

    def is_healthy(self) -> bool:
        """Whether the worker makes progress, or has nothing to do."""
        return self.silent_s < self._beat_limit_s

    def is_ready(self) -> bool:
        """Whether an assignment arrived and every partition of it is restored. A spare worker is ready."""
        states = [status.state for status in list(self.partitions.values())]
        return self.assigned and PartitionState.RESTORING not in states
