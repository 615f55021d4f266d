"""Rows of the topics and of ClickHouse's tables in one form, so that what is equal compares equal.

Days and instants are numbers, absent lists are empty ones. Personal fields become a digest: a
disagreement about them is reported without telling them.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from schemas.keys import contact_key, member_key
from schemas.records import Topic
from streams.rfm.calendar import to_day
from streams.verify.rows import SCHEMAS, Row

_NOT_COMPARED = frozenset({"removed", "sentiment_sum", "sentiment_weight"})
"""A removed profile is no row; no text holds the two sums."""

_DATES = frozenset(
    {
        "first_order_day",
        "last_order_day",
        "boundary_day",
        "next_segment_day",
        "day",
        "prev_day",
        "effective_day",
    }
)
_INSTANTS = frozenset(
    {"updated_at", "placed_at", "occurred_at", "contact_updated_at", "origin_updated_at", "at"}
)
_FLAGS = frozenset({"counted", "historical", "missed", "granted"})
_PERSONAL = ("name", "email", "phone", "document")


def told_row(topic: Topic, row: Row) -> dict[str, Any]:
    """A row as the topic tells it, by column."""
    columns = zip(SCHEMAS[topic][1], row, strict=True)
    told = {name: value for name, value in columns if name not in _NOT_COMPARED}
    if topic is Topic.CONTACT_PROFILES:
        for name in ("tags", "added_tags"):
            told[name] = [tag for tag in told[name] or () if tag is not None]
        told["consent"] = _consent(told["consent"] or ())
        told["personal"] = _digest(told["personal"] or {})
    return told


def stored_row(topic: Topic, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as ClickHouse's dump gives it, by the same columns."""
    names = [name for name in SCHEMAS[topic][1] if name not in _NOT_COMPARED and name in row]
    stored = {name: _plain(name, row[name]) for name in names}
    if topic is Topic.CONTACT_PROFILES:
        changes = [{name: _plain(name, value) for name, value in one.items()} for one in row["consent"]]
        stored["consent"] = _consent(changes)
        stored["personal"] = _digest({name: row[f"personal_{name}"] for name in _PERSONAL})
    return stored


def key_of(topic: Topic, row: Mapping[str, Any]) -> str:
    """What a row is known by: its key on the topic, or the id of an event."""
    contact = row["account_id"], row["contact_id"]
    if topic is Topic.CONTACT_PROFILES:
        return contact_key(*contact).decode()
    if topic is Topic.CONTACT_ORDERS:
        return member_key(*contact, row["order_id"]).decode()
    if topic is Topic.CONTACT_INTERACTIONS:
        return member_key(*contact, row["interaction_id"]).decode()
    if topic is Topic.CONTACT_DAYS:
        return member_key(*contact, str(row["day"])).decode()
    return str(row["event_id"])


def _consent(told: Iterable[Mapping[str, Any] | None]) -> list[dict[str, Any]]:
    """By channel in the order told; what was not said is nothing and no."""
    return [
        {"channel": one["channel"] or "", "granted": bool(one["granted"]), "at": one["at"]}
        for one in told
        if one is not None
    ]


def _digest(personal: Mapping[str, Any]) -> str | None:
    values = [personal.get(name) for name in _PERSONAL]
    return sha256(json.dumps(values).encode()).hexdigest() if any(v is not None for v in values) else None


def _plain(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _DATES:
        return to_day(date.fromisoformat(value))
    if name in _INSTANTS:
        return round(datetime.fromisoformat(value).timestamp() * 1000)
    return bool(value) if name in _FLAGS else value
