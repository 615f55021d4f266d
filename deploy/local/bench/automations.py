"""From a segment change to its action, read committed, beside up to a thousand automations.

Eleven automations may match, one for whoever enters each segment: every change begins one visit. The others
cannot: they wait for other causes, ask for an origin or a tag that nobody has while the contact's numbers
cross their bounds, or have bounds that nobody reaches. What they add is looking.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import count as counting
from itertools import islice
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from rich.table import Table

from deploy.local.bench import machine
from deploy.local.bench.catchup import TooSlow
from deploy.local.bench.change_sender import SEGMENTS, number_of
from deploy.local.bench.lab import Lab
from deploy.local.bench.latency import percentile
from deploy.local.bench.meter import Meter
from deploy.local.bench.workload import ACCOUNT, NOON_MS
from schemas.automation import AUTOMATION
from schemas.codec import default_codec
from schemas.definitions_topic import Edit
from schemas.metrics import Stage
from schemas.records import Topic

PARTITIONS, RATE, CONTACTS, WARM_S = 4, 2000.0, 20_000, 25.0
COUNTS = (len(SEGMENTS), 100, 1_000)
_IN_PROCESS = (Stage.DECODE, Stage.FOLD, Stage.ENCODE)


@dataclass(frozen=True, slots=True)
class Row:
    """Milliseconds over `samples` changes; CPU of worker and broker as shares of one core.

    `agent_us`: reading, deciding and writing, microseconds a change as they passed.
    """

    automations: int
    samples: int
    actions: int
    p50_ms: float
    p99_ms: float
    worst_ms: float
    agent_us: float
    cpu_share: float
    broker_cpu_share: float
    load_average: float


def run(quick: bool, say: Callable[[str], None]) -> tuple[dict[str, Any], list[Table]]:
    """Only what matches, a hundred automations, a thousand, at the same rate. TooSlow."""
    seconds = 45.0 if quick else 75.0
    rows = [measure(count, seconds, say) for count in COUNTS]
    table = Table(
        title=f"{RATE:,.0f} segment changes/s, from the intended instant to the action, read committed"
    )
    for name in asdict(rows[0]):
        table.add_column(name.replace("_", " "), justify="right")
    for row in rows:
        table.add_row(
            *(f"{value:,.2f}" if isinstance(value, float) else str(value) for value in asdict(row).values())
        )
    return {"rate": RATE, "seconds": seconds, "rows": [asdict(row) for row in rows]}, [table]


def measure(automations: int, seconds: float, say: Callable[[str], None]) -> Row:
    """One worker on a fresh broker. TooSlow."""
    loaded = machine.load()
    os.environ["LATIDO_AGENT"] = "automations"  # of the worker that the lab starts
    try:
        with Lab(PARTITIONS, say) as lab:
            _define(lab.bootstrap, automations)
            worker = lab.start_worker()
            lab.await_ready(worker, 90)
            with Meter(worker.pid) as meter, Meter(lab.stack.broker.pid) as broker:
                began, latencies, actions = _observe(lab.bootstrap, seconds)
            stages = worker.stages()
    finally:
        del os.environ["LATIDO_AGENT"]
    begin_s = time.time() - time.monotonic() + began
    window, counted_s = (begin_s + WARM_S, begin_s + seconds), seconds - WARM_S
    counted = sorted(1000 * late for number, late in latencies.items() if number / RATE >= WARM_S)
    row = Row(
        automations,
        len(counted),
        actions,
        percentile(counted, 0.5),
        percentile(counted, 0.99),
        counted[-1],
        sum(stages[stage] for stage in _IN_PROCESS) * 1e6 / len(latencies),
        meter.cpu_between(*window) / counted_s,
        broker.cpu_between(*window) / counted_s,
        loaded,
    )
    say(
        f"{automations} automations: p50 {row.p50_ms:.0f} ms, p99 {row.p99_ms:.0f} ms, "
        f"{row.agent_us:.0f} us a change in the agent, CPU {row.cpu_share:.0%}"
    )
    return row


def _define(bootstrap: str, automations: int) -> None:
    producer, codec = Producer({"bootstrap.servers": bootstrap}), default_codec()
    for number, body in enumerate(islice(bodies(), automations)):
        edit = Edit(ACCOUNT, AUTOMATION, f"a{number:04}", 0, "bench", NOON_MS - 1, body)
        producer.produce(Topic.DEFINITIONS, codec.encode_one("definition", edit.record()), partition=0)
    producer.flush(30)


def bodies() -> Iterator[dict[str, Any]]:
    """Definitions without end: those that may match, then the others in turn."""
    for segment in SEGMENTS:
        yield _body({"kind": "segment_entered", "segments": [segment]})
    for number in counting():
        segment = SEGMENTS[number % len(SEGMENTS)]
        for cause in ("amendment", "interaction", "decay"):
            yield _body({"kind": "segment_entered", "segments": [segment], "causes": [cause]})
        yield _body(_rule(("revenue_minor", ">=", 500 * (number % 40))), origin="nobody")
        yield _body(_rule(("orders", ">=", number % 9), ("tags", "contains", "nobody")))
        yield _body(_rule(("days_since_last", ">", number + 30)))
        yield _body(_rule(("revenue_minor", ">", 10_000_000 + number)))


def _rule(*conditions: tuple[str, str, int | str]) -> dict[str, Any]:
    rules = [dict(zip(("field", "operator", "value"), one, strict=True)) for one in conditions]
    return {"kind": "rule", "rule": {"rules": rules}}


def _body(trigger: dict[str, Any], origin: str | None = None) -> dict[str, Any]:
    return {
        "name": "bench",
        "status": "active",
        "audience": {"of": "all", "origin": origin},
        "trigger": trigger,
        "steps": [{"kind": "message", "endpoint": "hook", "channel": None, "template": None}],
        "reentry": {"kind": "always"},
    }


def _observe(bootstrap: str, seconds: float) -> tuple[float, dict[int, float], int]:
    """When the first change was due, latency by number of the change, how many actions. TooSlow."""
    latencies: dict[int, float] = {}
    events, actions = round(RATE * seconds), 0
    settings = {"bootstrap.servers": bootstrap, "group.id": "bench", "isolation.level": "read_committed"}
    numbers = (bootstrap, PARTITIONS, RATE, seconds, CONTACTS)
    command = [sys.executable, "-m", "deploy.local.bench.change_sender", *map(str, numbers)]
    with (
        closing(Consumer(settings)) as consumer,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sender,
    ):
        consumer.assign(
            [TopicPartition(Topic.AUTOMATION_ACTIONS, n, OFFSET_BEGINNING) for n in range(PARTITIONS)]
        )
        first = sender.stdout.readline() if sender.stdout else ""
        if not first:
            raise RuntimeError("the sender did not start")
        began = float(first)
        while len(latencies) < events:
            for message in consumer.consume(500, 0.005):
                now, value = time.monotonic(), message.value()
                if message.error() is not None or value is None:
                    continue
                actions += 1
                number = number_of(value)
                latencies.setdefault(number, now - began - number / RATE)
            if time.monotonic() > began + seconds + 60:
                raise TooSlow(f"{len(latencies):,} of {events:,} changes led to an action")
    return began, latencies, actions
