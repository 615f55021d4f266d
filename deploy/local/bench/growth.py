"""What an event costs as the base grows: the same number of events over ever more contacts that exist.

Once with the same contacts buying, whatever the base: what grows then is the base alone. Once with all of it
buying: on a small base a chunk touches a contact several times and writes its profile once, which makes it
cheaper; on a large one nearly every event writes its own and finds its contact in no cache of the processor.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from rich.table import Table

from deploy.local.bench import machine
from deploy.local.bench.catchup import Pace, catch_up
from deploy.local.bench.lab import Lab
from deploy.local.bench.workload import Workload, publish

PARTITIONS = 4
BASES, EVENTS = (10_000, 100_000, 1_000_000), 300_000
QUICK_BASES, QUICK_EVENTS = (50_000, 200_000), 100_000


class Row(NamedTuple):
    """The pace of one base; `buying`: how many of its contacts the events are of."""

    contacts: int
    buying: int
    pace: Pace
    load_average: float


def run(quick: bool, say: Callable[[str], None]) -> tuple[dict[str, Any], list[Table]]:
    """One worker a base; only events after the population count. TooSlow."""
    bases, events = (QUICK_BASES, QUICK_EVENTS) if quick else (BASES, EVENTS)
    rows = []
    for contacts, buying in cases(bases):
        with Lab(PARTITIONS, say) as lab:
            workload = Workload(contacts + events, contacts, populate=True, active=buying)
            publish(lab.bootstrap, workload)
            loaded = machine.load()
            rows.append(Row(contacts, buying, catch_up(lab, after=contacts), loaded))
        say(f"{contacts:,} contacts, {buying:,} buy: {rows[-1].pace.cpu_us:.1f} us of CPU an event")
    figures = {
        "events": events,
        "rows": [
            {"contacts": row.contacts, "buying": row.buying, "load_average": row.load_average,
             **row.pace.as_json()}
            for row in rows
        ],
    }  # fmt: skip
    return figures, [_table(events, rows)]


def cases(bases: Sequence[int]) -> list[tuple[int, int]]:
    """Contacts and how many of them buy: as many as the smallest base has, then all."""
    smallest, *larger = bases
    return [(contacts, smallest) for contacts in bases] + [(contacts, contacts) for contacts in larger]


def _table(events: int, rows: Sequence[Row]) -> Table:
    table = Table(title=f"{events:,} events on a base that exists")
    for heading in ("contacts", "buying", "CPU us/event", "of the smallest", "events/s", "peak MB", "load"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(
            f"{row.contacts:,}",
            f"{row.buying:,}",
            f"{row.pace.cpu_us:.1f}",
            f"{row.pace.cpu_us / rows[0].pace.cpu_us:.2f}",
            f"{row.pace.rate:,.0f}",
            f"{row.pace.peak_mb:,.0f}",
            str(row.load_average),
        )
    return table
