"""What an event costs as the base grows: the same number of events over ever more contacts that exist.

Once the same contacts buy the same, whatever the base: what grows then is the base alone. Once all of it
buys: on a small base a chunk touches a contact several times and writes its profile once, which makes it
cheaper; on a large one nearly every event writes its own and finds its contact in no cache of the processor.
All bases are there from the beginning, each on its own broker, and take turns: the machine is not equally
quick all the time.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from statistics import median
from typing import Any, NamedTuple

from rich.table import Table

from deploy.local.bench import machine
from deploy.local.bench.catchup import Pace, catch_up
from deploy.local.bench.lab import Lab
from deploy.local.bench.workload import Workload, publish

PARTITIONS = 4
BASES, EVENTS, TURNS = (10_000, 100_000, 1_000_000), 150_000, 4
QUICK_BASES, QUICK_EVENTS, QUICK_TURNS = (10_000, 100_000), 60_000, 2


class Case(NamedTuple):
    """A base, and how many of its contacts buy."""

    contacts: int
    buying: int


def run(quick: bool, say: Callable[[str], None]) -> tuple[dict[str, Any], list[Table]]:
    """Every case once a turn, by a worker that starts anew. TooSlow."""
    bases, events, turns = (QUICK_BASES, QUICK_EVENTS, QUICK_TURNS) if quick else (BASES, EVENTS, TURNS)
    order = cases(bases)
    paces: dict[Case, list[Pace]] = {case: [] for case in order}
    loaded = [machine.load()]
    with ExitStack() as stack:
        labs = {contacts: stack.enter_context(Lab(PARTITIONS, say)) for contacts in bases}
        for contacts, lab in labs.items():
            publish(lab.bootstrap, base(contacts))
            catch_up(lab)
            say(f"a base of {contacts:,} contacts is there")
        for turn in range(turns):
            for case in order if turn % 2 == 0 else reversed(order):
                lab = labs[case.contacts]
                before = sum(lab.ends().values())
                publish(lab.bootstrap, purchases(case, events, turn, turns))
                paces[case].append(catch_up(lab, after=before))
                say(_line(case, paces[case][-1]))
            loaded.append(machine.load())
    figures = {
        "events": events,
        "load_average": loaded,
        "rows": [
            {
                **case._asdict(),
                "of_the_smallest": _ratio(paces, case),
                "turns": [one.as_json() for one in found],
            }
            for case, found in paces.items()
        ],
    }
    return figures, [_table(events, paces)]


def cases(bases: Sequence[int]) -> list[Case]:
    """As many buy as the smallest base has, then all."""
    smallest, *larger = bases
    return [Case(contacts, smallest) for contacts in bases] + [Case(one, one) for one in larger]


def base(contacts: int) -> Workload:
    """Everybody's first order."""
    return Workload(contacts, contacts, populate=True, years=(0.0, 0.5))


def purchases(case: Case, events: int, turn: int, turns: int) -> Workload:
    """What is bought in a turn, after all that was bought before."""
    everybody_of_more = case.buying > min(BASES)
    number = max(BASES) + (2 * turn + everybody_of_more) * events
    years = (0.5 + turn / turns / 2, 0.5 + (turn + 1) / turns / 2)
    return Workload(events, case.contacts, seed=turn, active=case.buying, numbered_from=number, years=years)


def _ratio(paces: dict[Case, list[Pace]], case: Case) -> float:
    """The middle of what the turns say."""
    smallest = next(iter(paces.values()))
    return median(own.cpu_us / other.cpu_us for own, other in zip(paces[case], smallest, strict=True))


def _line(case: Case, pace: Pace) -> str:
    return f"{case.contacts:,} contacts, {case.buying:,} buy: {pace.cpu_us:.1f} us of CPU an event"


def _table(events: int, paces: dict[Case, list[Pace]]) -> Table:
    turns = len(next(iter(paces.values())))
    table = Table(title=f"{events:,} events on a base that exists, the middle of {turns} turns")
    for heading in (
        "contacts",
        "buying",
        "CPU us/event",
        "least and most",
        "of the smallest",
        "events/s",
        "peak MB",
    ):
        table.add_column(heading, justify="right")
    for case, found in paces.items():
        cost = [pace.cpu_us for pace in found]
        table.add_row(
            f"{case.contacts:,}",
            f"{case.buying:,}",
            f"{median(cost):.1f}",
            f"{min(cost):.1f} to {max(cost):.1f}",
            f"{_ratio(paces, case):.2f}",
            f"{median(pace.rate for pace in found):,.0f}",
            f"{max(pace.peak_mb for pace in found):,.0f}",
        )
    return table
