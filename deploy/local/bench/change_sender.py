"""An open loop of segment changes and the profiles written with them, at their intended instants.

`python -m deploy.local.bench.change_sender BOOTSTRAP PARTITIONS RATE SECONDS CONTACTS` encodes everything,
prints the first intended instant (monotonic seconds of this machine), then sends. A change's event id says
its number, and with that its intended instant. Contacts go round all segments.
"""

import sys
import time
from collections.abc import Iterator
from typing import Any

from confluent_kafka import Producer

from deploy.local.bench.open_loop import LINGER_MS, send_on_time
from deploy.local.bench.workload import ACCOUNT, CURRENCY, NOON_MS
from schemas.cloudevents import Headers, block_headers
from schemas.codec import default_codec
from schemas.keys import contact_key, home_of
from schemas.records import Segment, Topic

EVENT_PREFIX = b"change-"
DIGITS = 9
SEGMENTS = [segment.value for segment in Segment]
LAST_DAY = NOON_MS // 86_400_000
_LEAD_S = 1.0
_BLOCK = 5_000


def number_of(value: bytes) -> int:
    """The number of the change that an action names as its cause. ValueError if it names none."""
    at = value.index(EVENT_PREFIX) + len(EVENT_PREFIX)
    return int(value[at : at + DIGITS])


def changes(numbers: range, contacts: int) -> Iterator[dict[str, Any]]:
    """Records of schema `segment_change`."""
    for number in numbers:
        seq = number // contacts + 1
        yield {
            "event_id": f"{EVENT_PREFIX.decode()}{number:0{DIGITS}}", "account_id": ACCOUNT,
            "contact_id": f"c{number % contacts}", "seq": seq, "from_segment": _segment(seq - 1),
            "to_segment": _segment(seq), "cause": "order", "why": "Recencia 1→5 el 2025-06-30, por un pedido",
            "cause_event_id": f"order-{number}", "cause_order_id": f"o-{number}", "effective_day": LAST_DAY,
            "occurred_at": NOON_MS, "historical": False, **_standing(number, seq),
        }  # fmt: skip


def profiles(numbers: range, contacts: int) -> Iterator[dict[str, Any]]:
    """Records of schema `contact_profile`, one a change."""
    for number in numbers:
        seq = number // contacts + 1
        yield {
            "account_id": ACCOUNT, "contact_id": f"c{number % contacts}", "sequence": number + 1,
            "changes": seq, "segment": _segment(seq), "removed": False, "live": True, "changed_at": NOON_MS,
            "scored_day": LAST_DAY, "boundary_day": LAST_DAY + 31, "tags": ["vip"],
            "consent": [{"channel": "whatsapp", "granted": True, "at": NOON_MS}],
            "personal": {"name": "Ana", "email": "ana@example.com", "phone": "+5691111", "document": None},
            **_standing(number, seq),
        }  # fmt: skip


def _standing(number: int, seq: int) -> dict[str, Any]:
    return {
        "r": 1 + number % 5, "f": 1 + number % 4, "m": 1 + number % 3, "model_version": 1, "orders": seq,
        "revenue_minor": seq * 1_700 + number % 900, "currency": CURRENCY, "first_order_day": 20_000,
        "last_order_day": LAST_DAY, "interactions": 0, "origin": "shop", "next_segment": _segment(seq + 1),
        "next_segment_day": LAST_DAY + 31,
    }  # fmt: skip


def _segment(seq: int) -> str:
    return SEGMENTS[seq % len(SEGMENTS)]


def _encoded(name: str, records: Iterator[dict[str, Any]]) -> list[bytes]:
    listed = list(records)
    return default_codec().encode_block(name, {field: [r[field] for r in listed] for field in listed[0]})


def _headers(records: Iterator[dict[str, Any]]) -> list[Headers]:
    names = ("event_id", "account_id", "contact_id", "occurred_at")
    return block_headers(
        Topic.SEGMENT_CHANGES, *zip(*([r[name] for name in names] for r in records), strict=True)
    )


def main(bootstrap: str, partitions: int, rate: float, seconds: float, contacts: int) -> None:
    """Encode everything first, then send on time, the change before its profile. RuntimeError if the broker
    does not take it all."""
    events = round(rate * seconds)
    keys = [contact_key(ACCOUNT, f"c{number}") for number in range(min(events, contacts))]
    homes = [home_of(key, partitions) for key in keys]
    told: list[tuple[bytes, Headers, bytes]] = []
    for start in range(0, events, _BLOCK):
        numbers = range(start, min(events, start + _BLOCK))
        told += zip(
            _encoded("segment_change", changes(numbers, contacts)),
            _headers(changes(numbers, contacts)),
            _encoded("contact_profile", profiles(numbers, contacts)),
            strict=True,
        )
    settings = {"linger.ms": LINGER_MS, "queue.buffering.max.messages": 500_000}
    producer = Producer({"bootstrap.servers": bootstrap, **settings})
    producer.list_topics(Topic.SEGMENT_CHANGES, 10)
    began = time.monotonic() + _LEAD_S
    print(began, flush=True)

    def send(number: int) -> None:
        change, headers, profile = told[number]
        key, home = keys[number % contacts], homes[number % contacts]
        producer.produce(Topic.SEGMENT_CHANGES, change, key, home, headers=list(headers))
        producer.produce(Topic.CONTACT_PROFILES, profile, key, home)

    send_on_time(began, (number / rate for number in range(events)), send, lambda: producer.poll(0))
    if producer.flush(60):
        raise RuntimeError("the broker did not take everything in a minute")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))
