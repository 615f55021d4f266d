"""A new process takes over a large base: nothing is compacted yet, every state record is there with its past.

Three orders a contact and one amendment: four versions of a profile lie in its changelog, three of them
superseded, and as many records in the ledger's. Cold for the worker, which keeps nothing on disk; the broker
has been started for this.
"""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from deploy.local.bench import machine
from deploy.local.bench.base import PARTITIONS, lab_with, three_superseded
from deploy.local.bench.catchup import Watermarks
from deploy.local.bench.lab import Lab, Worker
from deploy.local.bench.meter import cpu_seconds, family_mb
from deploy.local.bench.sender import flips
from deploy.local.bench.workload import ACCOUNT, TOPIC, encode, order_header, producer
from schemas.keys import contact_key

CONTACTS = 1_000_000
_DEADLINE_S = 600.0


@dataclass(frozen=True, slots=True)
class Restart:
    """Seconds since the start of the process until it serves, is ready, has applied new events everywhere."""

    contacts: int
    events: int
    restored_records: int
    serving_s: float
    ready_s: float
    processing_s: float
    restore_thread_s: float
    cpu_s: float
    peak_mb: float
    load_average: float


def run(quick: bool, say: Callable[[str], None]) -> tuple[dict[str, Any], list[Table]]:
    """Start a worker on the base, measure. When quick, a tenth of the base. TooSlow."""
    contacts = CONTACTS // 10 if quick else CONTACTS
    with lab_with(contacts, say) as lab:
        restart = _restart(lab, contacts)
    return {"workload": three_superseded(contacts).describe(), **asdict(restart)}, [_table(restart)]


def _restart(lab: Lab, contacts: int) -> Restart:
    loaded, events = machine.load(), sum(lab.ends().values())
    with closing(Watermarks(lab)) as watermarks:
        watermarks.follow(events)
        sent = _one_each(lab)
        worker = lab.start_worker()
        serving_s = _wait(worker, worker.is_serving)
        peaks: list[float] = [0.0]
        ready_s = _wait(worker, worker.is_ready, lambda: peaks.append(family_mb(worker.pid)))
        watermarks.follow(events + sent, worker)
        processing_s = watermarks.trail.reached_at(events + sent) - worker.started_s
    figures = Restart(
        contacts=contacts,
        events=events,
        restored_records=round(worker.metric("latido_restored_records_total")),
        serving_s=serving_s,
        ready_s=ready_s,
        processing_s=processing_s,
        restore_thread_s=worker.stages().get("restore", 0.0),
        cpu_s=cpu_seconds(worker.pid),
        peak_mb=max(peaks),
        load_average=loaded,
    )
    worker.stop()
    return figures


def _one_each(lab: Lab) -> int:
    """New orders until every partition has one; how many."""
    out, head, ends = producer(lab.bootstrap), order_header(), lab.ends()
    for sent, order in enumerate(flips(1000, 1000), start=1):
        out.produce(TOPIC, encode(order, head), contact_key(ACCOUNT, order["contact_id"]))
        out.flush(10)
        if all(end > ends[number] for number, end in lab.ends().items()):
            return sent
    raise RuntimeError("a thousand contacts left a partition without an order")


def _wait(worker: Worker, holds: Callable[[], bool], meanwhile: Callable[[], object] = lambda: None) -> float:
    deadline = time.monotonic() + _DEADLINE_S
    while not holds():
        worker.require_running()
        if time.monotonic() > deadline:
            raise RuntimeError("the worker was not ready in ten minutes")
        meanwhile()
        time.sleep(0.1)
    return time.time() - worker.started_s


def _table(restart: Restart) -> Table:
    table = Table(
        title=f"Restart: {restart.contacts:,} contacts, {restart.restored_records:,} changelog records in "
        f"{PARTITIONS} partitions; load {restart.load_average}",
        show_header=False,
    )
    table.add_column()
    table.add_column(justify="right")
    table.add_row("process serves /healthz", f"{restart.serving_s:.1f} s")
    table.add_row("restored and assigned (/readyz)", f"{restart.ready_s:.1f} s")
    table.add_row("a new event of every partition applied", f"{restart.processing_s:.1f} s")
    table.add_row("threads' time in restore, over all partitions", f"{restart.restore_thread_s:.1f} s")
    table.add_row("CPU", f"{restart.cpu_s:.1f} s")
    table.add_row("peak memory, with the processes that read for it", f"{restart.peak_mb:,.0f} MB")
    return table
