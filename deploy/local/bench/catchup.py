"""The production worker catching up, watched from outside: watermarks, /proc and /metrics."""

import time
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from deploy.local.bench.lab import Lab, Worker
from deploy.local.bench.meter import Meter, Trail
from deploy.local.bench.workload import TOPIC
from streams.engine.watermark import decode_watermark

WATERMARKS = "watermarks.v1"
_PATIENCE_S = 120.0


class TooSlow(RuntimeError):
    """What is measured made no progress for two minutes."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Events a second, from the first commit to the last; CPU in microseconds an event."""

    events: int
    rate: float
    second_half_rate: float
    cpu_us: float
    broker_cpu_us: float
    stages_us: Mapping[str, float]
    peak_mb: float
    seconds_to_first: float

    def as_json(self) -> dict[str, Any]:
        """For the results' file."""
        return asdict(self)


class Watermarks:
    """Committed positions in orders.v1, as they appear to a read-committed consumer."""

    def __init__(self, lab: Lab) -> None:
        self.trail = Trail()
        self._positions: dict[int, int] = {}
        self._consumer = Consumer(
            {
                "bootstrap.servers": lab.bootstrap,
                "group.id": "bench-watermarks",
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "fetch.wait.max.ms": 20,
            }
        )
        self._consumer.assign(
            [TopicPartition(WATERMARKS, n, OFFSET_BEGINNING) for n in range(lab.partitions)]
        )

    def take(self, wait_s: float = 0.2) -> None:
        """Read what has been committed since, in order of the records' time."""
        found: list[tuple[float, int, int]] = []
        for message in self._consumer.consume(1000, wait_s):
            value = message.value()
            if message.error() is None and value is not None:
                position = decode_watermark(value).positions.get(TOPIC, 0)
                found.append((message.timestamp()[1] / 1000, message.partition() or 0, position))
        for at_s, partition, position in sorted(found):
            self._positions[partition] = max(position, self._positions.get(partition, 0))
            self.trail.add(at_s, sum(self._positions.values()))

    @property
    def total(self) -> int:
        """Events applied."""
        return sum(self._positions.values())

    def follow(self, total: int, *workers: Worker) -> None:
        """Return once `workers` have applied so many events. TooSlow; RuntimeError if one ends."""
        progress, best = time.monotonic(), -1
        while self.total < total:
            self.take()
            for worker in workers:
                worker.require_running()
            if self.total > best:
                progress, best = time.monotonic(), self.total
            elif time.monotonic() - progress > _PATIENCE_S:
                raise TooSlow(f"{self.total:,} of {total:,} events applied, and no more in two minutes")

    def close(self) -> None:
        """Give the consumer up."""
        self._consumer.close()


def await_applied(lab: Lab, worker: Worker) -> None:
    """Return once `worker` has applied what orders.v1 holds now. TooSlow; RuntimeError if it ends."""
    with closing(Watermarks(lab)) as watermarks:
        watermarks.follow(sum(lab.ends().values()), worker)
    lab.await_ready(worker, _PATIENCE_S)


def catch_up(lab: Lab, after: int = 0, workers: int = 1) -> Pace:
    """Start workers, wait until they are at the end, stop them; their pace over the events above `after`.

    TooSlow; RuntimeError if one ends.
    """
    events = sum(lab.ends().values())
    with closing(Watermarks(lab)) as watermarks:
        running = [lab.start_worker(number) for number in range(1, workers + 1)]
        with ExitStack() as metering:
            meters = [metering.enter_context(Meter(worker.pid)) for worker in running]
            broker = metering.enter_context(Meter(lab.stack.broker.pid))
            watermarks.follow(events, *running)
        stages = [worker.stages() for worker in running]
        applied = sum(worker.metric("latido_events_in_total", TOPIC) for worker in running)
        for worker in running:
            worker.stop()
    trail = watermarks.trail
    begin = next(p for p in trail.points if p.total > after)
    counted = events - begin.total
    window = (begin.at_s, trail.reached_at(events))
    return Pace(
        events=events,
        rate=trail.rate(begin.total),
        second_half_rate=trail.rate(after + (events - after) / 2),
        cpu_us=sum(meter.cpu_between(*window) for meter in meters) / counted * 1e6,
        broker_cpu_us=broker.cpu_between(*window) / counted * 1e6,
        stages_us={
            name: sum(one[name] for one in stages) / applied * 1e6 for name in stages[0] if name != "restore"
        },
        peak_mb=sum(meter.peak_mb for meter in meters),
        seconds_to_first=begin.at_s - running[0].started_s,
    )
