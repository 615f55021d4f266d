"""A base to measure on: filled once by the production worker, kept, and copied for every run.

Filling a million contacts takes minutes and a gigabyte, in .cache/bench/bases. What lies there was written by
the code of its day: remove it after a change of records.
"""

from collections.abc import Callable

from deploy.local.bench import machine
from deploy.local.bench.catchup import catch_up
from deploy.local.bench.lab import Lab
from deploy.local.bench.workload import Workload, publish

PARTITIONS = 4


def three_superseded(contacts: int) -> Workload:
    """Three orders a contact and one amendment: four versions of a profile, three of them superseded."""
    return Workload(contacts * 4, contacts, populate=True, amended_share=1 / 3)


def lab_with(contacts: int, say: Callable[[str], None]) -> Lab:
    """A lab, still to be entered, whose log holds the base, applied to its end. TooSlow."""
    filled = (machine.RESULTS / "bases" / f"{contacts}").absolute()
    if not filled.exists():
        workload = three_superseded(contacts)
        with Lab(PARTITIONS, say, keep=filled) as lab:
            publish(lab.bootstrap, workload)
            say(f"{workload.describe()}: produced")
            say(f"applied at {catch_up(lab).rate:,.0f} events/s")
    return Lab(PARTITIONS, say, filled)
