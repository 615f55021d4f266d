"""The outputs at the pin against the facts of the batch."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from schemas.keys import contact_key, member_key
from schemas.records import Topic
from streams.rfm.account import Account
from streams.rfm.facts import ContactFacts, ContactId
from streams.rfm.segments import Segment
from streams.verify.drift import Finding, Kind
from streams.verify.pin import Pinned
from streams.verify.rows import CHANGE, DAY, ORDER, PROFILE, Row

Wanted = dict[bytes, Mapping[str, Any]]
"""By key, the columns that the batch knows."""

Facts = Mapping[ContactId, ContactFacts]


def compare(pinned: Pinned, facts: Facts, accounts: Mapping[str, Account]) -> Iterator[tuple[Finding, bool]]:
    """Every disagreement, and whether its key is moving (then it is no drift yet)."""
    moving = pinned.rows.moving()
    wanted = {
        Topic.CONTACT_PROFILES: (Kind.PROFILE, PROFILE, _profiles(facts, accounts)),
        Topic.CONTACT_ORDERS: (Kind.ORDER, ORDER, _orders(facts)),
        Topic.CONTACT_DAYS: (Kind.DAY, DAY, _days(facts)),
    }
    for topic, (kind, columns, rows) in wanted.items():
        for key, expected, found in _differences(rows, pinned.rows.current[topic], columns):
            shown = Kind.UNSETTLED if kind is Kind.PROFILE and _is_behind(pinned, found) else kind
            finding = Finding(shown, pinned.partition, key.decode(errors="replace"), expected, found)
            yield finding, (topic, key) in moving
    yield from _chains(pinned, facts, moving)


def _profiles(facts: Facts, accounts: Mapping[str, Account]) -> Wanted:
    left_out = {"ledger", "days"}
    return {
        contact_key(*contact): {
            "account_id": contact[0],
            "contact_id": contact[1],
            "currency": accounts[contact[0]].currency,
            **{name: value for name, value in told._asdict().items() if name not in left_out},
        }
        for contact, told in facts.items()
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


def _is_behind(pinned: Pinned, found: Mapping[str, Any] | None) -> bool:
    boundary = found.get("boundary_day") if found else None
    return (
        found is not None and boundary is not None and boundary <= pinned.today.get(found["account_id"], -1)
    )


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
