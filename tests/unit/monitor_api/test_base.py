"""Cards, table and preview: sums of one read, whatever is being written meanwhile."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from schemas.records import Segment
from sinks.clickhouse.database import Database
from sinks.clickhouse.queries import Queries
from sinks.monitor.api.reports import dialect
from sinks.monitor.figures.base import MOST_ORIGINS, read_base
from sinks.monitor.figures.contacts import Selection
from sinks.monitor.figures.export import write_csv
from sinks.monitor.figures.figures import Figures
from sinks.monitor.figures.groups import CARDS, CLASSIFIED, MEMBERS, SEGMENTS, Group, segments_of
from sinks.monitor.figures.preview import read_preview
from sinks.monitor.figures.whose import Whose
from sinks.monitor.people import Language
from tests.unit.monitor_api.shop import Shop, model_of, store_profiles

TODAY = date(2026, 11, 22)


def _row(number: int, segment: Segment, **more: Any) -> dict[str, Any]:
    return {
        "account_id": "shop",
        "contact_id": f"c{number}",
        "segment": segment.value,
        "orders": 2,
        "revenue_minor": 100,
        "currency": "USD",
        **more,
    }


@contextmanager
def moving(database: Database, contacts: int) -> Iterator[threading.Event]:
    """Contacts that change segment all the time, all at once; none comes, none goes."""
    stop, wrote = threading.Event(), threading.Event()

    def write() -> None:
        draw, first = Random(4), 10_000
        while not stop.is_set():
            segment = draw.choice(SEGMENTS)
            store_profiles(database, [_row(i, segment) for i in range(contacts)], first)
            first += contacts
            wrote.set()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield wrote
    finally:
        stop.set()
        thread.join()


def test_cards_are_the_sums_of_their_rows_while_contacts_move(database: Database, queries: Queries) -> None:
    store_profiles(database, [_row(i, Segment.LOST) for i in range(500)])
    figures, seen = Figures.over(queries), set()
    with moving(database, 500) as wrote:
        wrote.wait()
        for turn in range(60):
            base = read_base(queries, "shop") if turn % 2 else figures.base("shop").value
            assert base.everybody().contacts == 500
            sizes = {segment: base.of([segment]).contacts for segment in SEGMENTS}
            assert set(sizes.values()) == {0, 500}
            seen.add(max(sizes, key=lambda segment: sizes[segment]))
            for card in CARDS:
                assert base.of(MEMBERS[card]).contacts == sum(sizes[s] for s in MEMBERS[card])
            assert base.classified().revenue_minor == 100 * sum(sizes[s] for s in CLASSIFIED)
    assert len(seen) > 1


def test_a_download_counts_the_lines_it_has_while_contacts_move(database: Database, queries: Queries) -> None:
    store_profiles(database, [_row(i, Segment.LOST) for i in range(500)])
    spoken = dialect(Language.SPANISH, raw=False)
    with moving(database, 500) as wrote:
        wrote.wait()
        for _ in range(20):
            export = write_csv(
                queries, "shop", Selection(SEGMENTS), dialect=spoken, currency="USD", today=TODAY
            )
            lines = b"".join(export.pieces()).splitlines()
            assert len(lines) - 1 == export.contacts == 500
            assert len({line.split(b";")[6] for line in lines[1:]}) == 1


def test_an_answer_is_kept_until_its_account_changes(database: Database, queries: Queries) -> None:
    store_profiles(database, [_row(0, Segment.LOST)])
    figures = Figures.over(queries)
    before = figures.base("shop")
    store_profiles(database, [_row(1, Segment.LOST) | {"account_id": "other"}])
    store_profiles(database, [_row(1, Segment.LOST)], 5)
    settled = threading.Event()
    for _ in range(100):
        now = figures.base("shop")
        if now.value.everybody().contacts == 2:
            break
        settled.wait(0.05)
    assert now.value.everybody().contacts == 2
    assert now.begun_at > before.begun_at
    assert figures.base("other").value.everybody().contacts == 1


def test_removed_contacts_are_in_no_total(database: Database, queries: Queries) -> None:
    store_profiles(database, [_row(0, Segment.LOST), _row(1, Segment.LOST)])
    store_profiles(database, [_row(1, Segment.NO_PURCHASES, orders=0, revenue_minor=0, removed=True)], 9)
    assert read_base(queries, "shop").everybody().contacts == 1


def test_origins_beyond_the_fiftieth_are_the_others(database: Database, queries: Queries) -> None:
    rows = [_row(i, Segment.LOST, origin=f"o{i % 60}" if i % 7 else None) for i in range(600)]
    store_profiles(database, rows)
    expected = Counter(row["origin"] for row in rows)
    base = read_base(queries, "shop")
    shown, others = base.origins()
    assert len(shown) == MOST_ORIGINS + 1
    assert sum(one.contacts for one in shown) + others == 600
    assert all(expected[one.origin] == one.contacts for one in shown)
    assert base.everybody(Whose("")).contacts == expected[None]
    named = next(one.origin for one in shown if one.origin)
    assert base.everybody(Whose(named)).contacts == expected[named]
    assert base.everybody(Whose(beside=tuple(base.listed))).contacts == others > 0


def test_an_origin_beyond_the_fiftieth_is_counted_all_the_same(database: Database, queries: Queries) -> None:
    rows = [_row(i, Segment.LOST, origin=f"o{i % 60}" if i % 7 else None) for i in range(600)]
    store_profiles(database, rows)
    figures, expected = Figures.over(queries), Counter(row["origin"] for row in rows)
    listed = read_base(queries, "shop").listed
    for name in (f"o{n}" for n in range(60)):
        assert figures.base("shop", Whose(name)).value.everybody(Whose(name)).contacts == expected[name], (
            name in listed
        )
    assert figures.base("shop", Whose("nowhere")).value.everybody(Whose("nowhere")).contacts == 0


@pytest.mark.parametrize("seed", range(4))
def test_another_model_moves_whom_it_should(
    database: Database, queries: Queries, some_of_cdnow: dict[str, Shop], seed: int
) -> None:
    shop, draw, today = some_of_cdnow["UTC"], Random(seed), date(1998, 7, 1) + timedelta(days=40 * seed)
    store_profiles(database, shop.profiles(today))
    cuts = {
        axis: sorted(draw.sample(range(1, most), 4)) for axis, most in (("r", 500), ("f", 9), ("m", 9_000))
    }
    candidate = model_of(cuts=cuts, value_of=draw.choice(["average", "sum"]))
    other = Shop(shop.account_id, shop.zone, candidate, shop.bought)
    preview = read_preview(queries, shop.account_id, candidate, today)
    expected: Counter[tuple[Segment | None, Segment | None]] = Counter()
    money: Counter[tuple[Segment | None, Segment | None]] = Counter()
    for row in shop.profiles(today):
        contact = row["contact_id"]
        pair = (Segment(row["segment"]), other.segment(contact, today))
        expected[pair] += 1
        money[pair] += row["revenue_minor"]
    assert {pair: totals.contacts for pair, totals in preview.moves.items()} == expected
    assert {pair: totals.revenue_minor for pair, totals in preview.moves.items()} == money
    moved = sum(n for (a, b), n in expected.items() if a is not b)
    assert preview.moved().contacts == moved > 0
    assert sum(preview.now(s).contacts for s in SEGMENTS) == sum(preview.then(s).contacts for s in SEGMENTS)


def test_names_mean_groups_or_segments_and_nothing_else() -> None:
    assert segments_of("best_customers") == (Segment.CHAMPIONS, Segment.LOYAL)
    assert segments_of("lost") == (Segment.LOST,)
    assert segments_of(Group.ALL) == SEGMENTS
    with pytest.raises(KeyError):
        segments_of("champions; DROP TABLE contacts")
