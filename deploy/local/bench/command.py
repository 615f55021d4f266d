"""`latido bench`: scenarios by name, each a table on the screen and a file under .cache/bench."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.local.bench import (
    automations,
    growth,
    latency,
    machine,
    midnight,
    peers,
    recalibration,
    restart,
    texts,
    throughput,
)

Run = Callable[[bool, Callable[[str], None]], tuple[dict[str, Any], list[Table]]]


class Scenario(StrEnum):
    """What can be measured."""

    THROUGHPUT = "throughput"
    PEERS = "peers"
    LATENCY = "latency"
    GROWTH = "growth"
    RESTART = "restart"
    MIDNIGHT = "midnight"
    RECALIBRATION = "recalibration"
    AUTOMATIONS = "automations"
    TEXTS = "texts"
    ALL = "all"


RUNS: dict[Scenario, Run] = {
    Scenario.THROUGHPUT: throughput.run,
    Scenario.PEERS: peers.run,
    Scenario.LATENCY: latency.run,
    Scenario.GROWTH: growth.run,
    Scenario.RESTART: restart.run,
    Scenario.MIDNIGHT: midnight.run,
    Scenario.RECALIBRATION: recalibration.run,
    Scenario.AUTOMATIONS: automations.run,
    Scenario.TEXTS: texts.run,
}


def chosen(scenarios: Iterable[Scenario]) -> list[Scenario]:
    """Each once, in the order of `RUNS`; all of them for none, or for `all`."""
    wanted = set(scenarios)
    return [one for one in RUNS if not wanted or Scenario.ALL in wanted or one in wanted]


def run(scenarios: Iterable[Scenario], quick: bool, console: Console) -> None:
    """Measure, print, store. One that fails does not end the others; RuntimeError names it at the end."""
    if not (machine.TREE / "pyproject.toml").exists():
        raise RuntimeError("latido bench runs from a checkout of Latido's sources")

    def say(line: str) -> None:
        console.print(line, markup=False, highlight=False)

    failed = []
    for scenario in chosen(scenarios):
        console.rule(scenario.value)
        try:
            figures, tables = RUNS[scenario](quick, say)
        except RuntimeError as error:
            failed.append(scenario.value)
            say(f"{scenario.value} failed: {error}")
            continue
        for table in tables:
            console.print(table)
        say(f"stored in {machine.store(scenario.value, {'quick': quick, **figures})}")
    if failed:
        raise RuntimeError(f"not measured: {', '.join(failed)}")
