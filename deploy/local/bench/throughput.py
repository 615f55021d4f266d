"""The production worker's catch-up beside the bare limits, interleaved in one run."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

from rich.table import Table

from deploy.local.bench import limits, machine
from deploy.local.bench.catchup import Pace, catch_up
from deploy.local.bench.lab import Lab
from deploy.local.bench.limits import Limit
from deploy.local.bench.workload import Workload, publish

PARTITIONS = 4
EVENTS, CONTACTS = 1_000_000, 100_000
LABELS = {
    Limit.FETCH: "fetch only",
    Limit.ONE: "fetch, decode one by one (fastavro)",
    Limit.BLOCK: "fetch, decode in blocks",
}


def run(quick: bool, say: Callable[[str], None]) -> tuple[dict[str, Any], list[Table]]:
    """Figures and tables. One repetition when quick, else three; limits before each and medians of all."""
    rounds = 1 if quick else 3
    workload = Workload(EVENTS // 5 if quick else EVENTS, CONTACTS // 5 if quick else CONTACTS)
    loads, paces = [], []
    bare: dict[Limit, list[dict[str, float]]] = {limit: [] for limit in Limit}
    for number in range(rounds):
        with Lab(PARTITIONS, say) as lab:
            begun = time.monotonic()
            size = publish(lab.bootstrap, workload)
            say(
                f"round {number + 1} of {rounds}: {workload.describe()}, "
                f"{size / workload.events:.0f} bytes each, produced in {time.monotonic() - begun:.0f} s"
            )
            loads.append(machine.load())
            for limit in Limit:
                bare[limit].append(limits.measure(lab.bootstrap, limit))
            paces.append(catch_up(lab))
            loads.append(machine.load())
            say(f"round {number + 1}: {paces[-1].rate:,.0f} events/s, {paces[-1].cpu_us:.1f} us of CPU each")
    figures: dict[str, Any] = {
        "workload": workload.describe(),
        "bytes_per_event": size / workload.events,
        "partitions": PARTITIONS,
        "load_average": loads,
        "latido": [pace.as_json() for pace in paces],
        "limits": {limit.value: bare[limit] for limit in Limit},
    }
    return figures, [_table(workload, loads, paces, bare), _stages(paces)]


def middle(paces: list[Pace]) -> Pace:
    """The run of median rate (the lower one of two)."""
    return sorted(paces, key=lambda pace: pace.rate)[(len(paces) - 1) // 2]


def _table(
    workload: Workload, loads: list[float], paces: list[Pace], bare: dict[Limit, list[dict[str, float]]]
) -> Table:
    table = Table(title=f"{workload.describe()}; {PARTITIONS} partitions; load {min(loads)} to {max(loads)}")
    for heading in ("what", "events/s", "of the bare fetch", "CPU us/event", "peak MB"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    fetch = median(run["rate"] for run in bare[Limit.FETCH])
    for limit, runs in bare.items():
        rate = median(run["rate"] for run in runs)
        cpu = median(run["cpu_us"] for run in runs)
        table.add_row(LABELS[limit], f"{rate:,.0f}", f"{rate / fetch:.3f}", f"{cpu:.2f}", "")
    pace = middle(paces)
    spread = f"{min(p.rate for p in paces):,.0f} to {max(p.rate for p in paces):,.0f}"
    table.add_row(
        f"Latido, everything on ({spread})",
        f"{pace.rate:,.0f}",
        f"{pace.rate / fetch:.3f}",
        f"{pace.cpu_us:.2f}",
        f"{pace.peak_mb:,.0f}",
    )
    return table


def _stages(paces: list[Pace]) -> Table:
    pace = middle(paces)
    table = Table(title="Latido by stage: microseconds of a thread's time an event, waiting included")
    for stage in (*pace.stages_us, "worker CPU", "broker CPU"):
        table.add_column(stage, justify="right")
    table.add_row(
        *(f"{us:.2f}" for us in pace.stages_us.values()), f"{pace.cpu_us:.2f}", f"{pace.broker_cpu_us:.2f}"
    )
    return table
