"""Equal work, proven: one hash over every contact's final (orders, revenue, r, f, m, segment)."""

import hashlib
import json
import struct
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from typing import NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from deploy.local.bench.workload import CURRENCY, NOON_MS
from schemas.codec import Codec
from streams.rfm.model import ScoringModel, default_value_cuts

DAY_MS = 86_400_000
TODAY_DAY = NOON_MS // DAY_MS


class Final(NamedTuple):
    """A contact's state at the end; revenue in minor units, scores 0 without purchases."""

    contact_id: str
    orders: int
    revenue_minor: int
    r: int
    f: int
    m: int
    segment: str


Reader = Callable[[bytes], Final]


def checksum(states: Iterable[Final]) -> str:
    """SHA-256 over one line a contact, sorted; the first 16 digits."""
    digest = hashlib.sha256()
    for state in sorted(states):
        digest.update("|".join(map(str, state)).encode() + b"\n")
    return digest.hexdigest()[:16]


def newest(bootstrap: str, topic: str) -> Mapping[bytes, bytes]:
    """Last committed value per key of a topic, deletions left out; KeyError if there is no such topic."""
    settings = {
        "bootstrap.servers": bootstrap,
        "group.id": "bench-checksum",
        "isolation.level": "read_committed",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
    }
    found: dict[bytes, bytes] = {}
    with closing(Consumer(settings)) as consumer:
        numbers = list(consumer.list_topics(topic, 10).topics[topic].partitions)
        consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in numbers])
        left = set(numbers)
        while left:
            for message in consumer.consume(5000, 1.0):
                if message.error() is not None:
                    left.discard(message.partition() or 0)
                    continue
                key, value = message.key(), message.value()
                if key is not None and value is not None:
                    found[bytes(key)] = bytes(value)
                elif key is not None:
                    found.pop(bytes(key), None)
    return found


def of_latido(bootstrap: str) -> list[Final]:
    """From contact-profiles.v1, as any subscriber reads it."""
    payloads = list(newest(bootstrap, "contact-profiles.v1").values())
    names = ("contact_id", "orders", "revenue_minor", "r", "f", "m", "segment")
    columns = Codec().decode_block("contact_profile", payloads, columns=names).columns
    return [Final(*row) for row in zip(*(columns[name] for name in names), strict=True)]


def of_json(value: bytes) -> Final:
    """From the JSON state of a Python peer (tests/benchmarks/peers/meaning.py)."""
    s = json.loads(value)
    return Final(s["contact"], s["orders"], s["revenue"], s["r"], s["f"], s["m"], s["segment"])


def of_java(value: bytes) -> Final:
    """From the bytes that Contact.java writes: id, orders, revenue, scores, segment, then the ledger."""
    contact_id, at = _utf(value, 0)
    orders, revenue, r, f, m = struct.unpack_from(">iqbbb", value, at)
    segment, _ = _utf(value, at + 15)
    return Final(contact_id, orders, revenue, r, f, m, segment)


def _utf(value: bytes, at: int) -> tuple[str, int]:
    [length] = struct.unpack_from(">H", value, at)
    return value[at + 2 : at + 2 + length].decode(), at + 2 + length


def recomputed(payloads: Iterable[bytes]) -> list[Final]:
    """The slow way, from the order events themselves: winners by `max`, then sums and scores."""
    codec = Codec()
    names = ("contact_id", "order_id", "version", "updated_at", "event_id", "status", "placed_at",
             "total_minor", "refunded_minor")  # fmt: skip
    columns = codec.decode_block("order", list(payloads), columns=names).columns
    ledgers: defaultdict[str, dict[str, tuple[int, int, str, str, int, int, int]]] = defaultdict(dict)
    for contact_id, order_id, *rest in zip(*(columns[name] for name in names), strict=True):
        ledger = ledgers[contact_id]
        ledger[order_id] = max(tuple(rest), ledger.get(order_id, tuple(rest)), key=lambda row: row[:3])
    model = ScoringModel(value_cuts=default_value_cuts(CURRENCY))
    return [_final(model, contact_id, ledger.values()) for contact_id, ledger in ledgers.items()]


def _final(
    model: ScoringModel, contact_id: str, ledger: Iterable[tuple[int, int, str, str, int, int, int]]
) -> Final:
    days, revenue = [], 0
    for _version, _updated_at, _event_id, status, placed_at, total, refunded in ledger:
        if status == "placed" and not (total > 0 and refunded == total):
            days.append(placed_at // DAY_MS)
            revenue += total - refunded
    if not days:
        return Final(contact_id, 0, 0, 0, 0, 0, "no_purchases")
    r = model.recency_score(max(0, TODAY_DAY - max(days)))
    f, m = model.frequency_score(len(days), 0), model.value_score(revenue, len(days))
    return Final(contact_id, len(days), revenue, r, f, m, model.cells[r, f, m].value)
