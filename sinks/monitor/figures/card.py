"""Everything about one contact (B2)."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sinks.clickhouse.queries import Queries

MOST_ORDERS = 100
MOST_CHANGES = 200
MOST_TALKS = 100
_MOST_FAVOURITES = 5


class _Part(StrEnum):
    """What a row of the card is."""

    PROFILE = "profile"
    CHANGE = "change"
    ORDER = "order"


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
    parts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in queries.rows("contact_card", account_id, contact_id=contact_id):
        parts[row["part"]].append(_read(row["body"]))
    if not parts[_Part.PROFILE]:
        return None
    orders = sorted(parts[_Part.ORDER], key=lambda order: order["order_id"])
    orders.sort(key=lambda order: (order["placed_at"] is not None, order["placed_at"]), reverse=True)
    items = [(order["order_id"], item) for order in orders if order["counted"] for item in order["items"]]
    changes = parts[_Part.CHANGE]
    return Card(
        profile=parts[_Part.PROFILE][0],
        orders=orders[:MOST_ORDERS],
        last_change=changes[0] if changes else None,
        products=_products(items),
        categories=_categories(item for _, item in items),
    )


def read_history(
    queries: Queries, account_id: str, contact_id: str, limit: int = MOST_CHANGES
) -> list[dict[str, Any]]:
    """Segment changes of a contact, the latest first."""
    return queries.rows("contact_history", account_id, contact_id=contact_id, limit=limit)


def read_talks(queries: Queries, account_id: str, contact_id: str) -> list[dict[str, Any]]:
    """What a contact said, the latest first; nothing is left of it once the contact is erased."""
    return queries.rows("contact_talks", account_id, contact_id=contact_id, limit=MOST_TALKS)


def is_known(queries: Queries, account_id: str, contact_id: str) -> bool:
    """Whether there is such a contact."""
    return bool(queries.rows("contact_exists", account_id, contact_id=contact_id, part=_Part.PROFILE.value))


def read_profiles(
    queries: Queries, account_id: str, contact_ids: Sequence[str]
) -> dict[str, Mapping[str, Any]]:
    """Profiles of the contacts that there are, by id."""
    bound = {"contact_ids": list(contact_ids), "part": _Part.PROFILE.value}
    rows = queries.rows("contact_profiles_of", account_id, **bound) if contact_ids else []
    return {row["contact_id"]: _read(row["body"]) for row in rows}


def days_since(day: date | None, today: date) -> int | None:
    """Whole days from a day to today, 0 for one ahead; None without one."""
    return None if day is None else max(0, (today - day).days)


def _read(body: str) -> dict[str, Any]:
    """The object with its days and instants, by the endings of their names."""
    found: dict[str, Any] = json.loads(body)
    for name, text in found.items():
        if text is not None and (read := _TIMES.get(name.rpartition("_")[2])):
            found[name] = read(text)
    return found


def _products(items: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Favourite]:
    """By product, over (order, item)."""
    orders: dict[str, set[str]] = defaultdict(set)
    names: dict[str, str] = {}
    for order_id, item in items:
        orders[item["sku"]].add(order_id)
        names.setdefault(item["sku"], item["name"] or item["sku"])
    ranked = _ranked((item["sku"], item) for _, item in items)
    return [Favourite(names[sku], quantity, total, len(orders[sku])) for sku, quantity, total in ranked]


def _categories(items: Iterable[Mapping[str, Any]]) -> list[Favourite]:
    ranked = _ranked((item["category"], item) for item in items if item["category"])
    return [Favourite(name, quantity, total) for name, quantity, total in ranked]


def _ranked(items: Iterable[tuple[str, Mapping[str, Any]]]) -> list[tuple[str, float, int]]:
    """The names on which most was spent, each with quantity and total."""
    quantities: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    for name, item in items:
        quantities[name] += item["quantity"]
        totals[name] += item["total_minor"]
    best = sorted(totals, key=lambda name: (-totals[name], name))[:_MOST_FAVOURITES]
    return [(name, float(quantities[name]), totals[name]) for name in best]


_TIMES: Mapping[str, Callable[[str], object]] = {
    "day": date.fromisoformat,
    "at": datetime.fromisoformat,
}
