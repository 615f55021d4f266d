"""A day passes while orders come: every contact of a base crosses a boundary at the same midnight."""

from collections.abc import Callable, Iterator
from typing import Any

from rich.table import Table

from deploy.local.bench.base import PARTITIONS
from deploy.local.bench.disturbed import measure, report
from deploy.local.bench.lab import Lab
from deploy.local.bench.latency import Load
from deploy.local.bench.sender import flips
from deploy.local.bench.workload import ACCOUNT, NOON_MS, TOPIC, encode, order_header, producer
from schemas.keys import contact_key
from streams.rfm.model import RECENCY_CUTS

CONTACTS = 100_000
FULL, QUICK = Load(500, 60, 5), Load(500, 25, 5)
_DAY_MS = 86_400_000


def crossing(contacts: int) -> Iterator[dict[str, Any]]:
    """One order a contact, placed so long ago that tomorrow its recency falls for the first time."""
    placed_at = NOON_MS - RECENCY_CUTS[0] * _DAY_MS
    for number, order in enumerate(flips(contacts, contacts)):
        name = f"crossing-{number:07d}"
        yield {
            **order, "event_id": name, "contact_id": name, "order_id": name,
            "placed_at": placed_at, "updated_at": placed_at,
        }  # fmt: skip


def run(quick: bool, say: Callable[[str], None]) -> tuple[dict[str, Any], list[Table]]:
    """Load the base, send 500 orders a second, let midnight come after ten seconds. TooSlow."""
    contacts, load = (CONTACTS // 10, QUICK) if quick else (CONTACTS, FULL)
    with Lab(PARTITIONS, say) as lab:
        _publish(lab, contacts)
        figures = measure(lab, contacts, load, lambda: lab.set_day(1))
    return report(figures, load, "Midnight")


def _publish(lab: Lab, contacts: int) -> None:
    out, head = producer(lab.bootstrap), order_header()
    for order in crossing(contacts):
        out.produce(TOPIC, encode(order, head), contact_key(ACCOUNT, order["contact_id"]))
    if out.flush(60):
        raise RuntimeError("the broker did not take the base in a minute")
