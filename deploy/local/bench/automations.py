"""From a segment change to its action, read committed, beside a thousand automations.

Twelve automations match every change; the others are segment triggers that wait for other causes and rules
whose truth the profiles flip now and then, for an audience nobody is in: what is measured is looking.
"""

import os
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import cycle, islice, product
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from rich.table import Table

from deploy.local.bench import machine
from deploy.local.bench.catchup import TooSlow
from deploy.local.bench.lab import Lab
from deploy.local.bench.latency import percentile
from deploy.local.bench.meter import Meter
from deploy.local.bench.workload import ACCOUNT, CURRENCY, NOON_MS
from schemas.automation import AUTOMATION
from schemas.codec import Codec, default_codec
from schemas.definitions_topic import Edit
from schemas.keys import contact_key, home_of
from schemas.records import Segment, Topic

PARTITIONS, RATE, CONTACTS, WARM_S = 4, 2000.0, 20_000, 5.0
_SEGMENTS = [segment.value for segment in Segment]
_MATCHING = len(_SEGMENTS)


@dataclass(frozen=True, slots=True)
class Row:
    """Milliseconds over `samples` changes; CPU of the worker as a share of one core."""

    automations: int
    samples: int
    actions: int
    p50_ms: float
    p99_ms: float
    worst_ms: float
    cpu_share: float
    load_average: float


def run(quick: bool, say: Callable[[str], None]) -> tuple[dict[str, Any], list[Table]]:
    """A hundred automations and a thousand, at the same rate. TooSlow."""
    seconds = 15.0 if quick else 40.0
    rows = [_measure(count, seconds, say) for count in (100, 1_000)]
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


def _measure(count: int, seconds: float, say: Callable[[str], None]) -> Row:
    loaded = machine.load()
    os.environ["LATIDO_AGENT"] = "automations"  # of the worker that the lab starts
    try:
        with Lab(PARTITIONS, say) as lab:
            _define(lab.bootstrap, count)
            worker = lab.start_worker()
            lab.await_ready(worker, 90)
            with Meter(worker.pid) as meter:
                began = time.monotonic()
                latencies, actions = _observe(lab.bootstrap, seconds, began)
                begin_s = time.time() - time.monotonic() + began
                cpu = meter.cpu_between(begin_s + WARM_S, begin_s + seconds) / (seconds - WARM_S)
    finally:
        del os.environ["LATIDO_AGENT"]
    counted = sorted(1000 * late for number, late in latencies.items() if number / RATE >= WARM_S)
    row = Row(
        count,
        len(counted),
        actions,
        percentile(counted, 0.5),
        percentile(counted, 0.99),
        counted[-1],
        cpu,
        loaded,
    )
    say(f"{count} automations: p50 {row.p50_ms:.0f} ms, p99 {row.p99_ms:.0f} ms, CPU {row.cpu_share:.0%}")
    return row


def _define(bootstrap: str, count: int) -> None:
    producer, codec = Producer({"bootstrap.servers": bootstrap}), default_codec()
    for number, body in enumerate(islice(_bodies(), count)):
        edit = Edit(ACCOUNT, AUTOMATION, f"a{number:04}", 0, "bench", NOON_MS - 1, body)
        producer.produce(Topic.DEFINITIONS, codec.encode_one("definition", edit.record()), partition=0)
    producer.flush(30)


def _bodies() -> Any:
    for segment in _SEGMENTS:
        yield _body({"kind": "segment_entered", "segments": [segment]}, "all")
    quiet = product(_SEGMENTS, ["amendment", "interaction", "decay"])
    numbers = cycle(range(200))
    for (segment, cause), number in zip(cycle(quiet), numbers, strict=False):
        yield _body({"kind": "segment_entered", "segments": [segment], "causes": [cause]}, "nobody")
        for field, value in (
            ("revenue_minor", 500 * number),
            ("orders", number),
            ("days_since_last", number),
        ):
            condition = {"field": field, "operator": ">=", "value": value}
            yield _body({"kind": "rule", "rule": {"rules": [condition]}}, "nobody")


def _body(trigger: dict[str, Any], origin: str) -> dict[str, Any]:
    step = {"kind": "message", "endpoint": "hook", "channel": None, "template": None}
    audience = {"of": "all", "origin": None if origin == "all" else origin}
    return {
        "name": "bench",
        "status": "active",
        "audience": audience,
        "trigger": trigger,
        "steps": [step],
        "reentry": {"kind": "always"},
    }


def _observe(bootstrap: str, seconds: float, began: float) -> tuple[dict[int, float], int]:
    """Latency by number of the change, and how many actions there were. TooSlow."""
    latencies: dict[int, float] = {}
    events, actions = round(RATE * seconds), 0
    codec = default_codec()
    settings = {"bootstrap.servers": bootstrap, "group.id": "bench", "isolation.level": "read_committed"}
    sender = threading.Thread(target=_send, args=(bootstrap, codec, events, began), daemon=True)
    with closing(Consumer(settings)) as consumer:
        consumer.assign(
            [TopicPartition(Topic.AUTOMATION_ACTIONS, n, OFFSET_BEGINNING) for n in range(PARTITIONS)]
        )
        sender.start()
        while len(latencies) < events:
            for message in consumer.consume(500, 0.02):
                now, value = time.monotonic(), message.value()
                if message.error() is not None or value is None:
                    continue
                actions += 1
                at = value.find(b"change-")
                number = int(value[at + 7 : at + 16])
                latencies.setdefault(number, now - began - number / RATE)
            if time.monotonic() > began + seconds + 60:
                raise TooSlow(f"{len(latencies):,} of {events:,} changes led to an action")
    sender.join()
    return latencies, actions


def _send(bootstrap: str, codec: Codec, events: int, began: float) -> None:
    """Each change with its profile, the change first; in open loop."""
    producer = Producer(
        {"bootstrap.servers": bootstrap, "linger.ms": 2, "queue.buffering.max.messages": 500_000}
    )
    sent = 0
    while sent < events:
        due = min(events, int((time.monotonic() - began) * RATE) + 1)
        for number in range(sent, due):
            contact_id, seq = f"c{number % CONTACTS}", number // CONTACTS + 1
            key = contact_key(ACCOUNT, contact_id)
            partition = home_of(key, PARTITIONS)
            for topic, value in ((Topic.SEGMENT_CHANGES, _change), (Topic.CONTACT_PROFILES, _profile)):
                producer.produce(topic, value(codec, contact_id, seq, number), key, partition)
        sent = max(sent, due)
        producer.poll(0)
        time.sleep(0.002)
    producer.flush(30)


def _change(codec: Codec, contact_id: str, seq: int, number: int) -> bytes:
    record = {
        "event_id": f"change-{number:09}", "account_id": ACCOUNT, "contact_id": contact_id, "seq": seq,
        "from_segment": _SEGMENTS[(seq - 1) % _MATCHING], "to_segment": _SEGMENTS[seq % _MATCHING],
        "cause": "order", "occurred_at": NOON_MS, "historical": False,
    }  # fmt: skip
    return codec.encode_one("segment_change", record)


def _profile(codec: Codec, contact_id: str, seq: int, number: int) -> bytes:
    record = {
        "account_id": ACCOUNT, "contact_id": contact_id, "sequence": number + 1, "changes": seq,
        "segment": _SEGMENTS[seq % _MATCHING], "r": 1 + number % 5, "f": 1 + number % 4, "m": 1 + number % 3,
        "orders": seq, "revenue_minor": seq * 1_700 + number % 900, "first_order_day": 20_000,
        "last_order_day": 20_269, "interactions": 0, "currency": CURRENCY, "removed": False, "live": True,
        "changed_at": NOON_MS,
    }  # fmt: skip
    return codec.encode_one("contact_profile", record)
