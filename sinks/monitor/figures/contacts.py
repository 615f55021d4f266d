"""Lists of contacts, a page at a time, by position rather than by number.

A page starts after the last contact seen, so that contacts that change meanwhile shift nobody: whoever keeps
her place in the order is seen exactly once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from schemas.records import Segment
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.cursors import INT64, BadCursor, packed, unpacked
from sinks.monitor.figures.whose import EVERYBODY, Whose


class Sort(StrEnum):
    """Columns a list may be sorted by."""

    CONTACT_ID = "contact_id"
    REVENUE = "revenue"
    ORDERS = "orders"
    AVERAGE_TICKET = "average_ticket"
    LAST_PURCHASE = "last_purchase"
    NEXT_CHANGE = "next_change"
    SCORES = "scores"
    NAME = "name"


class Direction(StrEnum):
    """Ways of sorting."""

    ASCENDING = "asc"
    DESCENDING = "desc"


_QUERIES = {Direction.ASCENDING: "contacts_ascending", Direction.DESCENDING: "contacts_descending"}


@dataclass(frozen=True, slots=True)
class Selection:
    """Which contacts: those of some segments, of an origin and a sentiment, matching a text."""

    segments: tuple[Segment, ...]
    whose: Whose = EVERYBODY
    text: str = ""

    def parameters(self) -> dict[str, Any]:
        """As the queries bind them."""
        return {
            "segments": [segment.value for segment in self.segments],
            "text": self.text,
            **self.whose.bound(),
        }


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page starts: after this contact in this order."""

    number: int
    name: str
    contact_id: str


@dataclass(frozen=True, slots=True)
class Order:
    """Column and way."""

    sort: Sort = Sort.REVENUE
    direction: Direction = Direction.DESCENDING

    def cursor(self, place: Place) -> str:
        """The place as an opaque text."""
        return packed([self.sort, self.direction, place.number, place.name, place.contact_id])

    def place(self, cursor: str) -> Place:
        """The place that a cursor of this order means; BadCursor."""
        match unpacked(cursor):
            case [self.sort, self.direction, int(number), str(name), str(contact_id)] if number in INT64:
                return Place(number, name, contact_id)
        raise BadCursor("it belongs to a list in another order")


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of contacts, and where the next page starts, if there is one. `total` on the first page only."""

    rows: Sequence[Mapping[str, Any]]
    next_cursor: str | None
    total: int | None


def read_page(
    queries: Queries,
    account_id: str,
    selection: Selection,
    *,
    order: Order,
    limit: int,
    cursor: str | None,
) -> Page:
    """One page of at most `limit` contacts; BadCursor."""
    place = order.place(cursor) if cursor else None
    rows = queries.rows(
        _QUERIES[order.direction],
        account_id,
        **selection.parameters(),
        sort=list(Sort).index(order.sort),
        from_start=place is None,
        number=place.number if place else 0,
        name_after=place.name if place else "",
        contact_id=place.contact_id if place else "",
        limit=limit + 1,
    )
    shown, more = rows[:limit], len(rows) > limit
    following = order.cursor(_place(shown[-1])) if more else None
    return Page(shown, following, _count(queries, account_id, selection) if place is None else None)


def _place(row: Mapping[str, Any]) -> Place:
    return Place(row["sort_number"], row["sort_text"], row["contact_id"])


def _count(queries: Queries, account_id: str, selection: Selection) -> int:
    (found,) = queries.rows("contacts_count", account_id, **selection.parameters())
    return int(found["contacts"])
