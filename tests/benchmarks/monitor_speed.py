"""How fast the API answers about 1 M contacts and 10 M orders in one account among ten, while rows arrive.

`python -m tests.benchmarks.monitor_speed DIRECTORY [CONTACTS]`; an existing directory is used as it is. Asks
through the figures that routes use (what HTTP, sign-in and JSON add is a few milliseconds). Prints and stores
under .cache/bench: p50, p95 and worst in milliseconds with one reader and with eight beside the inserts, the
first answer of a fresh process, the contacts behind figures that nobody has clicked before, a full scan of
the order table for the same question, and what a download takes.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from deploy.local.bench.machine import store
from schemas.records import Segment
from sinks.clickhouse.database import Database
from sinks.clickhouse.migrations import migrate, statements
from sinks.clickhouse.queries import Queries
from sinks.monitor.api.reports import dialect
from sinks.monitor.figures import sets
from sinks.monitor.figures.card import read_card
from sinks.monitor.figures.contacts import Direction, Order, Selection, Sort
from sinks.monitor.figures.export import write_csv
from sinks.monitor.figures.figures import Figures
from sinks.monitor.figures.groups import CARDS, CLASSIFIED, MEMBERS, SEGMENTS
from sinks.monitor.figures.movement import Scope
from sinks.monitor.figures.sales import before
from sinks.monitor.figures.whose import EVERYBODY, Feeling, Whose
from sinks.monitor.people import Language
from sinks.periods import Period, Preset, preset
from sinks.settings import SinkSettings
from tests.benchmarks.big_shop import BIG, Inserts, fill
from tests.unit.monitor_api.shop import model_of

TODAY = date(2026, 6, 1)
READERS = 8
CONTENT = Whose(sentiment=Feeling.POSITIVE)
Ask = Callable[[int], object]
_SCANS = Path(__file__).with_name("monitor_scans.sql")


def periods() -> list[Period]:
    """Presets, and ranges of up to five years."""
    ranges = [Period("custom", TODAY - timedelta(days=n), TODAY) for n in (1, 40, 200, 400, 1000, 1800)]
    return [preset(which, TODAY) for which in Preset] + ranges


def questions(figures: Figures, contacts: int) -> dict[str, tuple[Ask, float]]:
    """By name: the question (a number varies it), and for how many seconds it is asked."""
    chosen = periods()
    orders = [Order(Sort.REVENUE, Direction.DESCENDING), Order(Sort.LAST_PURCHASE, Direction.ASCENDING)]
    pages = [(MEMBERS[card], order) for card in CARDS for order in orders]
    scope, content = Scope(BIG, TODAY, model_of()), Scope(BIG, TODAY, model_of(), CONTENT)

    def page(n: int) -> object:
        segments, order = pages[n % len(pages)]
        return figures.first_page(BIG, Selection(segments), order, 50)

    def sales(n: int, whose: Whose = EVERYBODY) -> object:
        cells, period = figures.cells(BIG, whose).value, chosen[n % len(chosen)]
        return cells.sales(period), cells.sales(before(period)), cells.by_day(period)

    def filtered_page(n: int) -> object:
        segments, order = pages[n % len(pages)]
        return figures.first_page(BIG, Selection(segments, CONTENT), order, 50)

    def click(n: int) -> object:
        return figures.first_of_set(BIG, clicks[n % len(clicks)], 50)

    def click_as_known(n: int) -> object:
        return figures.first_of_set(BIG, told[n % len(told)], 50)

    month, some = TODAY - timedelta(days=30), CLASSIFIED[:4]
    known = (Segment.CHAMPIONS, Segment.LOYAL, Segment.RECENT)
    told = [sets.moved(scope, month, TODAY, s, Segment.LOST, as_known=True) for s in known]
    clicks = [
        *(sets.moved(scope, month, TODAY, s, s, as_known=False) for s in some),
        *(sets.buyers(period, EVERYBODY) for period in chosen[:4]),
        *(sets.scored((n, n, 1 + n % 3), EVERYBODY) for n in range(1, 5)),
        *(sets.under(scope.model, TODAY, s, Segment.LOST) for s in some),
    ]
    return {
        "monitor": (lambda _: figures.base(BIG), 6),
        "sales, any period": (sales, 10),
        "contact card": (lambda n: read_card(figures.queries, BIG, f"contact-{n * 7919 % contacts}"), 6),
        "first page of a group": (page, 10),
        "transitions": (
            lambda _: figures.transitions(scope, TODAY - timedelta(days=30), TODAY, as_known=False),
            4,
        ),
        "trend, 90 days": (lambda _: figures.trend(scope, TODAY - timedelta(days=89), TODAY), 4),
        "contacts behind a figure": (click, 10),
        "contacts behind a figure as known": (click_as_known, 6),
        "monitor of a sentiment": (lambda _: figures.base(BIG, CONTENT).value.everybody(CONTENT), 3),
        "sales of a sentiment": (lambda n: sales(n, CONTENT), 6),
        "first page of a sentiment": (filtered_page, 6),
        "trend of a sentiment": (lambda _: figures.trend(content, TODAY - timedelta(days=89), TODAY), 4),
    }


def clicked(queries: Queries) -> dict[str, float]:
    """Milliseconds of the first page behind figures that nobody has asked for before: the middle of three."""
    scope = Scope(BIG, TODAY, model_of())
    month, year = TODAY - timedelta(days=30), TODAY - timedelta(days=365)
    loyal = Segment.LOYAL
    kinds = {
        "moved, 30 days": sets.moved(scope, month, TODAY, loyal, loyal, as_known=False),
        "stood there a year ago": sets.moved(scope, year, year, loyal, loyal, as_known=False),
        "moved, as known": sets.moved(scope, month, TODAY, loyal, loyal, as_known=True),
        "bought, 30 days": sets.buyers(Period("custom", month, TODAY), EVERYBODY),
        "bought, 5 years": sets.buyers(Period("custom", TODAY - timedelta(days=1800), TODAY), EVERYBODY),
        "scores": sets.scored((3, 3, 3), EVERYBODY),
        "another model": sets.under(scope.model, TODAY, loyal, Segment.LOST),
    }
    return {name: _middle(partial(_first_rows, queries, chosen)) for name, chosen in kinds.items()}


def _first_rows(queries: Queries, chosen: sets.ContactSet) -> object:
    return sets.read_set(queries, BIG, chosen, limit=50, cursor=None)


def _middle(ask: Callable[[], object]) -> float:
    took = []
    for _ in range(3):
        start = time.perf_counter()
        ask()
        took.append((time.perf_counter() - start) * 1000)
    return sorted(took)[1]


def timed(ask: Ask, readers: int, seconds: float) -> dict[str, float]:
    """Milliseconds of the answers, and CPU milliseconds of the whole process for one."""
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
    cpu = time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cpu = (time.process_time() - cpu) * 1000 / len(took)
    took.sort()
    return {
        "answers": len(took),
        "p50_ms": took[len(took) // 2],
        "p95_ms": took[int(len(took) * 0.95)],
        "worst_ms": took[-1],
        "cpu_ms": cpu,
    }


def resident_mb() -> float:
    """Memory of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


def download(queries: Queries) -> dict[str, float]:
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
    return {
        "rows": export.contacts,
        "mb": size / 2**20,
        "rows_a_second": export.contacts / took,
        "mb_above_idle": peak[0] - idle,
    }


def scans(database: Database) -> dict[str, float]:
    """Milliseconds of the same questions asked of the order table itself."""
    found = {}
    for statement in statements(_SCANS.read_text(encoding="utf-8")):
        name = statement.partition("\n")[0].removeprefix("-- ")
        bound = {"account_id": BIG, "contact_id": "contact-4711", "from": TODAY - timedelta(89), "to": TODAY}
        start = time.perf_counter()
        database.rows(statement, bound)
        found[name] = (time.perf_counter() - start) * 1000
    return found


def measure(database: Database, contacts: int) -> dict[str, object]:
    """Everything, in the order of the module's description."""
    queries = Queries(database)
    asked = questions(Figures.over(queries), contacts)
    first_ms = {}
    for name, (ask, _) in asked.items():
        start = time.perf_counter()
        ask(0)
        first_ms[name] = (time.perf_counter() - start) * 1000
    found: dict[str, object] = {"contacts": contacts, "first_ms": first_ms}
    found["click_ms"] = clicked(queries)
    found["csv"] = download(queries)
    with Inserts(database, contacts) as inserts:
        found["readers"] = [
            {"readers": readers, "question": name} | timed(ask, readers, seconds)
            for readers in (1, READERS)
            for name, (ask, seconds) in asked.items()
        ]
    found["inserts"] = inserts.summary()
    found["full_scan_ms"] = scans(database)
    return found


def main(directory: Path, contacts: int) -> None:
    """Fill if need be, ask, print and store."""
    fresh = not directory.exists()
    database = Database(path=directory)
    migrate(database, SinkSettings().ddl_dir)
    start = time.perf_counter()
    if fresh:
        fill(database, contacts)
        print(f"filled in {time.perf_counter() - start:.0f} s", flush=True)
    found = measure(database, contacts)
    database.close()
    print(json.dumps(found, indent=1))
    print(store("monitor-speed", found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
