"""What the agent `automations` reads: records of its inputs as events of the core."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from schemas.actions import DeliveryState
from schemas.codec import Codec, Decoded
from schemas.records import Topic
from streams.agents.intake import Letter
from streams.automations.facts import Facts, Personal
from streams.automations.visits import Change, Milestone
from streams.engine.contract import Record

INPUTS = (Topic.CONTACT_PROFILES, Topic.SEGMENT_CHANGES, Topic.MILESTONES, Topic.WEBHOOK_DELIVERIES)


class Profile(NamedTuple):
    """A profile; `facts` None: the contact is gone."""

    facts: Facts | None
    live: bool
    at_ms: int


class News(NamedTuple):
    """A segment change, and whether it is old news."""

    change: Change
    historical: bool


class Undelivered(NamedTuple):
    """An action that ended without delivery."""

    action_id: str


Event = Profile | News | Milestone | Undelivered | None


class Arrived(NamedTuple):
    """An event, whose it is, and its place in the chunk."""

    account_id: str
    contact_id: str
    event: Event
    position: int


class Read(NamedTuple):
    """Events in log order, and what could not be read."""

    arrived: list[Arrived]
    letters: list[Letter]


_Row = Mapping[str, Any]

_PROFILE = (
    "account_id", "contact_id", "segment", "r", "f", "m", "orders", "revenue_minor", "first_order_day",
    "last_order_day", "interactions", "sentiment", "origin", "tags", "consent", "next_segment",
    "next_segment_day", "changes", "sequence", "personal", "removed", "live", "changed_at",
)  # fmt: skip
_CHANGE = (
    "account_id", "contact_id", "seq", "event_id", "from_segment", "to_segment", "cause", "occurred_at",
    "historical",
)  # fmt: skip
_MILESTONE = ("account_id", "contact_id", "event_id", "days", "last_order_day", "occurred_at", "missed")
_DELIVERY = ("account_id", "contact_id", "action_id", "state", "test")


def _profile(row: _Row) -> Profile:
    if row["removed"]:
        return Profile(None, live=False, at_ms=row["changed_at"] or 0)
    personal = row["personal"] or {}
    consent = row["consent"] or ()
    facts = Facts(
        row["segment"],
        row["r"],
        row["f"],
        row["m"],
        row["orders"],
        row["revenue_minor"],
        row["first_order_day"],
        row["last_order_day"],
        row["interactions"],
        row["sentiment"],
        row["origin"],
        tuple(row["tags"] or ()),
        tuple(one["channel"] for one in consent if one["granted"]),
        row["next_segment"],
        row["next_segment_day"],
        row["changes"],
        row["sequence"],
        Personal(*(personal.get(name) for name in Personal._fields)) if personal else _NOBODY,
    )
    return Profile(facts, live=bool(row["live"]), at_ms=row["changed_at"] or 0)


_NOBODY = Personal()


def _news(row: _Row) -> News:
    seq, event_id, before, after = row["seq"], row["event_id"], row["from_segment"], row["to_segment"]
    return News(
        Change(seq, event_id, before, after, row["cause"], row["occurred_at"]), bool(row["historical"])
    )


def _milestone(row: _Row) -> Milestone:
    missed = bool(row["missed"])
    return Milestone(row["event_id"], row["days"], row["last_order_day"], row["occurred_at"], missed)


def _undelivered(row: _Row) -> Undelivered | None:
    ended = row["state"] in (DeliveryState.FAILED, DeliveryState.CANCELLED)
    return Undelivered(row["action_id"]) if ended and not row["test"] else None


_READERS: dict[str, tuple[str, tuple[str, ...], Callable[[_Row], Event]]] = {
    Topic.CONTACT_PROFILES: ("contact_profile", _PROFILE, _profile),
    Topic.SEGMENT_CHANGES: ("segment_change", _CHANGE, _news),
    Topic.MILESTONES: ("milestone", _MILESTONE, _milestone),
    Topic.WEBHOOK_DELIVERIES: ("webhook_delivery", _DELIVERY, _undelivered),
}


def read(codec: Codec, topic: str, records: Sequence[Record]) -> Read:
    """Decode a chunk. RegistryUnavailable."""
    schema, columns, make = _READERS[topic]
    kept = [i for i, record in enumerate(records) if record.value is not None]
    decoded = codec.decode_block(schema, [records[i].value or b"" for i in kept], columns=columns)
    letters = [Letter(kept[i], reason, detail) for i, reason, detail in decoded.bad]
    arrived = [
        Arrived(row["account_id"], row["contact_id"], event, kept[i])
        for i, row in zip(decoded.rows, _rows(decoded, columns), strict=True)
        if (event := make(row)) is not None
    ]
    return Read(arrived, letters)


def _rows(decoded: Decoded, columns: Sequence[str]) -> list[_Row]:
    lists = [decoded.columns[name] for name in columns]
    return [dict(zip(columns, values, strict=True)) for values in zip(*lists, strict=True)]
