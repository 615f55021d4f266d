"""Pages of contacts: every contact once, in order, whatever streams in."""

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from schemas.records import Segment
from sinks.clickhouse.database import Database
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.contacts import Direction, Order, Place, Selection, Sort, read_page
from sinks.monitor.figures.cursors import BadCursor
from sinks.monitor.figures.groups import MEMBERS, SEGMENTS, Group
from sinks.monitor.figures.whose import Whose
from tests.unit.monitor_api.shop import store_profiles

TODAY = date(2026, 11, 22)
NAMES = ["Ana", "ana", "Ñandú", "Zoë", "=1+1", "o'Brien; DROP", None, "%", "李"]


def _contacts(seed: int, count: int = 120) -> list[dict[str, Any]]:
    draw = Random(seed)
    return [
        {
            "account_id": "shop",
            "contact_id": f"c{number:03}",
            "segment": draw.choice(SEGMENTS).value,
            "orders": (orders := draw.choice([0, 1, 3])),
            "revenue_minor": orders * draw.choice([0, 100, 333]),
            "last_order_day": TODAY - timedelta(draw.randrange(5)) if orders else None,
            "next_segment_day": draw.choice([None, TODAY + timedelta(draw.randrange(3))]),
            "r": draw.randrange(6),
            "origin": draw.choice(["web", "fair", None]),
            "personal_name": draw.choice(NAMES),
        }
        for number in range(count)
    ]


def _all(queries: Queries, selection: Selection, order: Order, limit: int = 7) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = read_page(queries, "shop", selection, order=order, limit=limit, cursor=cursor)
        seen += [dict(row) for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return seen


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("sort", Sort)
def test_every_contact_comes_once_in_order(
    database: Database, queries: Queries, sort: Sort, direction: Direction
) -> None:
    contacts = _contacts(list(Sort).index(sort))
    store_profiles(database, contacts)
    selection = Selection(MEMBERS[Group.ALL])
    rows = _all(queries, selection, Order(sort, direction))
    assert sorted(row["contact_id"] for row in rows) == [one["contact_id"] for one in contacts]
    keys = [(row["sort_number"], row["sort_text"], row["contact_id"]) for row in rows]
    assert keys == sorted(keys, reverse=direction is Direction.DESCENDING)


@pytest.mark.parametrize("origin", [None, "web", ""])
@pytest.mark.parametrize("text", ["", "an", "ñ", "%", "c01", "o'brien; drop", "' OR 1=1 --", "\\"])
def test_origin_and_text_narrow_a_group_down(
    database: Database, queries: Queries, origin: str | None, text: str
) -> None:
    contacts = _contacts(5)
    store_profiles(database, contacts)
    group = MEMBERS[Group.PRIORITY_ATTENTION]
    selection = Selection(group, Whose(origin), text)
    wanted = [
        one["contact_id"]
        for one in contacts
        if one["segment"] in group
        and origin in (None, one["origin"] or "")
        and (text.lower() in one["contact_id"] or text.lower() in (one["personal_name"] or "").lower())
    ]
    page = read_page(queries, "shop", selection, order=Order(), limit=200, cursor=None)
    assert sorted(row["contact_id"] for row in page.rows) == sorted(wanted)
    assert page.total == len(wanted)


def test_contacts_that_move_meanwhile_displace_nobody(database: Database, queries: Queries) -> None:
    contacts = _contacts(9)
    store_profiles(database, contacts)
    draw, order, selection = Random(1), Order(Sort.REVENUE, Direction.DESCENDING), Selection(SEGMENTS)
    moving = {one["contact_id"] for one in draw.sample(contacts, 40)}
    seen: list[str] = []
    cursor, sequence = None, 1_000
    while True:
        page = read_page(queries, "shop", selection, order=order, limit=10, cursor=cursor)
        seen += [row["contact_id"] for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
        changed = [
            one | {"revenue_minor": draw.randrange(2_000), "orders": 3}
            for one in contacts
            if one["contact_id"] in draw.sample(sorted(moving), 8)
        ]
        store_profiles(database, changed, sequence)
        sequence += 1_000
    still = [contact for contact in seen if contact not in moving]
    assert sorted(still) == sorted({one["contact_id"] for one in contacts} - moving)


def test_removed_contacts_are_in_no_list(database: Database, queries: Queries) -> None:
    contacts = _contacts(2, 10)
    store_profiles(database, contacts)
    store_profiles(database, [contacts[3] | {"removed": True}], 100)
    page = read_page(queries, "shop", Selection(SEGMENTS), order=Order(), limit=50, cursor=None)
    assert page.total == len(page.rows) == 9


@pytest.mark.parametrize(
    "cursor",
    ["", "a", "!!", "bnVsbA", "W10", Order(Sort.NAME).cursor(Place(0, "x", "y")), "W1tbW1tbW1tb" * 90],
)
def test_a_cursor_that_is_not_of_this_list_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        Order(Sort.REVENUE).place(cursor)


def test_a_cursor_brings_back_its_place() -> None:
    place = Place(-(2**63), "ñ\x00\ud7ff", "a|b")
    assert Order(Sort.NAME).place(Order(Sort.NAME).cursor(place)) == place


def test_a_number_beyond_64_bits_is_no_place() -> None:
    with pytest.raises(BadCursor):
        Order(Sort.REVENUE).place(Order(Sort.REVENUE).cursor(Place(2**63, "", "")))


def test_segments_of_a_card_are_its_rows() -> None:
    assert MEMBERS[Group.BEST_CUSTOMERS] == (Segment.CHAMPIONS, Segment.LOYAL)
