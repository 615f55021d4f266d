"""Seeded orders as an ERP sends them, on the log before a run begins; several processes make them.

Every order has a number and a channel; `items_share` of them carry one to three lines. `amended_share` of the
events are a later snapshot of an order that exists: refunded in part, or cancelled. Orders are placed
in the two years before TODAY, the one day as of which everything in a benchmark is scored.
"""

import multiprocessing
import random
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from confluent_kafka import Producer

from schemas.catalog import FileSchemas
from schemas.keys import contact_key
from schemas.wire import header

ACCOUNT, CURRENCY, ZONE = "bench", "USD", "UTC"
TOPIC = "orders.v1"
TODAY = date(2025, 6, 30)
NOON_MS = round(datetime.combine(TODAY, datetime.min.time(), UTC).timestamp() * 1000) + 43_200_000
SPAN_MS = round(timedelta(days=730) / timedelta(milliseconds=1))
CHANNELS = ("shop", "marketplace", "store", "telephone")
CATEGORIES = ("books", "music", "garden", "kitchen", "toys", "shoes")
STATUSES = ("placed", "cancelled", "refunded")
_BATCH = 2000
_REMEMBERED = 50_000  # an amendment comes long after its order, never in the same chunk


@dataclass(frozen=True, slots=True)
class Workload:
    """What is produced. With `populate` every contact's first order comes before any second one.

    `active`: how many contacts all other orders are of; None if they are of everybody. `numbered_from` and
    `years` are for what comes after another workload: the number of the first event, and the part of the two
    years in which orders are placed.
    """

    events: int
    contacts: int
    seed: int = 20250630
    populate: bool = False
    items_share: float = 0.25
    amended_share: float = 0.03
    active: int | None = None
    numbered_from: int = 0
    years: tuple[float, float] = (0.0, 1.0)

    def describe(self) -> str:
        """One line for reports."""
        return (
            f"{self.events:,} order events of {self.contacts:,} contacts, {self.items_share:.0%} with items, "
            f"{self.amended_share:.0%} amendments, seed {self.seed}"
        )


def orders(workload: Workload, part: int, parts: int) -> Iterator[dict[str, Any]]:
    """Every `parts`-th contact's events, as records of schema `order`, by time of placing."""
    draw = random.Random(f"{workload.seed}/{part}")  # noqa: S311 - a benchmark's data, not a secret
    mine = range(part, workload.contacts, parts)
    active = mine[: None if workload.active is None else workload.active // parts]
    events = len(range(part, workload.events, parts))
    begin, end = (NOON_MS - SPAN_MS + round(SPAN_MS * share) for share in workload.years)
    recent: list[dict[str, Any]] = []
    for i in range(events):
        number = workload.numbered_from + i * parts + part
        first = workload.populate and i < len(mine)
        if recent and not first and draw.random() < workload.amended_share:
            chosen = draw.randrange(len(recent))
            recent[chosen] = _amended(draw, recent[chosen], number)
            yield recent[chosen]
            continue
        contact = mine[i] if first else active[draw.randrange(len(active))]
        order = _placed(draw, workload, contact, number, begin + (end - begin) * i // events)
        if len(recent) < _REMEMBERED:
            recent.append(order)
        else:
            recent[draw.randrange(_REMEMBERED)] = order
        yield order


def _placed(
    draw: random.Random, workload: Workload, contact: int, number: int, placed_at: int
) -> dict[str, Any]:
    total = 100 + int(draw.paretovariate(1.3) * 2000) % 60_000
    return {
        "event_id": f"evt-{number:012d}",
        "account_id": ACCOUNT,
        "contact_id": f"contact-{contact:08d}",
        "order_id": f"order-{number:010d}",
        "version": 1,
        "status": STATUSES[0],
        "placed_at": placed_at,
        "updated_at": placed_at,
        "total_minor": total,
        "refunded_minor": 0,
        "currency": CURRENCY,
        "number": f"#{number}",
        "channel": CHANNELS[number % len(CHANNELS)],
        "items": _items(draw, total) if draw.random() < workload.items_share else None,
        "backfill": False,
    }


def _items(draw: random.Random, total: int) -> list[dict[str, Any]]:
    count = draw.randint(1, 3)
    shares = [total // count] * (count - 1)
    shares.append(total - sum(shares))
    return [
        {
            "sku": f"SKU-{draw.randrange(5000):05d}",
            "name": f"Article number {draw.randrange(5000)}",
            "category": CATEGORIES[draw.randrange(len(CATEGORIES))],
            "quantity": 1.0,
            "total_minor": share,
        }
        for share in shares
    ]


def _amended(draw: random.Random, order: Mapping[str, Any], number: int) -> dict[str, Any]:
    cancelled = draw.random() < 0.3
    return {
        **order,
        "event_id": f"evt-{number:012d}",
        "version": order["version"] + 1,
        "status": STATUSES[1] if cancelled else STATUSES[0],
        "updated_at": order["updated_at"] + 3_600_000,
        "refunded_minor": 0 if cancelled else order["total_minor"] // 4,
    }


def encode(order: Mapping[str, Any], head: bytes) -> bytes:
    """A record of schema `order` behind its header; five times as fast as fastavro, for one schema only."""
    parts = [head, _text(order["event_id"]), _text(order["account_id"]), _text(order["contact_id"])]
    parts += [_text(order["order_id"]), _long(order["version"]), _long(STATUSES.index(order["status"]))]
    parts += [_long(order[name]) for name in ("placed_at", "updated_at", "total_minor", "refunded_minor")]
    parts += [_text(order["currency"]), b"\x02", _text(order["number"]), b"\x02", _text(order["channel"])]
    items = order["items"]
    if items is None:
        parts.append(b"\x00")
    else:
        parts += [b"\x02", _long(len(items)), *(_item(item) for item in items), b"\x00"]
    parts.append(b"\x01" if order["backfill"] else b"\x00")
    return b"".join(parts)


_ONE_UNIT = b"\x00\x00\x00\x00\x00\x00\xf0?"


def _item(item: Mapping[str, Any]) -> bytes:
    texts = (_text(item["sku"]), _text(item["name"]), _text(item["category"]))
    return b"\x02".join(texts) + _ONE_UNIT + _long(item["total_minor"])


def _text(text: str) -> bytes:
    data = text.encode()
    return _long(len(data)) + data


def _long(value: int) -> bytes:
    value = value << 1 if value >= 0 else (-value << 1) - 1
    if value < 0x80:
        return bytes((value,))
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def producer(bootstrap: str, **properties: Any) -> Producer:
    """As every producer of Latido must be: murmur2, idempotent."""
    return Producer(
        {
            "bootstrap.servers": bootstrap,
            "partitioner": "murmur2_random",
            "enable.idempotence": True,
            "compression.type": "lz4",
            "linger.ms": 50,
            "batch.size": 512 * 1024,
            "queue.buffering.max.messages": 500_000,
            **properties,
        }
    )


def order_header() -> bytes:
    """The Confluent header of schema `order`, by the ids of schemas/avro."""
    return header(FileSchemas().id_of("order"))


def publish(bootstrap: str, workload: Workload, processes: int = 2) -> int:
    """Put the whole workload on orders.v1; bytes of all values. RuntimeError if the broker refuses."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        runs = [pool.submit(_publish_part, bootstrap, workload, part, processes) for part in range(processes)]
        return sum(run.result() for run in runs)


def _publish_part(bootstrap: str, workload: Workload, part: int, parts: int) -> int:
    out, head, written = producer(bootstrap), order_header(), 0
    batch: list[dict[str, Any]] = []
    for order in orders(workload, part, parts):
        value = encode(order, head)
        written += len(value)
        batch.append({"key": contact_key(ACCOUNT, order["contact_id"]), "value": value})
        if len(batch) == _BATCH:
            _send(out, batch)
            batch = []
    if batch:
        _send(out, batch)
    if out.flush(120):
        raise RuntimeError("the broker did not take the workload in two minutes")
    return written


def _send(out: Producer, batch: list[dict[str, Any]]) -> None:
    while len(out) > 400_000:
        out.poll(0.05)
    if out.produce_batch(TOPIC, batch) != len(batch):
        raise RuntimeError("the producer refused records of the workload")
