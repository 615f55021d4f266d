"""A storm over a plant: kills of whatever is at work, until there were enough, and a record of them."""

import signal
import time
from collections import Counter

from sinks.clickhouse.crash import CrashPoint
from streams.engine.crash import ExitCode
from tests.faults.plant import Assignment, Plant

_PAUSE_S = (0.2, 2.0)
_LOOK_S = 0.2
_SINK_POINTS = (CrashPoint.BEFORE_INSERT, CrashPoint.AFTER_INSERT)


class Storm:
    """Kills workers that are just reading events, one at a time; a sink dies before and in the middle of an
    insert, then with every third worker; the broker dies half way. `turn` is to be called again and again.
    """

    def __init__(self, plant: Plant, kills: int) -> None:
        self.kills = 0
        self.broker_kills = 0
        self.sink_exits: Counter[int] = Counter()
        self._wanted = kills
        self._plant = plant
        self._seen: set[Assignment] = set()
        self._began = time.monotonic()
        self._next = self._began

    @property
    def is_over(self) -> bool:
        """Whether everything that was to happen has happened."""
        mid_insert = self.sink_exits[ExitCode.CRASH_POINT] == len(_SINK_POINTS) or not self._plant.has_sink
        return self.kills >= self._wanted and mid_insert

    @property
    def rebalances(self) -> int:
        """Complete assignments of the partitions that followed one another, as the broker told them."""
        return len(self._seen)

    def start_sink(self) -> None:
        """Start the sink, so that it ends at the next point at which it has not ended yet."""
        passed = self.sink_exits[ExitCode.CRASH_POINT]
        point = _SINK_POINTS[passed] if passed < len(_SINK_POINTS) else ""
        self._plant.start_sink(LATIDO_CRASH_AT=point)

    def turn(self) -> None:
        """Look on, and do harm if it is time for it."""
        plant = self._plant
        if self.kills < self._wanted and time.monotonic() > self._next:
            self._kill_worker()
        self._seen |= {plant.assignment()} - {frozenset()}
        if plant.has_sink and plant.sink.has_ended():
            code = plant.sink.wait()
            assert code == ExitCode.CRASH_POINT, plant.sink.log()
            self.sink_exits[code] += 1
            self.start_sink()

    def _kill_worker(self) -> None:
        plant = self._plant
        before = self._progress()
        time.sleep(_LOOK_S)
        busy = [
            worker
            for worker, was, now in zip(plant.workers.all, before, self._progress(), strict=True)
            if 0 < was < now
        ]
        if not busy:
            return
        plant.shop.random.choice(busy).send(signal.SIGKILL)
        self.kills += 1
        if self.kills % 3 == 0 and plant.has_sink:
            self.sink_exits[plant.sink.stop(signal.SIGKILL)] += 1
            self.start_sink()
        if self.kills == self._wanted // 2:
            plant.broker.kill()
            self.broker_kills += 1
            plant.broker.start()
        self._next = time.monotonic() + plant.shop.random.uniform(*_PAUSE_S)

    def _progress(self) -> list[float]:
        return [self._plant.metric(i, "latido_events_in_total") for i in range(len(self._plant.workers.all))]

    def __str__(self) -> str:
        deaths = sum(worker.exits.count(-signal.SIGKILL) for worker in self._plant.workers.all)
        exits = Counter(code for worker in self._plant.workers.all for code in worker.exits)
        sinks = ", ".join(f"{count} by {code}" for code, count in sorted(self.sink_exits.items()))
        return (
            f"{deaths} workers killed, {self.rebalances} assignments, broker killed {self.broker_kills}x, "
            f"sinks ended: {sinks or 'none'}; workers' exits {dict(exits)}; "
            f"{time.monotonic() - self._began:.0f} s"
        )
