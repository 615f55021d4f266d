"""Answers kept while the account they belong to has not changed, and a little longer where they are dear.

A question is computed once at a time, whoever asks. After a change, an answer that took `c` seconds is
computed again when it is 4c old, so that a screen costs a fifth of a core at most; the readers of a dear one
(more than 50 ms) keep getting the last one meanwhile. Nothing older than 10 s (or 8c) is given without
computing. So a small account is always current, and one of ten million orders a few seconds old.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from sinks.monitor.figures.versions import Version, Versions

T = TypeVar("T")
_DEAR_SECONDS = 0.05
_WELL_AFTER_SECONDS = 1.0
_AT_MOST_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[T]):
    """An answer, with the version of the account it is not older than, and what it cost."""

    value: T
    version: Version
    begun_at: float
    cost: float

    def holds(self, version: Version) -> bool:
        """Whether nothing can have changed since."""
        same = version.rows == self.version.rows
        return same and self.begun_at > self.version.seen_at + _WELL_AFTER_SECONDS

    @property
    def age(self) -> float:
        """Seconds since its read began."""
        return time.monotonic() - self.begun_at


class _Slot:
    def __init__(self) -> None:
        self.computing = threading.Lock()
        self.kept: Snapshot[object] | None = None


class Snapshots:
    """The answers to the `most` questions asked last. Thread-safe."""

    def __init__(self, versions: Versions, most: int) -> None:
        self._versions, self._most = versions, most
        self._slots: OrderedDict[Hashable, _Slot] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, account_id: str, question: Hashable, compute: Callable[[], T]) -> Snapshot[T]:
        """The answer to a question about an account."""
        slot = self._slot((account_id, question))
        kept = cast("Snapshot[T] | None", slot.kept)
        if kept is not None:
            if kept.holds(self._versions.of(account_id)) or kept.age < 4 * kept.cost:
                return kept
            if kept.cost > _DEAR_SECONDS and kept.age < max(_AT_MOST_SECONDS, 8 * kept.cost):
                self._renew(slot, account_id, compute)
                return kept
        asked_at = time.monotonic()
        with slot.computing:
            done = cast("Snapshot[T] | None", slot.kept)
            if done is not None and done is not kept and done.begun_at + done.cost >= asked_at:
                return done  # computed by another while this one waited
            return self._compute(slot, account_id, compute)

    def _slot(self, key: Hashable) -> _Slot:
        with self._lock:
            slot = self._slots.pop(key, None) or _Slot()
            self._slots[key] = slot
            while len(self._slots) > self._most:
                self._slots.popitem(last=False)
        return slot

    def _renew(self, slot: _Slot, account_id: str, compute: Callable[[], T]) -> None:
        """Compute beside the readers, unless somebody does already."""
        if slot.computing.acquire(blocking=False):

            def run() -> None:
                try:
                    self._compute(slot, account_id, compute)
                finally:
                    slot.computing.release()

            threading.Thread(target=run, name="renew").start()

    def _compute(self, slot: _Slot, account_id: str, compute: Callable[[], T]) -> Snapshot[T]:
        version, begun_at = self._versions.of(account_id), time.monotonic()
        value = compute()
        kept = Snapshot(value, version, begun_at, time.monotonic() - begun_at)
        slot.kept = cast("Snapshot[object]", kept)
        return kept
