"""A day passes while orders come: every contact of a base crosses a boundary at the same midnight."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from deploy.local.bench import machine
from deploy.local.bench.catchup import Watermarks
from deploy.local.bench.lab import Lab
from deploy.local.bench.latency import CHANGES, Arrivals, Load, observe, percentile
from deploy.local.bench.sender import flips
from deploy.local.bench.workload import ACCOUNT, NOON_MS, TOPIC, encode, order_header, producer
from schemas.keys import contact_key
from streams.rfm.model import RECENCY_CUTS

PARTITIONS = 4
CONTACTS = 100_000
FULL, QUICK = Load(500, 60, 5), Load(500, 25, 5)
_MIDNIGHT_S = 10.0
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Midnight:
    """Milliseconds of orders' latency; `decay_s` from the clock's jump to the last contact's change."""

    contacts: int
    decayed: int
    decay_s: float
    before_p99_ms: float
    during_p50_ms: float
    during_p99_ms: float
    worst_ms: float
    samples_during: int
    load_average: float


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
        worker = lab.start_worker()
        watermarks = Watermarks(lab)
        watermarks.follow(contacts, worker)
        watermarks.close()
        say(f"{contacts:,} contacts wait for midnight")
        loaded, jumped = machine.load(), [0.0]

        def let_midnight_come(elapsed_s: float) -> None:
            if elapsed_s >= _MIDNIGHT_S and not jumped[0]:
                lab.set_day(1)
                jumped[0] = time.monotonic()

        arrivals = observe(lab, CHANGES, load, let_midnight_come)
    night = _figures(contacts, load, arrivals, jumped[0], loaded)
    return asdict(night), [_table(load, night)]


def _publish(lab: Lab, contacts: int) -> None:
    out, head = producer(lab.bootstrap), order_header()
    for order in crossing(contacts):
        out.produce(TOPIC, encode(order, head), contact_key(ACCOUNT, order["contact_id"]))
    if out.flush(60):
        raise RuntimeError("the broker did not take the base in a minute")


def _figures(contacts: int, load: Load, arrivals: Arrivals, jumped: float, loaded: float) -> Midnight:
    decays = [at_s for at_s in arrivals.uncaused_s if at_s > jumped]
    last = max(decays, default=jumped)
    before, during = [], []
    for number, latency_s in arrivals.latency_s.items():
        intended = arrivals.start_s + number / load.rate
        if intended < jumped and number / load.rate >= load.warm_s:
            before.append(latency_s * 1000)
        elif jumped <= intended <= max(last, jumped + 1):
            during.append(latency_s * 1000)
    before.sort()
    during.sort()
    return Midnight(
        contacts=contacts,
        decayed=len(decays),
        decay_s=last - jumped,
        before_p99_ms=percentile(before, 0.99),
        during_p50_ms=percentile(during, 0.5),
        during_p99_ms=percentile(during, 0.99),
        worst_ms=during[-1],
        samples_during=len(during),
        load_average=loaded,
    )


def _table(load: Load, night: Midnight) -> Table:
    table = Table(
        title=f"Midnight for {night.contacts:,} contacts, {load.rate:,.0f} orders/s meanwhile; "
        f"load {night.load_average}",
        show_header=False,
    )
    table.add_column()
    table.add_column(justify="right")
    table.add_row("contacts that changed segment by decay", f"{night.decayed:,}")
    table.add_row("from the clock's jump to the last of them", f"{night.decay_s:.1f} s")
    table.add_row("orders' p99 before", f"{night.before_p99_ms:,.0f} ms")
    table.add_row("orders' p50 while contacts move", f"{night.during_p50_ms:,.0f} ms")
    table.add_row("orders' p99 while contacts move", f"{night.during_p99_ms:,.0f} ms")
    table.add_row("worst", f"{night.worst_ms:,.0f} ms of {night.samples_during:,}")
    return table
