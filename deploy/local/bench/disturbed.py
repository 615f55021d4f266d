"""Orders' latency while something reaches every contact of a base: what midnight and recalibration share."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from deploy.local.bench import machine
from deploy.local.bench.catchup import await_applied
from deploy.local.bench.lab import Lab
from deploy.local.bench.latency import CHANGES, Arrivals, Load, observe, percentile

_BEGINS_S = 10.0


@dataclass(frozen=True, slots=True)
class Disturbed:
    """Milliseconds of orders' latency, over all partitions; `lasted_s` until the last contact's change.

    Before: what was sent after the warm-up, until it begins. During: from then to the last change, at least
    a second.
    """

    contacts: int
    changed: int
    lasted_s: float
    before_p99_ms: float
    during_p50_ms: float
    during_p99_ms: float
    worst_ms: float
    samples_during: int
    load_average: float


def measure(lab: Lab, contacts: int, load: Load, begin: Callable[[], object]) -> Disturbed:
    """Start a worker, wait until it has applied all, send orders; after ten seconds `begin`. TooSlow.

    `begin` must return at once: latency is observed by who calls it.
    """
    await_applied(lab, lab.start_worker())
    lab.say(f"{contacts:,} contacts are there, all is applied")
    loaded, begun = machine.load(), [0.0]

    def disturb(elapsed_s: float) -> None:
        if elapsed_s >= _BEGINS_S and not begun[0]:
            begin()
            begun[0] = time.monotonic()

    return _figures(contacts, load, observe(lab, CHANGES, load, disturb), begun[0], loaded)


def report(night: Disturbed, load: Load, what: str) -> tuple[dict[str, Any], list[Table]]:
    """For the file and for the screen."""
    table = Table(
        title=f"{what} of {night.contacts:,} contacts, {load.rate:,.0f} orders/s meanwhile; "
        f"load {night.load_average}",
        show_header=False,
    )
    table.add_column()
    table.add_column(justify="right")
    table.add_row("contacts that changed segment by it", f"{night.changed:,}")
    table.add_row("until the last of them", f"{night.lasted_s:.1f} s")
    table.add_row("orders' p99 before", f"{night.before_p99_ms:,.0f} ms")
    table.add_row("orders' p50 while contacts move", f"{night.during_p50_ms:,.0f} ms")
    table.add_row("orders' p99 while contacts move", f"{night.during_p99_ms:,.0f} ms")
    table.add_row("worst", f"{night.worst_ms:,.0f} ms of {night.samples_during:,}")
    return asdict(night), [table]


def _figures(contacts: int, load: Load, arrivals: Arrivals, begun: float, loaded: float) -> Disturbed:
    changes = [at_s for at_s in arrivals.uncaused_s if at_s > begun]
    last = max(changes, default=begun)
    before, during = [], []
    for number, latency_s in arrivals.latency_s.items():
        intended = arrivals.start_s + number / load.rate
        if intended < begun and number / load.rate >= load.warm_s:
            before.append(latency_s * 1000)
        elif begun <= intended <= max(last, begun + 1):
            during.append(latency_s * 1000)
    before.sort()
    during.sort()
    return Disturbed(
        contacts=contacts,
        changed=len(changes),
        lasted_s=last - begun,
        before_p99_ms=percentile(before, 0.99),
        during_p50_ms=percentile(during, 0.5),
        during_p99_ms=percentile(during, 0.99),
        worst_ms=during[-1],
        samples_during=len(during),
        load_average=loaded,
    )
