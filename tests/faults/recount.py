"""A recount of the pipeline's logs that shares no code with it or with verify, but for the codec."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from schemas.codec import Codec
from schemas.records import Topic
from tests.faults.checker import Entry, Log, check_positions

INPUTS = ("orders.v1", "interactions.v1", "contacts.v1", "rerouted.v1")
APPLICATION = "activity"

Place = tuple[int, int]
"""Partition and offset."""

Winners = dict[tuple[str, str, str], dict[str, Any]]
"""Snapshots in force by account, contact and order."""

_DAY_MS = 86_400_000
_STAMP = ("version", "updated_at", "event_id")


def problems(log: Log, codec: Codec, dead: Iterable[Place] = ()) -> list[str]:
    """What is wrong: orders lost or counted twice, chains broken, positions that step back.

    `dead`: orders that are dead letters by right. What became of removed contacts' events depends on when
    they were removed: of those only chains and homes are looked at.
    """
    profiles = _last(log, codec, Topic.CONTACT_PROFILES, "contact_profile")
    found = [*chains(log, codec, profiles), *check_positions(log, APPLICATION, INPUTS)]
    gone = {entry.key for entry in log.read(Topic.CONTACTS) if not entry.value}
    stayed = {key: profile for key, profile in profiles.items() if key not in gone}
    winners = _winners(log, codec, set(dead), gone)
    return [
        *found,
        *_orders(log, codec, winners, gone),
        *_totals(winners, stayed),
        *_talks(log, codec, stayed),
    ]


def chains(log: Log, codec: Codec, profiles: dict[bytes, dict[str, Any]]) -> Iterable[str]:
    """Changes of each contact: numbered without hole, each from where the last one led, none twice."""
    at: defaultdict[bytes, tuple[int, str]] = defaultdict(lambda: (0, "no_purchases"))
    places: defaultdict[bytes, set[int]] = defaultdict(set)
    for entry in log.read(Topic.SEGMENT_CHANGES):
        change = codec.decode_one("segment_change", entry.value)
        number, segment = at[entry.key]
        places[entry.key].add(entry.partition)
        if (change["seq"], change["from_segment"]) != (number + 1, segment):
            yield f"{entry.key!r}: change {change['seq']} does not follow {number} at {segment}"
        at[entry.key] = change["seq"], change["to_segment"]
    for key, profile in profiles.items():
        if (profile["changes"], profile["segment"]) != at[key]:
            yield f"{key!r}: its profile does not stand where its changes lead: {at[key]}"
    yield from (f"{key!r}: changes in partitions {where}" for key, where in places.items() if len(where) > 1)
    yield from (f"{key!r}: changes of nobody" for key in at.keys() - profiles.keys())


def _winners(log: Log, codec: Codec, dead: set[Place], gone: set[bytes]) -> Winners:
    entries = [entry for entry in log.read(Topic.ORDERS) if (entry.partition, entry.offset) not in dead]
    names = ("account_id", "contact_id", "order_id", *_STAMP, "total_minor", "refunded_minor", "status")
    decoded = codec.decode_block("order", [entry.value for entry in entries], columns=names)
    assert not decoded.bad, decoded.bad[:3]
    found: Winners = {}
    for row in zip(*(decoded.columns[name] for name in names), strict=True):
        if _key(*row[:2]) in gone:
            continue
        order = dict(zip(names, row, strict=True))
        known = found.get(row[:3])
        if known is None or _stamp(order) > _stamp(known):
            found[row[:3]] = order
    return found


def _orders(log: Log, codec: Codec, winners: Winners, gone: set[bytes]) -> Iterable[str]:
    ledger = _last(log, codec, Topic.CONTACT_ORDERS, "contact_order").values()
    found = {
        (one["account_id"], one["contact_id"], one["order_id"]): _stamp(one)
        for one in ledger
        if _key(one["account_id"], one["contact_id"]) not in gone
    }
    wanted = {identity: _stamp(order) for identity, order in winners.items()}
    for identity in wanted.keys() | found.keys():
        if wanted.get(identity) != found.get(identity):
            yield f"order {identity}: {wanted.get(identity)} is in force, {found.get(identity)} is counted"


def _totals(winners: Winners, profiles: dict[bytes, dict[str, Any]]) -> Iterable[str]:
    wanted: defaultdict[bytes, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for (account_id, contact_id, _), order in winners.items():
        counts = order["status"] == "placed" and order["refunded_minor"] < order["total_minor"]
        orders, revenue = wanted[_key(account_id, contact_id)]
        if counts:
            orders, revenue = orders + 1, revenue + order["total_minor"] - order["refunded_minor"]
        wanted[_key(account_id, contact_id)] = orders, revenue
    for key, profile in profiles.items():
        if (profile["orders"], profile["revenue_minor"]) != wanted[key]:
            told = profile["orders"], profile["revenue_minor"]
            yield f"{key!r}: {wanted[key]} by the log, {told} by Latido"
    yield from (f"{key!r}: no profile" for key in wanted.keys() - profiles.keys())


def _talks(log: Log, codec: Codec, profiles: dict[bytes, dict[str, Any]]) -> Iterable[str]:
    """Interactions are counted if they took place within 90 days: what is about that old may be either."""
    ages: defaultdict[bytes, dict[str, float]] = defaultdict(dict)
    for entry in log.read(Topic.INTERACTIONS):
        talk = codec.decode_one("interaction", entry.value)
        age = (talk["updated_at"] - talk["occurred_at"]) / _DAY_MS
        ages[_key(talk["account_id"], talk["contact_id"])][talk["interaction_id"]] = age
    for key, profile in profiles.items():
        least, most = (sum(age < days for age in ages[key].values()) for days in (89, 92))
        if not least <= profile["interactions"] <= most:
            yield f"{key!r}: {profile['interactions']} interactions, not {least} to {most}"


def _last(log: Log, codec: Codec, topic: str, schema: str) -> dict[bytes, dict[str, Any]]:
    """The last value of each key; a key may stand in one partition only."""
    last: dict[bytes, Entry] = {}
    for entry in log.read(topic):
        before = last.get(entry.key)
        assert before is None or before.partition == entry.partition, f"{entry.key!r} is in two partitions"
        last[entry.key] = entry
    living: Sequence[Entry] = [entry for entry in last.values() if entry.value]
    return {entry.key: codec.decode_one(schema, entry.value) for entry in living}


def _key(account_id: str, contact_id: str) -> bytes:
    return f"{account_id}|{contact_id}".encode()


def _stamp(one: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(one[name] for name in _STAMP)
