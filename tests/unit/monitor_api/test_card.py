"""The card of a contact: its own profile, orders, last change and favourites, however they arrive."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from sinks.clickhouse.database import Database
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.card import MOST_ORDERS, Favourite, is_known, read_card
from tests.unit.monitor_api.shop import store_profiles

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def _profile(contact: str = "ana|1", **more: Any) -> dict[str, Any]:
    return {"account_id": "shop", "contact_id": contact, "segment": "loyal"} | more


def _order(order: str, day: int, *items: tuple[str, str | None, float, int], **more: Any) -> dict[str, Any]:
    names = ("sku", "category", "quantity", "total_minor")
    return {
        "account_id": "shop",
        "contact_id": "ana|1",
        "order_id": order,
        "sequence": day,
        "placed_at": NOON.replace(day=day),
        "day": date(2026, 5, day),
        "counted": True,
        "items": [dict(zip(names, item, strict=True)) | {"name": f"The {item[0]}"} for item in items],
    } | more


def _store_orders(database: Database, *orders: dict[str, Any]) -> None:
    database.insert("contact_orders", pl.DataFrame(orders, schema_overrides={"sequence": pl.UInt64}))


def test_a_profile_comes_back_with_its_types(database: Database, queries: Queries) -> None:
    facts: dict[str, Any] = {
        "last_order_day": date(1899, 12, 31),
        "revenue_minor": 2**53 + 1,
        "sentiment_mean": 0.25,
        "personal_name": 'O\'Neill "ñ" <b>\\\n李',
        "tags": ["a", "b"],
        "origin": None,
    }
    store_profiles(database, [_profile(**facts), _profile("other")])
    card = read_card(queries, "shop", "ana|1")
    assert card is not None
    assert {name: card.profile[name] for name in facts} == facts
    assert (card.orders, card.last_change, card.products, card.categories) == ([], None, [], [])


def test_another_account_has_no_such_contact(database: Database, queries: Queries) -> None:
    store_profiles(database, [_profile()])
    assert read_card(queries, "mall", "ana|1") is None
    assert is_known(queries, "shop", "ana|1")
    assert not is_known(queries, "mall", "ana|1")


def test_a_removed_contact_has_no_card(database: Database, queries: Queries) -> None:
    store_profiles(database, [_profile()])
    store_profiles(database, [_profile(removed=True)], 100)
    assert read_card(queries, "shop", "ana|1") is None
    assert not is_known(queries, "shop", "ana|1")


def test_orders_stand_as_last_written_the_latest_first(database: Database, queries: Queries) -> None:
    store_profiles(database, [_profile()])
    _store_orders(database, _order("b", 2), _order("a", 2, sequence=1), _order("c", 9), _order("gone", 5))
    _store_orders(database, _order("c", 1, sequence=10), _order("gone", 5, sequence=9, is_deleted=1))
    _store_orders(database, _order("b", 20, sequence=1))
    card = read_card(queries, "shop", "ana|1")
    assert card is not None
    assert [order["order_id"] for order in card.orders] == ["a", "b", "c"]
    assert card.orders[2]["placed_at"] == NOON.replace(day=1)
    assert card.orders[2]["day"] == date(2026, 5, 1)


def test_a_card_shows_the_latest_orders_and_counts_favourites_over_all(
    database: Database, queries: Queries
) -> None:
    store_profiles(database, [_profile()])
    many = [_order(f"o{n:04}", 1, ("pen", None, 1.5, 10)) for n in range(MOST_ORDERS + 5)]
    _store_orders(database, *many)
    card = read_card(queries, "shop", "ana|1")
    assert card is not None
    assert len(card.orders) == MOST_ORDERS
    count = len(many)
    assert card.products == [Favourite("The pen", 1.5 * count, 10 * count, count)]


def test_favourites_are_what_was_spent_most_on_in_purchases(database: Database, queries: Queries) -> None:
    store_profiles(database, [_profile()])
    _store_orders(
        database,
        _order("1", 1, ("tea", "food", 1.0, 500), ("cup", "home", 2.0, 300)),
        _order("2", 2, ("cup", "home", 1.0, 300), ("bag", None, 1.0, 600)),
        _order("3", 3, ("car", "toys", 1.0, 99_999), counted=False),
    )
    card = read_card(queries, "shop", "ana|1")
    assert card is not None
    assert card.products == [
        Favourite("The bag", 1.0, 600, 1),
        Favourite("The cup", 3.0, 600, 2),
        Favourite("The tea", 1.0, 500, 1),
    ]
    assert card.categories == [Favourite("home", 3.0, 600), Favourite("food", 1.0, 500)]


def test_the_last_change_is_that_of_the_highest_number(database: Database, queries: Queries) -> None:
    store_profiles(database, [_profile()])
    for seq in (1, 3, 2):
        change = {
            "event_id": f"e{seq}",
            "account_id": "shop",
            "contact_id": "ana|1",
            "seq": seq,
            "why": f"change {seq}",
            "effective_day": date(2026, 5, seq),
            "occurred_at": NOON,
        }
        database.insert("segment_changes", pl.DataFrame([change]))
    card = read_card(queries, "shop", "ana|1")
    assert card is not None
    assert card.last_change is not None
    assert (card.last_change["why"], card.last_change["occurred_at"]) == ("change 3", NOON)
