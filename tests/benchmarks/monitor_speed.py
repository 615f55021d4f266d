"""How fast the API answers about 1 M contacts and 10 M orders in one account among ten, while rows arrive.

`python -m tests.benchmarks.monitor_speed DIRECTORY [CONTACTS]`; an existing directory is used as it is. Asks
through the figures that routes use (what HTTP, sign-in and JSON add is a few milliseconds), prints p50, p95
and worst in milliseconds with one reader and with eight beside the inserts, the first answer of a fresh
process, a full scan for the same question where there is one, and what a download takes.
"""

import sys
import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from sinks.clickhouse.database import Database
from sinks.clickhouse.migrations import migrate
from sinks.clickhouse.queries import Queries
from sinks.monitor.api.reports import dialect
from sinks.monitor.figures.card import read_card
from sinks.monitor.figures.contacts import Direction, Order, Selection, Sort
from sinks.monitor.figures.export import write_csv
from sinks.monitor.figures.figures import Figures
from sinks.monitor.figures.groups import CARDS, MEMBERS, SEGMENTS
from sinks.monitor.figures.movement import Scope
from sinks.monitor.people import Language
from sinks.periods import Period, Preset, preset
from sinks.settings import SinkSettings
from tests.benchmarks.sink_speed import BIG, fill, insert_until
from tests.unit.monitor_api.shop import model_of

TODAY = date(2026, 6, 1)
READERS = 8
Ask = Callable[[int], object]


def periods() -> list[Period]:
    """Presets, and ranges of up to five years."""
    ranges = [Period("custom", TODAY - timedelta(days=n), TODAY) for n in (1, 40, 200, 400, 1000, 1800)]
    return [preset(which, TODAY) for which in Preset] + ranges


def questions(figures: Figures, contacts: int) -> dict[str, tuple[Ask, float]]:
    """By name: the question (a number varies it), and for how many seconds it is asked."""
    chosen = periods()
    orders = [Order(Sort.REVENUE, Direction.DESCENDING), Order(Sort.LAST_PURCHASE, Direction.ASCENDING)]
    pages = [(MEMBERS[card], order) for card in CARDS for order in orders]
    scope = Scope(BIG, TODAY, model_of())

    def page(n: int) -> object:
        segments, order = pages[n % len(pages)]
        return figures.first_page(BIG, Selection(segments), order, 50)

    return {
        "monitor": (lambda _: figures.base(BIG), 6),
        "sales, any period": (lambda n: figures.cells(BIG, None).value.sales(chosen[n % len(chosen)]), 10),
        "contact card": (lambda n: read_card(figures.queries, BIG, f"contact-{n * 7919 % contacts}"), 6),
        "first page of a group": (page, 10),
        "transitions": (
            lambda _: figures.transitions(scope, TODAY - timedelta(days=30), TODAY, as_known=False),
            4,
        ),
        "trend, 90 days": (lambda _: figures.trend(scope, TODAY - timedelta(days=89), TODAY), 4),
    }


def timed(ask: Ask, readers: int, seconds: float) -> list[float]:
    """Milliseconds of every answer, sorted."""
    took: list[float] = []
    until = time.perf_counter() + seconds

    def read(reader: int) -> None:
        number = reader * 1_000
        while (start := time.perf_counter()) < until:
            ask(number)
            took.append((time.perf_counter() - start) * 1000)
            number += 1
            time.sleep(0.02)

    threads = [threading.Thread(target=read, args=(reader,)) for reader in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(took)


def resident_mb() -> float:
    """Memory of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


def download(queries: Queries) -> None:
    """One file of everybody."""
    idle, peak, done = resident_mb(), [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            peak[0] = max(peak[0], resident_mb())

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    spoken = dialect(Language.SPANISH, raw=False)
    export = write_csv(queries, BIG, Selection(SEGMENTS), dialect=spoken, currency="USD", today=TODAY)
    size = sum(len(piece) for piece in export.pieces())
    took = time.perf_counter() - start
    done.set()
    watcher.join()
    rate, above = export.contacts / took, peak[0] - idle
    print(f"CSV: {export.contacts} rows, {size / 2**20:.0f} MB, {rate:.0f} rows/s, {above:.0f} MB above idle")


def scans(queries: Queries) -> None:
    """The same questions asked of the whole table."""
    bounds = {"from": TODAY - timedelta(days=90), "to": TODAY}
    asked: dict[str, Callable[[], object]] = {
        "segments": lambda: queries.rows("monitor", BIG),
        "sales, 90 days": lambda: queries.rows("sales", BIG, **bounds),
        "all cells": lambda: sum(b.num_rows for b in queries.batches("day_cells", BIG, **_EVER)),
    }
    for name, ask in asked.items():
        start = time.perf_counter()
        ask()
        print(f"scan      {name:22} {(time.perf_counter() - start) * 1000:7.0f}", flush=True)


def main(directory: Path, contacts: int) -> None:
    """Fill if need be, ask, print."""
    fresh = not directory.exists()
    database = Database(path=directory)
    migrate(database, SinkSettings().ddl_dir)
    if fresh:
        fill(database, contacts)
    queries = Queries(database)
    scans(queries)
    asked = questions(Figures.over(queries), contacts)
    for name, (ask, _) in asked.items():
        start = time.perf_counter()
        ask(0)
        print(f"first     {name:22} {(time.perf_counter() - start) * 1000:7.0f}", flush=True)
    download(queries)
    stop, inserts = threading.Event(), list[float]()
    writer = threading.Thread(target=insert_until, args=(stop, database, contacts, inserts))
    writer.start()
    for readers in (1, READERS):
        for name, (ask, seconds) in asked.items():
            took = timed(ask, readers, seconds)
            p50, p95 = took[len(took) // 2], took[int(len(took) * 0.95)]
            figures = f"p50 {p50:7.1f}  p95 {p95:7.1f}  worst {took[-1]:7.0f}  answers {len(took)}"
            print(f"{readers} readers {name:22} {figures}", flush=True)
    stop.set()
    writer.join()
    print(f"inserts meanwhile: {len(inserts)}, median {sorted(inserts)[len(inserts) // 2]:.0f} ms")
    database.close()


_EVER = {"first": date(1901, 1, 1), "last": date(2298, 12, 31)}

if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
