"""What an event costs as the base grows: the same number of events over ever more contacts that exist.

On a small base a chunk touches a contact several times and writes its profile once, which makes it cheaper;
from some 100,000 contacts on, nearly every event writes its own.
"""

from collections.abc import Callable
from typing import Any

from rich.table import Table

from deploy.local.bench import machine
from deploy.local.bench.catchup import Pace, catch_up
from deploy.local.bench.lab import Lab
from deploy.local.bench.workload import Workload, publish

PARTITIONS = 4
BASES, EVENTS = (10_000, 100_000, 1_000_000), 300_000
QUICK_BASES, QUICK_EVENTS = (50_000, 200_000), 100_000


def run(quick: bool, say: Callable[[str], None]) -> tuple[dict[str, Any], list[Table]]:
    """One worker a base; only events after the population count. TooSlow."""
    rows: list[tuple[int, Pace, float]] = []
    events = QUICK_EVENTS if quick else EVENTS
    for contacts in QUICK_BASES if quick else BASES:
        with Lab(PARTITIONS, say) as lab:
            publish(lab.bootstrap, Workload(contacts + events, contacts, populate=True))
            loaded = machine.load()
            rows.append((contacts, catch_up(lab, after=contacts), loaded))
        say(f"{contacts:,} contacts: {rows[-1][1].cpu_us:.1f} us of CPU an event")
    figures = {
        "events": events,
        "rows": [
            {"contacts": contacts, "load_average": loaded, **pace.as_json()}
            for contacts, pace, loaded in rows
        ],
    }
    return figures, [_table(events, rows)]


def _table(events: int, rows: list[tuple[int, Pace, float]]) -> Table:
    table = Table(title=f"{events:,} events on a base that exists")
    for heading in ("contacts", "CPU us/event", "of the smallest", "events/s", "peak MB", "load"):
        table.add_column(heading, justify="right")
    for contacts, pace, loaded in rows:
        share = pace.cpu_us / rows[0][1].cpu_us
        table.add_row(
            f"{contacts:,}",
            f"{pace.cpu_us:.1f}",
            f"{share:.2f}",
            f"{pace.rate:,.0f}",
            f"{pace.peak_mb:,.0f}",
            str(loaded),
        )
    return table
