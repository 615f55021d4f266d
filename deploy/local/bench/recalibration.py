"""A new scoring model over a large base while orders come: every contact is scored anew."""

import os
import subprocess
from collections.abc import Callable
from typing import Any

from rich.table import Table

from deploy.local.bench.base import lab_with
from deploy.local.bench.disturbed import measure, report
from deploy.local.bench.lab import Lab
from deploy.local.bench.latency import Load
from deploy.local.bench.workload import ACCOUNT
from deploy.local.stack import latido_command

CONTACTS = 1_000_000
FULL, QUICK = Load(500, 150, 5), Load(500, 45, 5)
_MODEL = (
    "--recency-cuts",
    "20,60,120,240",
    "--frequency-cuts",
    "1,2,3,5",
    "--value-cuts",
    "1500,3000,6000,12000",
)


def run(quick: bool, say: Callable[[str], None]) -> tuple[dict[str, Any], list[Table]]:
    """Restore the base, send 500 orders a second, publish other cuts after ten seconds. TooSlow."""
    contacts, load = (CONTACTS // 10, QUICK) if quick else (CONTACTS, FULL)
    publishing: list[subprocess.Popen[bytes]] = []
    with lab_with(contacts, say) as lab:
        figures = measure(lab, contacts, load, lambda: publishing.append(_publish(lab)))
        if any(process.wait(10) for process in publishing):
            raise RuntimeError("the model was not published")
    return report(figures, load, "Recalibration")


def _publish(lab: Lab) -> subprocess.Popen[bytes]:
    command = latido_command("model", "publish", "--account", ACCOUNT, *_MODEL)
    return subprocess.Popen(command, env={**os.environ, **lab.stack.env}, stdout=subprocess.DEVNULL)
