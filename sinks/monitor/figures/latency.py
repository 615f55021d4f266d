"""How long events take until they can be asked for, lately, from the sink's own measurements."""

import threading
import time
from collections import deque
from dataclasses import dataclass

from prometheus_client import Histogram

_SAMPLE_SECONDS = 30.0
_WINDOW_SECONDS = 900.0

Counts = dict[float, float]
"""Observations up to a bound in seconds."""


@dataclass(frozen=True, slots=True)
class LatencyFigures:
    """From the arrival of an event to its row, in seconds; within the bounds of the histogram."""

    median_seconds: float
    p99_seconds: float


class Latency:
    """Reads a histogram of this process: of several sinks, each speaks for its own. Thread-safe."""

    def __init__(self, histogram: Histogram) -> None:
        self._histogram = histogram
        self._lock = threading.Lock()
        self._samples: deque[tuple[float, Counts]] = deque()

    def recent(self) -> LatencyFigures | None:
        """Of about the last quarter of an hour; None if nothing arrived."""
        now, counts = time.monotonic(), _read(self._histogram)
        with self._lock:
            if not self._samples or now - self._samples[-1][0] >= _SAMPLE_SECONDS:
                self._samples.append((now, counts))
            while len(self._samples) > 1 and now - self._samples[1][0] >= _WINDOW_SECONDS:
                self._samples.popleft()
            then_at, then = self._samples[0]
        since = {} if now - then_at < _SAMPLE_SECONDS else then
        seen = {bound: count - since.get(bound, 0.0) for bound, count in counts.items()}
        if not max(seen.values(), default=0.0):
            return None
        return LatencyFigures(quantile(seen, 0.5), quantile(seen, 0.99))


def quantile(counts: Counts, share: float) -> float:
    """Interpolated within its bucket; beyond the last bound, that bound."""
    bounds = sorted(counts)
    wanted, below, lower = share * counts[bounds[-1]], 0.0, 0.0
    for bound in bounds:
        if counts[bound] >= wanted:
            if bound == float("inf"):
                return lower
            inside = counts[bound] - below
            return lower + (bound - lower) * ((wanted - below) / inside if inside else 1.0)
        below, lower = counts[bound], bound
    return lower


def _read(histogram: Histogram) -> Counts:
    (metric,) = histogram.collect()
    return {float(one.labels["le"]): one.value for one in metric.samples if one.name.endswith("_bucket")}
