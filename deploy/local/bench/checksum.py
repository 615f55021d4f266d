"""Equal work, proven: a hash over every contact's final state, and one over every record that tells of it."""

import hashlib
import json
import struct
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from deploy.local.bench.workload import CURRENCY, NOON_MS
from schemas.codec import Codec
from streams.rfm.model import ScoringModel, default_value_cuts

DAY_MS = 86_400_000
TODAY_DAY = NOON_MS // DAY_MS
_MODEL = ScoringModel(value_cuts=default_value_cuts(CURRENCY))


class Final(NamedTuple):
    """A contact's state at the end; revenue in minor units, scores 0 without purchases."""

    contact_id: str
    orders: int
    revenue_minor: int
    r: int
    f: int
    m: int
    segment: str


class Booked(NamedTuple):
    """An order as it stands at the end."""

    contact_id: str
    order_id: str
    version: int
    day: int
    counted: bool
    net_minor: int


class DayRow(NamedTuple):
    """A day on which a contact bought, and the one before it."""

    contact_id: str
    day: int
    prev_day: int | None
    orders: int
    revenue_minor: int


class Move(NamedTuple):
    """A change of segment."""

    contact_id: str
    seq: int
    from_segment: str
    to_segment: str
    cause_event_id: str


Reader = Callable[[bytes], Final]


@dataclass(frozen=True, slots=True)
class Told:
    """All that is told of some orders: what subscribers, the sink and a restart read."""

    states: Sequence[Final]
    orders: Sequence[Booked]
    days: Sequence[DayRow]
    moves: Sequence[Move]

    def checksum(self) -> str:
        """One over all of it."""
        parts = (self.states, self.orders, self.days, self.moves)
        return hashlib.sha256("".join(map(checksum, parts)).encode()).hexdigest()[:16]


class Topics(NamedTuple):
    """Where it is told, in Latido's schemas."""

    profiles: str
    orders: str
    days: str
    changes: str


LATIDO = Topics("contact-profiles.v1", "contact-orders.v1", "contact-days.v1", "segment-changes.v1")


def topics_of(peer: str) -> Topics:
    """A peer's topics bear its name."""
    return Topics(*(f"{peer}-{kind}" for kind in Topics._fields))


def checksum(rows: Iterable[tuple[object, ...]]) -> str:
    """SHA-256 over one line a row, sorted; the first 16 digits."""
    digest = hashlib.sha256()
    for line in sorted("|".join(map(str, row)) for row in rows):
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()[:16]


def committed(bootstrap: str, topic: str) -> Iterator[tuple[bytes, bytes | None]]:
    """Keys and values of a topic, as a subscriber reads them; KeyError if there is no such topic."""
    settings = {
        "bootstrap.servers": bootstrap,
        "group.id": "bench-checksum",
        "isolation.level": "read_committed",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
    }
    with closing(Consumer(settings)) as consumer:
        numbers = list(consumer.list_topics(topic, 10).topics[topic].partitions)
        consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in numbers])
        left = set(numbers)
        while left:
            for message in consumer.consume(5000, 1.0):
                if message.error() is not None:
                    left.discard(message.partition() or 0)
                elif (key := message.key()) is not None:
                    value = message.value()
                    yield bytes(key), None if value is None else bytes(value)


def newest(bootstrap: str, topic: str) -> Mapping[bytes, bytes]:
    """Last value per key of a topic, deletions left out; KeyError if there is no such topic."""
    found: dict[bytes, bytes] = {}
    for key, value in committed(bootstrap, topic):
        if value is not None:
            found[key] = value
        else:
            found.pop(key, None)
    return found


def told(bootstrap: str, topics: Topics) -> Told:
    """From topics in Latido's schemas. A day without orders is one that is gone."""
    profiles, orders, days = (newest(bootstrap, topic).values() for topic in topics[:3])
    changes = [value for _, value in committed(bootstrap, topics.changes) if value is not None]
    return Told(
        [Final(*row) for row in _rows("contact_profile", profiles, Final._fields)],
        [Booked(*row) for row in _rows("contact_order", orders, Booked._fields)],
        [row for row in map(DayRow._make, _rows("contact_day", days, DayRow._fields)) if row.orders],
        [Move(*row) for row in _rows("segment_change", changes, Move._fields)],
    )


def _rows(schema: str, payloads: Iterable[bytes], names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    decoded = Codec().decode_block(schema, list(payloads), columns=names)
    if decoded.bad:
        raise ValueError(f"{len(decoded.bad)} records are no {schema}: {decoded.bad[0]}")
    return zip(*(decoded.columns[name] for name in names), strict=True)


def of_json(value: bytes) -> Final:
    """From the JSON state of a Python peer (tests/benchmarks/peers/meaning.py)."""
    s = json.loads(value)
    return Final(s["contact"], s["orders"], s["revenue"], s["r"], s["f"], s["m"], s["segment"])


def of_java(value: bytes) -> Final:
    """From the bytes that Contact.java writes: id, orders, revenue, scores, segment, then what it keeps."""
    contact_id, at = _utf(value, 0)
    orders, revenue, r, f, m = struct.unpack_from(">iqbbb", value, at)
    segment, _ = _utf(value, at + 15)
    return Final(contact_id, orders, revenue, r, f, m, segment)


def _utf(value: bytes, at: int) -> tuple[str, int]:
    [length] = struct.unpack_from(">H", value, at)
    return value[at + 2 : at + 2 + length].decode(), at + 2 + length


class _Snapshot(NamedTuple):
    version: int
    updated_at: int
    event_id: str
    status: str
    placed_at: int
    total_minor: int
    refunded_minor: int

    @property
    def is_counted(self) -> bool:
        return self.status == "placed" and not (
            self.total_minor > 0 and self.refunded_minor == self.total_minor
        )

    @property
    def net_minor(self) -> int:
        return self.total_minor - self.refunded_minor if self.is_counted else 0

    @property
    def day(self) -> int:
        return self.placed_at // DAY_MS


@dataclass(slots=True)
class _Contact:
    ledger: dict[str, _Snapshot] = field(default_factory=dict)
    segment: str = "no_purchases"
    moves: int = 0


def recomputed(payloads: Iterable[bytes]) -> Told:
    """The slow way, from the events themselves: everything anew from the whole ledger at every event."""
    names = ("contact_id", "order_id", *_Snapshot._fields)
    contacts: defaultdict[str, _Contact] = defaultdict(_Contact)
    moves = []
    for contact_id, order_id, *rest in _rows("order", payloads, names):
        contact, snapshot = contacts[contact_id], _Snapshot._make(rest)
        prior = contact.ledger.get(order_id)
        if prior is not None and snapshot[:3] <= prior[:3]:
            continue
        contact.ledger[order_id] = snapshot
        segment = _final(contact_id, contact.ledger.values()).segment
        if segment != contact.segment:
            contact.moves += 1
            moves.append(Move(contact_id, contact.moves, contact.segment, segment, snapshot.event_id))
            contact.segment = segment
    booked = [
        Booked(contact_id, order_id, one.version, one.day, one.is_counted, one.net_minor)
        for contact_id, contact in contacts.items()
        for order_id, one in contact.ledger.items()
    ]
    states = [_final(contact_id, contact.ledger.values()) for contact_id, contact in contacts.items()]
    return Told(states, booked, list(_days(booked)), moves)


def _days(booked: Iterable[Booked]) -> Iterator[DayRow]:
    counted = sorted((one for one in booked if one.counted), key=lambda one: (one.contact_id, one.day))
    for contact_id, mine in groupby(counted, key=lambda one: one.contact_id):
        prev_day = None
        for day, orders in groupby(mine, key=lambda one: one.day):
            nets = [one.net_minor for one in orders]
            yield DayRow(contact_id, day, prev_day, len(nets), sum(nets))
            prev_day = day


def _final(contact_id: str, ledger: Iterable[_Snapshot]) -> Final:
    counted = [one for one in ledger if one.is_counted]
    if not counted:
        return Final(contact_id, 0, 0, 0, 0, 0, "no_purchases")
    orders, revenue = len(counted), sum(one.net_minor for one in counted)
    r = _MODEL.recency_score(max(0, TODAY_DAY - max(one.day for one in counted)))
    f, m = _MODEL.frequency_score(orders, 0), _MODEL.value_score(revenue, orders)
    return Final(contact_id, orders, revenue, r, f, m, _MODEL.cells[r, f, m].value)
