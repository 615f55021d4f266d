"""Latency from the buckets of a histogram."""

import pytest

from schemas.metrics import Metrics
from sinks.monitor.figures.latency import Latency, quantile

INF = float("inf")


@pytest.mark.parametrize(
    ("counts", "share", "seconds"),
    [
        ({1.0: 0, 2.0: 10, INF: 10}, 0.5, 1.5),
        ({1.0: 10, 2.0: 10, INF: 10}, 0.5, 0.5),
        ({1.0: 98, 2.0: 98, INF: 100}, 0.99, 2.0),
        ({1.0: 50, 2.0: 100, INF: 100}, 0.99, 1.98),
    ],
)
def test_a_quantile_lies_in_the_bucket_of_its_observation(
    counts: dict[float, float], share: float, seconds: float
) -> None:
    assert quantile(counts, share) == pytest.approx(seconds)


def test_nothing_is_said_of_events_that_never_came() -> None:
    histogram = Metrics().queryable_seconds
    latency = Latency(histogram)
    assert latency.recent() is None
    for _ in range(100):
        histogram.observe(0.3)
    found = latency.recent()
    assert found
    assert 0.25 <= found.median_seconds <= found.p99_seconds <= 0.5


def test_only_the_last_minutes_count(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("sinks.monitor.figures.latency.time.monotonic", lambda: now[0])
    histogram = Metrics().queryable_seconds
    latency = Latency(histogram)
    for _ in range(1_000):
        histogram.observe(50)
    assert latency.recent()
    for step in range(1, 60):
        now[0] = 60.0 * step
        histogram.observe(0.3)
        found = latency.recent()
    assert found
    assert found.p99_seconds <= 0.5
