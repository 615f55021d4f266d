"""How often a partition may commit, so that all of them together stay within a budget."""

import math
from collections.abc import Callable

_MEMORY = 0.8
"""Weight of earlier transactions in how long one takes."""
_APART = 0.6
"""Least distance between two partitions' transactions, of what it is when they are spread evenly."""


class TransactionBudget:
    """Shared by the tasks of a worker. Transactions cost the broker more than events do.

    A partition's interval is (partitions active within `window_s`) / `per_second`: few busy
    partitions commit often and soon, many commit seldom with larger chunks. And it rests for as long as its
    transactions have taken lately, so that a broker that falls behind gets fewer and larger ones.

    What begins together would stay together, each transaction in the way of the others and the processor idle
    afterwards: so one that starts right after another partition's has its next one a little later.
    """

    def __init__(self, per_second: float, now: Callable[[], float], window_s: float = 1.0) -> None:
        self._per_second = per_second
        self._now = now
        self._window_s = window_s
        self._last_start: dict[int, float] = {}
        self._took_s: dict[int, float] = {}
        self._aside_s: dict[int, float] = {}
        self._latest_s = -math.inf

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
        interval_s = self.interval_s() + self._aside_s.get(partition, 0.0)
        pause_s = max(interval_s, 2 * self._took_s.get(partition, 0.0))
        return max(0.0, last + pause_s - self._now())

    def started(self, partition: int) -> None:
        """A transaction of `partition` starts now."""
        now = self._now()
        self._aside_s[partition] = max(0.0, _APART / self._per_second - (now - self._latest_s))
        self._last_start[partition] = self._latest_s = now

    def ended(self, partition: int) -> None:
        """The transaction of `partition` that started last is over."""
        took_s = self._now() - self._last_start[partition]
        self._took_s[partition] = took_s + _MEMORY * (self._took_s.get(partition, took_s) - took_s)

    def forget(self, partition: int) -> None:
        """The partition went to another worker."""
        self._last_start.pop(partition, None)
        self._took_s.pop(partition, None)
        self._aside_s.pop(partition, None)
