"""From an order's intended instant to its change in the hands of a read-committed consumer; open loop."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, NamedTuple

from confluent_kafka import Consumer, TopicPartition
from rich.table import Table

from deploy.local.bench import machine
from deploy.local.bench.catchup import TooSlow
from deploy.local.bench.lab import Lab
from deploy.local.bench.meter import Meter
from deploy.local.bench.peers import TITLES, Peer, Running, Work
from deploy.local.bench.sender import EVENT_PREFIX
from deploy.local.bench.workload import TOPIC

CHANGES = "segment-changes.v1"
RATE = 2000.0
CONTACTS = 20_000
PARTITIONS = (4, 64)
_NUMBER = re.compile(EVENT_PREFIX.encode() + rb"(\d{9})")
_PATIENCE_S = 60.0
_READY_S = 60.0


class Load(NamedTuple):
    """Events a second, and for how long; what is sent in the first `warm_s` is not counted."""

    rate: float
    seconds: float
    warm_s: float

    @property
    def events(self) -> int:
        """All that is sent."""
        return round(self.rate * self.seconds)


FULL, QUICK = Load(RATE, 105, 50), Load(RATE, 40, 25)
"""A broker that has just started compiles for most of a minute, on a core that the events need."""


@dataclass(slots=True)
class Arrivals:
    """Latency in seconds by event number, and the instants (monotonic) of changes that no event caused."""

    start_s: float
    latency_s: dict[int, float] = field(default_factory=dict)
    uncaused_s: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds over `samples` events; CPU of the process, and of the broker, as a share of one core."""

    name: str
    partitions: int
    samples: int
    p50_ms: float
    p99_ms: float
    p999_ms: float
    worst_ms: float
    cpu_share: float
    broker_cpu_share: float
    load_average: float


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the ascending values do not exceed. ValueError if empty."""
    if not ordered:
        raise ValueError("no samples")
    return ordered[max(0, -int(-len(ordered) * share // 1) - 1)]


def observe(
    lab: Lab, topic: str, load: Load, during: Callable[[float], object] = lambda _elapsed_s: None
) -> Arrivals:
    """Send, and watch till every event's change has come. `during` gets seconds since the first. TooSlow."""
    settings = {
        "bootstrap.servers": lab.bootstrap,
        "group.id": "bench-latency",
        "isolation.level": "read_committed",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
    }
    with closing(Consumer(settings)) as consumer:
        consumer.assign([_end_of(consumer, TopicPartition(topic, n)) for n in range(lab.partitions)])
        numbers = (lab.bootstrap, load.rate, load.seconds, CONTACTS)
        command = [sys.executable, "-m", "deploy.local.bench.sender", *map(str, numbers)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sender:
            first = sender.stdout.readline() if sender.stdout else ""
            if not first:
                raise RuntimeError("the sender did not start")
            arrivals = Arrivals(float(first))
            _collect(consumer, load, arrivals, during)
    return arrivals


def _end_of(consumer: Consumer, place: TopicPartition) -> TopicPartition:
    return TopicPartition(place.topic, place.partition, consumer.get_watermark_offsets(place, 10)[1])


def _collect(consumer: Consumer, load: Load, arrivals: Arrivals, during: Callable[[float], object]) -> None:
    deadline = arrivals.start_s + load.seconds + _PATIENCE_S
    while len(arrivals.latency_s) < load.events:
        message = consumer.poll(0.05)
        now = time.monotonic()
        during(now - arrivals.start_s)
        if now > deadline:
            raise TooSlow(f"{len(arrivals.latency_s):,} of {load.events:,} changes came")
        if message is None or message.error() is not None:
            continue
        found = _NUMBER.search(message.value() or b"")
        if found is None:
            arrivals.uncaused_s.append(now)
            continue
        number = int(found[1])
        arrivals.latency_s.setdefault(number, now - arrivals.start_s - number / load.rate)


def measure(name: str, lab: Lab, topic: str, pid: int, load: Load) -> Latency:
    """Percentiles of what was sent after the warm-up, with the CPU of process `pid`. TooSlow."""
    loaded = machine.load()
    with Meter(pid) as meter, Meter(lab.stack.broker.pid) as broker:
        arrivals = observe(lab, topic, load)
    begin_s = time.time() - time.monotonic() + arrivals.start_s
    counted = sorted(
        seconds * 1000 for number, seconds in arrivals.latency_s.items() if number / load.rate >= load.warm_s
    )
    window, seconds = (begin_s + load.warm_s, begin_s + load.seconds), load.seconds - load.warm_s
    return Latency(
        name=name,
        partitions=lab.partitions,
        samples=len(counted),
        p50_ms=percentile(counted, 0.5),
        p99_ms=percentile(counted, 0.99),
        p999_ms=percentile(counted, 0.999),
        worst_ms=counted[-1],
        cpu_share=meter.cpu_between(*window) / seconds,
        broker_cpu_share=broker.cpu_between(*window) / seconds,
        load_average=loaded,
    )


def of_latido(partitions: int, load: Load, say: Callable[[str], None]) -> Latency:
    """One worker on a fresh broker. TooSlow."""
    with Lab(partitions, say) as lab:
        worker = lab.start_worker()
        lab.await_ready(worker, _READY_S)
        return measure("Latido", lab, CHANGES, worker.pid, load)


def of_peer(peer: Peer, partitions: int, load: Load, say: Callable[[str], None]) -> Latency:
    """One peer on a fresh broker. TooSlow."""
    with Lab(partitions, say) as lab, Running(lab, peer, TOPIC, Work.LEAST) as running:
        time.sleep(10)  # peers do not say when they are assigned; the warm-up covers what is left
        running.require_running()
        return measure(TITLES[peer], lab, running.topics.changes, running.process.pid, load)


def run(quick: bool, say: Callable[[str], None]) -> tuple[dict[str, Any], list[Table]]:
    """Latido over 4 and 64 partitions; the full run also has Kafka Streams and Quix over 4."""
    load = QUICK if quick else FULL
    runs = [partial(of_latido, partitions, load, say) for partitions in PARTITIONS]
    if not quick:
        runs += [partial(of_peer, peer, PARTITIONS[0], load, say) for peer in (Peer.KSTREAMS, Peer.QUIX)]
    rows, too_slow = [], []
    for measure_one in runs:
        try:
            rows.append(measure_one())
            say(_line(rows[-1]))
        except TooSlow as error:
            too_slow.append(f"{measure_one.args[:2]}: {error}")
            say(f"too slow for {load.rate:,.0f} events/s: {too_slow[-1]}")
    figures = {"load": load._asdict(), "rows": [asdict(row) for row in rows], "too_slow": too_slow}
    return figures, [_table(load, rows)]


def _line(row: Latency) -> str:
    return f"{row.name}, {row.partitions} partitions: p50 {row.p50_ms:.0f} ms, p99 {row.p99_ms:.0f} ms"


def _table(load: Load, rows: list[Latency]) -> Table:
    table = Table(title=f"{load.rate:,.0f} events/s, from the intended instant to the change, read committed")
    for heading in (
        "who",
        "partitions",
        "samples",
        "p50 ms",
        "p99 ms",
        "p99.9 ms",
        "worst ms",
        "CPU",
        "broker",
        "load",
    ):
        table.add_column(heading, justify="left" if heading == "who" else "right")
    for row in rows:
        times = (row.p50_ms, row.p99_ms, row.p999_ms, row.worst_ms)
        table.add_row(
            row.name,
            str(row.partitions),
            f"{row.samples:,}",
            *(f"{ms:,.0f}" for ms in times),
            f"{row.cpu_share:.0%}",
            f"{row.broker_cpu_share:.0%}",
            str(row.load_average),
        )
    return table
