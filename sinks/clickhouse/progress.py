"""How far the sink is; written by its thread, read by the API's."""

import threading
import time

from sinks.clickhouse.batch import Position


class Progress:
    """Inserted positions and signs of life."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inserted: dict[Position, int] = {}
        self._assigned: frozenset[Position] = frozenset()
        self._settled = False
        self._beat = time.monotonic()
        self._failing_since: float | None = None

    def assign(self, positions: dict[Position, int | None]) -> None:
        """Take over partitions, each with its committed offset or None."""
        with self._lock:
            self._assigned = frozenset(positions)
            self._settled = True
            self._inserted = {position: offset or 0 for position, offset in positions.items()}

    def insert(self, ends: dict[Position, int]) -> None:
        """Everything before these offsets is in ClickHouse."""
        with self._lock:
            for position, end in ends.items():
                if position in self._assigned:
                    self._inserted[position] = max(end, self._inserted.get(position, 0))

    def positions(self) -> dict[Position, int]:
        """Next offset to insert of every assigned partition."""
        with self._lock:
            return dict(self._inserted)

    def beat(self) -> None:
        """The loop turned."""
        self._beat = time.monotonic()

    def failing(self, failing: bool) -> None:
        """An insert failed, or one succeeded again."""
        if not failing:
            self._failing_since = None
        elif self._failing_since is None:
            self._failing_since = time.monotonic()

    @property
    def silent_seconds(self) -> float:
        """Time since the loop last turned."""
        return time.monotonic() - self._beat

    @property
    def failing_seconds(self) -> float:
        """How long inserts have been failing; 0 while they work."""
        since = self._failing_since
        return 0.0 if since is None else time.monotonic() - since

    @property
    def ready(self) -> bool:
        """Whether the group has settled and inserts work."""
        return self._settled and self._failing_since is None
