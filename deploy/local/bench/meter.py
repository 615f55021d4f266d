"""CPU and memory of running processes, from /proc, and totals over time between which rates are taken."""

import os
import threading
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_SAMPLE_S = 0.05


class Point(NamedTuple):
    """A running total at an instant (seconds since the epoch)."""

    at_s: float
    total: float


@dataclass(slots=True)
class Trail:
    """Totals that only grow, in order of time."""

    points: list[Point] = field(default_factory=list)

    def add(self, at_s: float, total: float) -> None:
        """Append; an instant before the last one counts as the last one's."""
        self.points.append(Point(max(at_s, self.points[-1].at_s) if self.points else at_s, total))

    def total_at(self, at_s: float) -> float:
        """The total at an instant, linear between points, level outside them. ValueError if empty."""
        return _between(at_s, [p.at_s for p in self.points], [p.total for p in self.points])

    def reached_at(self, total: float) -> float:
        """When the total was first at least this. ValueError if it never was."""
        for point in self.points:
            if point.total >= total:
                return point.at_s
        raise ValueError(f"{total} was never reached; the last total is {self.points[-1:]}")

    def rate(self, first: float | None = None) -> float:
        """Growth a second from the first point at or above `first` to the first with the last total."""
        start = next(p for p in self.points if first is None or p.total >= first)
        end = self.points[-1].total
        seconds = self.reached_at(end) - start.at_s
        return (end - start.total) / seconds if seconds > 0 else 0.0


def _between(x: float, xs: Sequence[float], ys: Sequence[float]) -> float:
    if not xs:
        raise ValueError("nothing was recorded")
    i = bisect_left(xs, x)
    if i == 0:
        return ys[0]
    if i == len(xs):
        return ys[-1]
    share = (x - xs[i - 1]) / (xs[i] - xs[i - 1])
    return ys[i - 1] + share * (ys[i] - ys[i - 1])


def cpu_seconds(pid: int) -> float:
    """User and system time so far of a process and of its children that have ended.

    ProcessLookupError or OSError once it is gone.
    """
    return sum(int(ticks) for ticks in _fields(pid)[11:15]) / _TICKS_PER_S


def memory_mb(pid: int, name: str = "VmHWM") -> float:
    """Peak resident memory of a process (VmRSS: resident now)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def family_mb(pid: int) -> float:
    """Resident memory, now, of a process and its children."""
    total = memory_mb(pid, "VmRSS")
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if _fields(int(place.name))[1] == str(pid):
                total += memory_mb(int(place.name), "VmRSS")
        except OSError:
            continue
    return total


def _fields(pid: int) -> list[str]:
    """Of /proc/PID/stat, from the state on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


class Meter:
    """Samples a process in a thread while the context is open."""

    def __init__(self, pid: int) -> None:
        self.cpu = Trail()
        self.peak_mb = 0.0
        self._pid = pid
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"meter-{pid}", daemon=True)

    def cpu_between(self, start_s: float, end_s: float) -> float:
        """CPU seconds spent between two instants."""
        return self.cpu.total_at(end_s) - self.cpu.total_at(start_s)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            try:
                self.cpu.add(time.time(), cpu_seconds(self._pid))
                self.peak_mb = max(self.peak_mb, memory_mb(self._pid))
            except OSError:
                return
            if self._stop.wait(_SAMPLE_S):
                return
