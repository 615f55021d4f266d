"""Orders in an open loop, from a process of its own.

`python -m deploy.local.bench.sender BOOTSTRAP RATE SECONDS CONTACTS` prints the first intended instant
(monotonic seconds of this machine), then sends. Every event flips its contact between a purchase and none, so
every one changes a segment; its id says its number, and with that its intended instant.
"""

import sys
import time
from collections.abc import Iterator
from typing import Any

from deploy.local.bench.open_loop import LINGER_MS, send_on_time
from deploy.local.bench.workload import (
    ACCOUNT,
    CHANNELS,
    CURRENCY,
    NOON_MS,
    STATUSES,
    TOPIC,
    encode,
    order_header,
    producer,
)
from schemas.keys import contact_key

EVENT_PREFIX = "lat-"
_LEAD_S = 1.0
_PLACED_MS = NOON_MS - 10 * 86_400_000


def flips(events: int, contacts: int) -> Iterator[dict[str, Any]]:
    """Records of schema `order`: contact after contact, placed, then cancelled, then placed again."""
    for number in range(events):
        contact, version = number % contacts, number // contacts
        yield {
            "event_id": f"{EVENT_PREFIX}{number:09d}",
            "account_id": ACCOUNT,
            "contact_id": f"flip-{contact:06d}",
            "order_id": f"flip-{contact:06d}",
            "version": version + 1,
            "status": STATUSES[version % 2],
            "placed_at": _PLACED_MS,
            "updated_at": _PLACED_MS + version,
            "total_minor": 4200,
            "refunded_minor": 0,
            "currency": CURRENCY,
            "number": f"#{contact}",
            "channel": CHANNELS[0],
            "items": None,
            "backfill": False,
        }


def main(bootstrap: str, rate: float, seconds: float, contacts: int) -> None:
    """Encode everything first, then send on time. RuntimeError if the broker does not take it all."""
    head = order_header()
    ready = [
        (contact_key(ACCOUNT, order["contact_id"]), encode(order, head))
        for order in flips(round(rate * seconds), contacts)
    ]
    out = producer(bootstrap, **{"linger.ms": LINGER_MS, "compression.type": "none"})
    out.list_topics(TOPIC, 10)
    start = time.monotonic() + _LEAD_S
    print(start, flush=True)

    def send(number: int) -> None:
        key, value = ready[number]
        out.produce(TOPIC, value, key)

    send_on_time(start, (number / rate for number in range(len(ready))), send, lambda: out.poll(0))
    if out.flush(60):
        raise RuntimeError("the broker did not take everything in a minute")


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
