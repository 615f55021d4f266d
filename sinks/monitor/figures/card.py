"""Everything about one contact (B2)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sinks.clickhouse.queries import Queries

MOST_ORDERS = 100
MOST_CHANGES = 200
_MOST_FAVOURITES = 5


@dataclass(frozen=True, slots=True)
class Favourite:
    """A product or a category, by what was spent on it; `orders` is None for categories."""

    name: str
    quantity: float
    total_minor: int
    orders: int | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A contact: its profile, orders and changes (the latest first), and what it buys most."""

    profile: Mapping[str, Any]
    orders: Sequence[Mapping[str, Any]]
    last_change: Mapping[str, Any] | None
    products: Sequence[Favourite]
    categories: Sequence[Favourite]


def read_card(queries: Queries, account_id: str, contact_id: str) -> Card | None:
    """The card; None if there is no such contact."""
    found = queries.rows("contact_card", account_id, contact_id=contact_id)
    if not found or found[0]["removed"]:
        return None
    changes = read_history(queries, account_id, contact_id, limit=1)
    bought = queries.rows("contact_favourites", account_id, contact_id=contact_id)
    return Card(
        profile=found[0],
        orders=queries.rows("contact_orders", account_id, contact_id=contact_id, limit=MOST_ORDERS),
        last_change=changes[0] if changes else None,
        products=[_product(row) for row in bought[:_MOST_FAVOURITES]],
        categories=_categories(bought),
    )


def read_history(
    queries: Queries, account_id: str, contact_id: str, limit: int = MOST_CHANGES
) -> list[dict[str, Any]]:
    """Segment changes of a contact, the latest first."""
    return queries.rows("contact_history", account_id, contact_id=contact_id, limit=limit)


def is_known(queries: Queries, account_id: str, contact_id: str) -> bool:
    """Whether there is such a contact."""
    found = queries.rows("contact_card", account_id, contact_id=contact_id)
    return bool(found) and not found[0]["removed"]


def days_since(day: date | None, today: date) -> int | None:
    """Whole days from a day to today, 0 for one ahead; None without one."""
    return None if day is None else max(0, (today - day).days)


def _product(row: Mapping[str, Any]) -> Favourite:
    return Favourite(row["name"] or row["sku"], row["quantity"], row["total_minor"], row["orders"])


def _categories(bought: Sequence[Mapping[str, Any]]) -> list[Favourite]:
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0])
    for row in bought:
        if row["category"]:
            sums[row["category"]][0] += row["quantity"]
            sums[row["category"]][1] += row["total_minor"]
    ranked = sorted(sums.items(), key=lambda one: (-one[1][1], one[0]))
    return [Favourite(name, quantity, int(total)) for name, (quantity, total) in ranked[:_MOST_FAVOURITES]]
