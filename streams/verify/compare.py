"""The outputs at the pin against the facts of the batch."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from schemas.keys import contact_key, member_key
from schemas.records import Topic
from streams.rfm.account import Account
from streams.rfm.facts import ContactFacts, ContactId, TalkFacts
from streams.rfm.segments import Segment
from streams.verify.drift import Finding, Kind
from streams.verify.pin import Pinned
from streams.verify.rows import CHANGE, DAY, ORDER, PROFILE, TALK, Row

Wanted = dict[bytes, Mapping[str, Any]]
"""By key, the columns that the batch knows."""

Facts = Mapping[ContactId, ContactFacts]
Talks = Mapping[ContactId, Iterable[TalkFacts]]
"""Every interaction of a contact that has a record, forgotten ones too."""

_REMOVED = PROFILE.index("removed")
_BYTES = ("sentiment_sum", "sentiment_weight")


def compare(
    pinned: Pinned, facts: Facts, talks: Talks, accounts: Mapping[str, Account]
) -> Iterator[tuple[Finding, bool]]:
    """Every disagreement, and whether its key is moving (then it is no drift yet)."""
    moving = pinned.rows.moving()
    wanted = {
        Topic.CONTACT_PROFILES: (Kind.PROFILE, PROFILE, _profiles(facts, accounts)),
        Topic.CONTACT_ORDERS: (Kind.ORDER, ORDER, _orders(facts)),
        Topic.CONTACT_DAYS: (Kind.DAY, DAY, _days(facts)),
        Topic.CONTACT_INTERACTIONS: (Kind.INTERACTION, TALK, _talks(talks)),
    }
    is_behind = pinned.behind()
    for topic, (kind, columns, rows) in wanted.items():
        current = pinned.rows.current[topic]
        if topic is Topic.CONTACT_PROFILES:
            current = {key: row for key, row in current.items() if not row[_REMOVED]}
        for key, expected, found in _differences(rows, current, columns):
            waits = kind is Kind.PROFILE and key in current and is_behind(current[key])
            shown = Kind.UNSETTLED if waits else kind
            finding = Finding(shown, pinned.partition, key.decode(errors="replace"), expected, found)
            yield finding, (topic, key) in moving
    yield from _chains(pinned, facts, moving)


def _profiles(facts: Facts, accounts: Mapping[str, Account]) -> Wanted:
    left_out = {"ledger", "days", "talks", "card"}
    return {
        contact_key(*contact): {
            "account_id": contact[0],
            "contact_id": contact[1],
            "currency": accounts[contact[0]].currency,
            **{name: value for name, value in told._asdict().items() if name not in left_out},
            **_card(told),
        }
        for contact, told in facts.items()
    }


def _card(told: ContactFacts) -> Mapping[str, Any]:
    card = told.card
    version, updated_at, event_id = card.stamp if card else (None, None, None)
    origin_version, origin_updated_at, origin_event_id = (card and card.origin_stamp) or (None, None, None)
    return {
        "origin": card.origin if card else None,
        "tags": card.tags if card else told.added_tags,
        "consent": card.consent if card else None,
        "personal": card.personal if card else None,
        "contact_version": version,
        "contact_updated_at": updated_at,
        "contact_event_id": event_id,
        "origin_version": origin_version,
        "origin_updated_at": origin_updated_at,
        "origin_event_id": origin_event_id,
    }


def _talks(talks: Talks) -> Wanted:
    return {
        member_key(*contact, talk.interaction_id): {
            "interaction_id": talk.interaction_id,
            "version": talk.version,
            "updated_at": talk.updated_at_ms,
            "event_id": talk.event_id,
            "day": talk.day,
            "sentiment": talk.sentiment,
        }
        for contact, told in talks.items()
        for talk in told
    }


def _orders(facts: Facts) -> Wanted:
    return {
        member_key(*contact, order.order_id): {
            "order_id": order.order_id,
            "version": order.version,
            "updated_at": order.updated_at_ms,
            "event_id": order.event_id,
            "day": order.day,
            "net_minor": order.net_minor,
            "counted": order.counted,
        }
        for contact, told in facts.items()
        for order in told.ledger
    }


def _days(facts: Facts) -> Wanted:
    return {
        member_key(*contact, str(row.day)): row._asdict()
        for contact, told in facts.items()
        for row in told.days
    }


def _differences(
    wanted: Wanted, current: Mapping[bytes, Row], columns: tuple[str, ...]
) -> Iterator[tuple[bytes, Any, Any]]:
    for key, expected in wanted.items():
        row = current.get(key)
        if row is None:
            yield key, dict(expected), None
            continue
        found = dict(zip(columns, row, strict=True))
        found.update({name: _number(found[name]) for name in _BYTES if name in found})
        differing = [name for name, value in expected.items() if found[name] != value]
        if differing:
            shown = [*differing, "boundary_day"] if "boundary_day" in expected else differing
            yield (
                key,
                {name: expected[name] for name in shown},
                {name: found[name] for name in {**dict.fromkeys(shown), "account_id": None}},
            )
    for key in current.keys() - wanted.keys():
        yield key, None, dict(zip(columns, current[key], strict=True))


def _number(data: bytes | None) -> int:
    return int.from_bytes(data or b"", "big", signed=True)


def _chains(pinned: Pinned, facts: Facts, moving: set[tuple[Topic, bytes]]) -> Iterator[tuple[Finding, bool]]:
    chains: dict[ContactId, list[Mapping[str, Any]]] = defaultdict(list)
    for row in pinned.changes:
        change = dict(zip(CHANGE, row, strict=True))
        chains[change["account_id"], change["contact_id"]].append(change)
    profiles = pinned.rows.current[Topic.CONTACT_PROFILES]
    counted = PROFILE.index("changes")
    for contact in facts.keys() | chains.keys():
        key = contact_key(*contact)
        profile = profiles.get(key)
        count = profile[counted] if profile else 0
        is_moving = (Topic.CONTACT_PROFILES, key) in moving
        segment = facts[contact].segment if contact in facts else Segment.NO_PURCHASES
        for expected, found in _breaks(chains.get(contact, []), count, segment, is_moving):
            finding = Finding(Kind.CHANGE, pinned.partition, key.decode(errors="replace"), expected, found)
            yield finding, is_moving


def _breaks(
    chain: list[Mapping[str, Any]], count: int, segment: Segment, is_moving: bool
) -> Iterator[tuple[Any, Any]]:
    stands: str = Segment.NO_PURCHASES
    at_pin: str = stands
    for seq, change in enumerate(chain, start=1):
        event_id = f"{change['account_id']}|{change['contact_id']}|{seq}"
        if (change["seq"], change["event_id"], change["from_segment"]) != (seq, event_id, stands):
            found = (change["seq"], change["event_id"], change["from_segment"])
            yield (seq, event_id, stands), found
            return
        stands = change["to_segment"]
        at_pin = stands if seq <= count else at_pin
    if len(chain) < count or (len(chain) > count and not is_moving):
        yield f"{count} changes", f"{len(chain)}"
    elif at_pin != segment:
        yield segment, at_pin
