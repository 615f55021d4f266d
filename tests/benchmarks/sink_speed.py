"""How fast the embedded database answers the monitor's questions while inserts go on.

Ten accounts; one of them has nearly all of it. `python -m tests.benchmarks.sink_speed DIRECTORY [CONTACTS]`;
an existing directory is used as it is. Prints p50 and p95 in milliseconds of each question, alone and with
eight readers while 1,000 contacts change every second, the CPU of the whole process for one answer (with
merges and inserts), and what the inserts take. On a busy machine only the CPU means something.
"""

import sys
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from sinks.clickhouse.database import Database
from sinks.clickhouse.migrations import migrate, statements
from sinks.clickhouse.queries import Queries
from sinks.settings import SinkSettings

ORDERS_PER_CONTACT = 10
READERS, ROUNDS, PATIENCE_SECONDS = 8, 12, 5
BIG = "account0"
_HERE = Path(__file__).parent


def run(database: Database, file: str, parameters: dict[str, object]) -> None:
    """Every statement of a file beside this one."""
    for statement in statements((_HERE / file).read_text(encoding="utf-8")):
        database.rows(statement, parameters)


def fill(database: Database, contacts: int) -> None:
    """The same rows at every call."""
    for number in range(10):
        size = contacts if number == 0 else contacts // 100
        run(database, "sink_speed.sql", {"account": f"account{number}", "contacts": size})


def questions(queries: Queries, contacts: int) -> dict[str, Callable[[int], object]]:
    """What the monitor asks, by name; the argument varies the question."""
    first, last = date(2026, 5, 1), date(2026, 5, 30)
    return {
        "monitor": lambda _: queries.rows("segments", BIG),
        "sales, 30 days": lambda n: queries.rows(
            "sales", BIG, **{"from": first, "to": last.replace(day=30 - n % 5)}
        ),
        "sales, 4 years": lambda _: queries.rows("sales", BIG, **{"from": date(2022, 5, 1), "to": last}),
        "contact card": lambda n: (
            queries.rows("contact_card", BIG, contact_id=f"contact-{n * 7919 % contacts}"),
            queries.rows("contact_orders", BIG, contact_id=f"contact-{n * 7919 % contacts}", limit=50),
        ),
        "first page of a group": lambda _: queries.rows(
            "segment_contacts", BIG, segments=["champions", "loyal"], limit=50
        ),
    }


def timed(ask: Callable[[int], object], readers: int) -> list[float]:
    """Milliseconds of every answer, sorted."""
    took: list[float] = []

    def read(reader: int) -> None:
        deadline = time.perf_counter() + PATIENCE_SECONDS
        for number in range(ROUNDS):
            start = time.perf_counter()
            if start > deadline:
                return
            ask(reader * ROUNDS + number)
            took.append((time.perf_counter() - start) * 1000)

    threads = [threading.Thread(target=read, args=(reader,)) for reader in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(took)


def insert_until(stop: threading.Event, database: Database, contacts: int, took: list[float]) -> None:
    """About 1,000 changed contacts, once a second."""
    number = int(time.time())
    while not stop.wait(1.0):
        start = time.perf_counter()
        number += 1
        run(database, "sink_speed_changes.sql", {"round": number, "share": max(contacts // 1000, 1)})
        took.append((time.perf_counter() - start) * 1000)


def main(directory: Path, contacts: int) -> None:
    """Fill if need be, ask, print."""
    fresh = not directory.exists()
    database = Database(path=directory)
    migrate(database, SinkSettings().ddl_dir)
    start = time.perf_counter()
    if fresh:
        fill(database, contacts)
        print(f"filled in {time.perf_counter() - start:.0f} s")
    stop, inserts = threading.Event(), list[float]()
    for readers in (1, READERS):
        writer = threading.Thread(target=insert_until, args=(stop, database, contacts, inserts))
        if readers > 1:
            writer.start()
        for name, ask in questions(Queries(database), contacts).items():
            ask(0)
            cpu = time.process_time()
            took = timed(ask, readers)
            cpu = (time.process_time() - cpu) * 1000 / len(took)
            p50, p95 = took[len(took) // 2], took[int(len(took) * 0.95)]
            print(f"{readers} readers  {name:22} p50 {p50:7.1f}  p95 {p95:7.1f}  CPU {cpu:7.1f}", flush=True)
    stop.set()
    writer.join()
    print(f"inserts meanwhile: {len(inserts)}, median {sorted(inserts)[len(inserts) // 2]:.0f} ms")
    database.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
