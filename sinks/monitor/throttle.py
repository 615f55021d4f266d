"""How often somebody may try to sign in.

Three counts of failures, each with a free number and then a pause that doubles: of a person from one
address, of one address, of one person from anywhere. Only attempts that are let through count, so that
one address spends little of a person's own allowance; and the pause of the last count stays short: an
attacker slows a person down, and never locks her out. Kept in memory: a monitor counts for itself.
"""

import ipaddress
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

_MOST_KEYS = 50_000
_FORGET_AFTER = timedelta(hours=1)

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Limit:
    """Failures without a pause, and the longest pause after more."""

    free: int
    longest: timedelta


PERSON_AND_ADDRESS = Limit(5, timedelta(minutes=15))
ADDRESS = Limit(20, timedelta(minutes=15))
PERSON = Limit(100, timedelta(seconds=20))


@dataclass(slots=True)
class _Count:
    failures: int
    last: datetime


class Throttle:
    """Counts failed sign-ins. Thread-safe."""

    def __init__(self) -> None:
        self._counts: OrderedDict[Key, _Count] = OrderedDict()
        self._lock = threading.Lock()

    def attempt(self, email: str, address: str, now: datetime) -> timedelta:
        """Zero if the attempt may be made: it then counts as failed until `succeeded`. Else how long to wait.

        Counting comes first, so that attempts side by side are not all let through.
        """
        with self._lock:
            wait = max(self._wait(key, limit, now) for key, limit in _keys(email, address))
            if not wait:
                self._count(email, address, now)
            return wait

    def succeeded(self, email: str, address: str) -> None:
        """Take the attempt back; the failures of this person from this address are forgotten."""
        pair, *others = (key for key, _ in _keys(email, address))
        with self._lock:
            self._counts.pop(pair, None)
            for key in others:
                if key in self._counts:
                    self._counts[key].failures -= 1

    def _count(self, email: str, address: str, now: datetime) -> None:
        for key, _ in _keys(email, address):
            count = self._counts.pop(key, None) or _Count(0, now)
            forgotten = now - count.last > _FORGET_AFTER
            self._counts[key] = _Count(1 if forgotten else count.failures + 1, now)
        while len(self._counts) > _MOST_KEYS:
            self._counts.popitem(last=False)

    def _wait(self, key: Key, limit: Limit, now: datetime) -> timedelta:
        count = self._counts.get(key)
        if count is None or count.failures < limit.free or now - count.last > _FORGET_AFTER:
            return timedelta(0)
        doublings = min(count.failures - limit.free, 20)
        pause = min(timedelta(seconds=2**doublings), limit.longest)
        return max(pause - (now - count.last), timedelta(0))


def _keys(email: str, address: str) -> list[tuple[Key, Limit]]:
    network = _network(address)
    return [((email, network), PERSON_AND_ADDRESS), (("", network), ADDRESS), ((email, ""), PERSON)]


def _network(address: str) -> str:
    """Whom an address belongs to: itself, or its /64, of which one host has them all."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)
