"""How the worker is doing: what /healthz and /readyz answer from, and what the metrics show."""

import time
from collections.abc import Mapping, Sequence
from enum import StrEnum

from schemas.metrics import Metrics, Stage
from streams.engine.contract import Chunk


class PartitionState(StrEnum):
    """Where a partition is in its life."""

    RESTORING = "restoring"
    RUNNING = "running"
    BLOCKED = "blocked"


class PartitionStatus:
    """What one task did last. Times named `_s` are monotonic seconds, `_ms` the worker's clock."""

    def __init__(self, number: int, metrics: Metrics) -> None:
        self.state = PartitionState.RESTORING
        self.progressed_at_s = time.monotonic()
        self.caught_up_at_ms: int | None = None
        self._label = str(number)
        self._metrics = metrics
        self._applied_to_ms: dict[str, int] = {}

    def restored(self, seconds: float) -> None:
        """The partition was fenced and its state read back."""
        self.state = PartitionState.RUNNING
        self._metrics.restores.inc()
        self._metrics.stage_seconds.labels(Stage.RESTORE).observe(seconds)

    def resumed(self, caught_up_at_ms: int | None) -> None:
        """The partition runs from its watermark on."""
        self.progressed_at_s = time.monotonic()
        self.caught_up_at_ms = caught_up_at_ms

    def applied(self, chunks: Sequence[Chunk]) -> None:
        """Chunks were committed."""
        self._leave_blocked()
        self.progressed_at_s = time.monotonic()
        for chunk in chunks:
            self._metrics.events_in.labels(chunk.topic).inc(len(chunk.records))
            if chunk.records:
                self._metrics.chunk_records.labels(chunk.topic).observe(len(chunk.records))
                self._applied_to_ms[chunk.topic] = chunk.records[-1].timestamp_ms

    def committed(self) -> None:
        """A transaction was committed, with or without chunks."""
        self.progressed_at_s = time.monotonic()

    def sampled(self, now_ms: int, positions: Mapping[str, int], ends: Mapping[str, int]) -> None:
        """The inputs ended at `ends`. Lag is measured from the last record applied."""
        for topic, end in ends.items():
            oldest_ms = self._applied_to_ms.get(topic, self.caught_up_at_ms or now_ms)
            lag_ms = max(0, now_ms - oldest_ms) if positions[topic] < end else 0
            self._metrics.lag_seconds.labels(topic, self._label).set(lag_ms / 1000)
        if self.caught_up_at_ms is not None:
            age_ms = max(0, now_ms - self.caught_up_at_ms)
            self._metrics.caught_up_age_seconds.labels(self._label).set(age_ms / 1000)

    def caught_up(self, now_ms: int) -> None:
        """Nothing that was in the log at `now_ms` is unread."""
        self.caught_up_at_ms = now_ms

    def blocked(self) -> None:
        """The fold refuses the next chunk as a whole."""
        if self.state is not PartitionState.BLOCKED:
            self.state = PartitionState.BLOCKED
            self._metrics.blocked_partitions.inc()

    def gap(self, topic: str) -> None:
        """A chunk began beyond what was expected."""
        self._metrics.gaps.labels(topic).inc()

    def closed(self, topics: Sequence[str]) -> None:
        """The partition went to another worker: its gauges would lie."""
        self._leave_blocked()
        for topic in topics:
            self._metrics.lag_seconds.remove(topic, self._label)
        self._metrics.caught_up_age_seconds.remove(self._label)

    def _leave_blocked(self) -> None:
        if self.state is PartitionState.BLOCKED:
            self.state = PartitionState.RUNNING
            self._metrics.blocked_partitions.dec()


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
