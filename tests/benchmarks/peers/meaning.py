"""What every Python peer does with an order; imports only the pure core, for peers have their own libraries.

A contact's state is a dict that JSON can hold: orders by id as [version, updated_at, event_id, net, counted,
day], days of purchases in order as [day, orders, net], totals, scores, segment, number of changes.
"""

import io
import json
import struct
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from enum import StrEnum
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import fastavro

from streams.rfm.model import ScoringModel, default_value_cuts

Order = Mapping[str, Any]
State = dict[str, Any]

TODAY = 20_269
"""2025-06-30 in days since 1970-01-01; the harness says the same as a date."""
DAY_MS = 86_400_000
HEADER_BYTES = 5

_MODEL = ScoringModel(value_cuts=default_value_cuts("USD"))
_AVRO = Path("schemas") / "avro"
_DAY = itemgetter(0)


class Kind(StrEnum):
    """What a peer's topics are called, behind its own name."""

    PROFILES = "profiles"
    ORDERS = "orders"
    DAYS = "days"
    CHANGES = "changes"


SCHEMAS = {
    Kind.PROFILES: "contact_profile",
    Kind.ORDERS: "contact_order",
    Kind.DAYS: "contact_day",
    Kind.CHANGES: "segment_change",
}

_COPIED = ("account_id", "contact_id", "order_id", "version", "updated_at", "event_id", "status", "placed_at",
           "total_minor", "refunded_minor", "currency", "number", "channel", "items")  # fmt: skip


class Told(NamedTuple):
    """A record to write: to which topic, its key, and its fields."""

    kind: Kind
    key: str
    value: dict[str, Any]


def plain_schema(schema: Any) -> Any:
    """A schema for fastavro without logical types, so that instants stay numbers."""
    if isinstance(schema, list):
        return [plain_schema(part) for part in schema]
    if isinstance(schema, dict):
        return {key: plain_schema(part) for key, part in schema.items() if key != "logicalType"}
    return schema


def _parsed(name: str) -> Any:
    return fastavro.parse_schema(plain_schema(json.loads((_AVRO / f"{name}.avsc").read_text())))


class Decoder:
    """Confluent framing and Avro, by the one schema of the benchmark."""

    def __init__(self) -> None:
        self._schema = _parsed("order")

    def __call__(self, payload: bytes) -> dict[str, Any]:
        """One order."""
        body = io.BytesIO(payload[HEADER_BYTES:])
        order = fastavro.schemaless_reader(body, self._schema, self._schema)
        return dict(order) if isinstance(order, dict) else {}


class Encoder:
    """The same for a kind of record. `schema_id` is what its Confluent header says."""

    def __init__(self, kind: Kind, schema_id: int) -> None:
        self._schema = _parsed(SCHEMAS[kind])
        self._header = struct.pack(">BI", 0, schema_id)

    def __call__(self, value: Mapping[str, Any]) -> bytes:
        """One record."""
        body = io.BytesIO()
        body.write(self._header)
        fastavro.schemaless_writer(body, self._schema, value)
        return body.getvalue()


def encoders(ids: str) -> dict[Kind, Encoder]:
    """One a kind, by the schemas' ids as the harness gives them: `name=id,name=id`."""
    by_name = dict(one.split("=") for one in ids.split(","))
    return {kind: Encoder(kind, int(by_name[name])) for kind, name in SCHEMAS.items()}


def new_state(order: Order) -> State:
    """A contact before its first order."""
    return {
        "contact": order["contact_id"], "ledger": {}, "days": [], "orders": 0, "revenue": 0, "changes": 0,
        "r": 0, "f": 0, "m": 0, "segment": "no_purchases",
    }  # fmt: skip


def apply(state: State, order: Order) -> dict[str, Any] | None:
    """Fold one order into the contact's state; the segment change, if that is what it did."""
    prior = state["ledger"].get(order["order_id"])
    if prior and [order["version"], order["updated_at"], order["event_id"]] <= prior[:3]:
        return None
    before = {name: state[name] for name in ("segment", "r", "f", "m")}
    _book(state, prior, order)
    _score(state)
    if state["segment"] == before["segment"]:
        return None
    state["changes"] += 1
    account, contact, days = order["account_id"], state["contact"], state["days"]
    orders, revenue = state["orders"], state["revenue"]
    return {
        "event_id": f"{account}|{contact}|{state['changes']}",
        "account_id": account,
        "contact_id": contact,
        "seq": state["changes"],
        "from_segment": before["segment"],
        "to_segment": state["segment"],
        "cause": "amendment" if prior else "order",
        "cause_event_id": order["event_id"],
        "cause_order_id": order["order_id"],
        "effective_day": TODAY,
        "r_before": before["r"],
        "f_before": before["f"],
        "m_before": before["m"],
        "r": state["r"],
        "f": state["f"],
        "m": state["m"],
        "orders": orders,
        "revenue_minor": revenue,
        "average_ticket_minor": (2 * revenue + orders) // (2 * orders) if orders else None,
        "currency": order["currency"],
        "first_order_day": days[0][0] if days else None,
        "last_order_day": days[-1][0] if days else None,
    }


def tell(state: State, order: Order) -> Iterator[Told]:
    """Fold one order; every record that Latido's topics would get: profile, order, days, and the change."""
    order_id, ledger = order["order_id"], state["ledger"]
    prior = ledger.get(order_id)
    change = apply(state, order)
    entry = ledger[order_id]
    if entry is prior:
        return
    key, days = f"{order['account_id']}|{state['contact']}", state["days"]
    profile = {
        "account_id": order["account_id"],
        "contact_id": state["contact"],
        "first_order_day": days[0][0] if days else None,
        "last_order_day": days[-1][0] if days else None,
        "orders": state["orders"],
        "revenue_minor": state["revenue"],
        "currency": order["currency"],
        "r": state["r"],
        "f": state["f"],
        "m": state["m"],
        "segment": state["segment"],
        "scored_day": TODAY,
        "changes": state["changes"],
    }
    yield Told(Kind.PROFILES, key, profile)
    booked = {name: order[name] for name in _COPIED}
    booked |= {"net_minor": entry[3], "counted": entry[4], "day": entry[5]}
    yield Told(Kind.ORDERS, f"{key}|{order_id}", booked)
    for day in _touched(days, prior, entry):
        row = {"account_id": order["account_id"], "contact_id": state["contact"], **_day_row(days, day)}
        yield Told(Kind.DAYS, f"{key}|{day}", row)
    if change is not None:
        yield Told(Kind.CHANGES, key, change)


def _book(state: State, prior: list[Any] | None, order: Order) -> None:
    total, refunded = order["total_minor"], order["refunded_minor"]
    counted = order["status"] == "placed" and not (total > 0 and refunded == total)
    net = total - refunded if counted else 0
    day = order["placed_at"] // DAY_MS
    state["ledger"][order["order_id"]] = [
        order["version"], order["updated_at"], order["event_id"], net, counted, day,
    ]  # fmt: skip
    if prior and prior[4]:
        _add(state, prior[5], -1, -prior[3])
    if counted:
        _add(state, day, 1, net)


def _add(state: State, day: int, orders: int, net: int) -> None:
    """To the totals and to a day; a day without orders goes."""
    state["orders"] += orders
    state["revenue"] += net
    days = state["days"]
    place = bisect_left(days, day, key=_DAY)
    if place == len(days) or days[place][0] != day:
        days.insert(place, [day, 0, 0])
    days[place][1] += orders
    days[place][2] += net
    if not days[place][1]:
        del days[place]


def _touched(days: list[list[int]], prior: list[Any] | None, entry: list[Any]) -> set[int]:
    """Days whose rows an order changes: its own, the one it left, and those behind days that came or went."""
    touched = set()
    for one in (prior, entry):
        if one and one[4]:
            touched.add(one[5])
            place = bisect_left(days, one[5] + 1, key=_DAY)
            if place < len(days):
                touched.add(days[place][0])
    return touched


def _day_row(days: list[list[int]], day: int) -> dict[str, Any]:
    """A day's row; 0 orders say that the day is gone."""
    place = bisect_left(days, day, key=_DAY)
    orders, net = days[place][1:] if place < len(days) and days[place][0] == day else (0, 0)
    prev_day = days[place - 1][0] if place else None
    return {"day": day, "prev_day": prev_day, "orders": orders, "revenue_minor": net}


def _score(state: State) -> None:
    if not state["orders"]:
        state.update(r=0, f=0, m=0, segment="no_purchases")
        return
    r = _MODEL.recency_score(max(0, TODAY - state["days"][-1][0]))
    f = _MODEL.frequency_score(state["orders"], 0)
    m = _MODEL.value_score(state["revenue"], state["orders"])
    state.update(r=r, f=f, m=m, segment=_MODEL.cells[r, f, m].value)
