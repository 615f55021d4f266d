"""How often a partition may commit, so that all of them together stay within a budget."""

from collections.abc import Callable

_MEMORY = 0.8
"""Weight of earlier transactions in how long one takes."""


class TransactionBudget:
    """Shared by the tasks of a worker. Transactions cost the broker more than events do.

    A partition's interval is (partitions active within `window_s`) / `per_second`: few busy
    partitions commit often and soon, many commit seldom with larger chunks. And it rests for as long as its
    transactions have taken lately, so that a broker that falls behind gets fewer and larger ones.
    """

    def __init__(self, per_second: float, now: Callable[[], float], window_s: float = 1.0) -> None:
        self._per_second = per_second
        self._now = now
        self._window_s = window_s
        self._last_start: dict[int, float] = {}
        self._took_s: dict[int, float] = {}

    def interval_s(self) -> float:
        """Seconds between two transactions of one partition, at present."""
        horizon = self._now() - self._window_s
        active = sum(1 for start in list(self._last_start.values()) if start >= horizon)
        return max(1, active) / self._per_second

    def wait_s(self, partition: int) -> float:
        """Seconds until `partition` may start its next transaction; 0 if it may now."""
        last = self._last_start.get(partition)
        if last is None:
            return 0.0
        pause_s = max(self.interval_s(), 2 * self._took_s.get(partition, 0.0))
        return max(0.0, last + pause_s - self._now())

    def started(self, partition: int) -> None:
        """A transaction of `partition` starts now."""
        self._last_start[partition] = self._now()

    def ended(self, partition: int) -> None:
        """The transaction of `partition` that started last is over."""
        took_s = self._now() - self._last_start[partition]
        self._took_s[partition] = took_s + _MEMORY * (self._took_s.get(partition, took_s) - took_s)

    def forget(self, partition: int) -> None:
        """The partition went to another worker."""
        self._last_start.pop(partition, None)
        self._took_s.pop(partition, None)
