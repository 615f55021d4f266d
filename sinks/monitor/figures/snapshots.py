"""Answers kept while the account they belong to has not changed, and a little longer where they are dear.

A question is computed once at a time, whoever asks. After a change, an answer that took `c` seconds is
computed again when it is 4c old, so that a screen costs a fifth of a core at most; the readers of a dear one
(more than 50 ms) keep getting the last one meanwhile. Nothing older than 10 s (or 8c) is given without
computing, unless the database is away: then the last answer is given, and says so. So a small account is
always current, and one of ten million orders a few seconds old.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar, cast

import structlog

from sinks.monitor.figures.versions import Version, Versions

T = TypeVar("T")
_DEAR_SECONDS = 0.05
_WELL_AFTER_SECONDS = 1.0
_AT_MOST_SECONDS = 10.0
_AGAIN_SECONDS = 2.0
"""How long after a failure the last answer is given without another try."""
_RENEWALS = 2
"""At once beside the readers; more would only take the processor from those who wait."""
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[T]):
    """An answer, with the version of the account it is not older than, and what it cost.

    `stale`: it could not be computed anew, the database being away.
    """

    value: T
    version: Version
    begun_at: float
    cost: float
    stale: bool = False

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
        self.failed_at = -_AGAIN_SECONDS


class Snapshots:
    """The answers to the `most` questions asked last. Thread-safe."""

    def __init__(self, versions: Versions, most: int) -> None:
        self._versions, self._most = versions, most
        self._slots: OrderedDict[Hashable, _Slot] = OrderedDict()
        self._lock = threading.Lock()
        self._renewals = threading.Semaphore(_RENEWALS)

    def get(self, account_id: str, question: Hashable, compute: Callable[[], T]) -> Snapshot[T]:
        """The answer to a question about an account; the last one where the database does not answer."""
        slot = self._slot((account_id, question))
        if slot.kept is not None and time.monotonic() - slot.failed_at < _AGAIN_SECONDS:
            return replace(cast("Snapshot[T]", slot.kept), stale=True)
        try:
            return self._current(slot, account_id, compute)
        except Exception as error:
            if slot.kept is None:
                raise
            slot.failed_at = time.monotonic()
            _log.warning("answer_of_before", error=str(error)[:300])
            return replace(cast("Snapshot[T]", slot.kept), stale=True)

    def _current(self, slot: _Slot, account_id: str, compute: Callable[[], T]) -> Snapshot[T]:
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
        """Compute beside the readers, unless somebody does already or others are being renewed."""
        if not slot.computing.acquire(blocking=False):
            return
        if not self._renewals.acquire(blocking=False):
            slot.computing.release()
            return

        def run() -> None:
            try:
                self._compute(slot, account_id, compute)
                self._versions.renewed(account_id)
            except Exception as error:  # noqa: BLE001 - whoever asks next hears of it
                slot.failed_at = time.monotonic()
                _log.warning("answer_of_before", error=str(error)[:300])
            finally:
                self._renewals.release()
                slot.computing.release()

        threading.Thread(target=run, name="renew").start()

    def _compute(self, slot: _Slot, account_id: str, compute: Callable[[], T]) -> Snapshot[T]:
        version, begun_at = self._versions.of(account_id), time.monotonic()
        value = compute()
        kept = Snapshot(value, version, begun_at, time.monotonic() - begun_at)
        slot.kept = cast("Snapshot[object]", kept)
        return kept
