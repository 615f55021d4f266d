"""What every Python peer does with an order; imports only the pure core, for peers have their own libraries.

A contact's state is a dict that JSON can hold: orders by id as [version, updated_at, event_id, net, counted,
day], totals, last day, scores, segment.
"""

import io
from collections.abc import Mapping
from typing import Any

import fastavro

from streams.rfm.model import ScoringModel, default_value_cuts

Order = Mapping[str, Any]
State = dict[str, Any]

TODAY = 20_269
"""2025-06-30 in days since 1970-01-01; the harness says the same as a date."""
DAY_MS = 86_400_000
HEADER_BYTES = 5

_MODEL = ScoringModel(value_cuts=default_value_cuts("USD"))


def plain_schema(schema: Any) -> Any:
    """A schema for fastavro without logical types, so that instants stay numbers."""
    if isinstance(schema, list):
        return [plain_schema(part) for part in schema]
    if isinstance(schema, dict):
        return {key: plain_schema(part) for key, part in schema.items() if key != "logicalType"}
    return schema


class Decoder:
    """Confluent framing and Avro, by the one schema of the benchmark."""

    def __init__(self, schema: Any) -> None:
        self._schema = fastavro.parse_schema(plain_schema(schema))

    def __call__(self, payload: bytes) -> dict[str, Any]:
        """One order."""
        body = io.BytesIO(payload[HEADER_BYTES:])
        order = fastavro.schemaless_reader(body, self._schema, self._schema)
        return dict(order) if isinstance(order, dict) else {}


def new_state(order: Order) -> State:
    """A contact before its first order."""
    return {
        "contact": order["contact_id"], "ledger": {}, "orders": 0, "revenue": 0, "last_day": None,
        "r": 0, "f": 0, "m": 0, "segment": "no_purchases",
    }  # fmt: skip


def apply(state: State, order: Order) -> dict[str, Any] | None:
    """Fold one order into the contact's state; the segment change, if that is what it did."""
    prior = state["ledger"].get(order["order_id"])
    if prior and [order["version"], order["updated_at"], order["event_id"]] <= prior[:3]:
        return None
    _book(state, prior, order)
    before = state["segment"]
    _score(state)
    if state["segment"] == before:
        return None
    return {
        "contact": state["contact"],
        "from": before,
        "to": state["segment"],
        "r": state["r"],
        "f": state["f"],
        "m": state["m"],
        "orders": state["orders"],
        "revenue": state["revenue"],
        "cause_event_id": order["event_id"],
    }


def _book(state: State, prior: list[Any] | None, order: Order) -> None:
    total, refunded = order["total_minor"], order["refunded_minor"]
    counted = order["status"] == "placed" and not (total > 0 and refunded == total)
    net = total - refunded if counted else 0
    day = order["placed_at"] // DAY_MS
    state["ledger"][order["order_id"]] = [
        order["version"], order["updated_at"], order["event_id"], net, counted, day,
    ]  # fmt: skip
    was_counted, was_net = (prior[4], prior[3]) if prior else (False, 0)
    state["orders"] += counted - was_counted
    state["revenue"] += net - was_net
    if counted and not was_counted:
        state["last_day"] = max(day, state["last_day"] or 0)
    elif was_counted and prior and (not counted or day != prior[5]):
        state["last_day"] = max((entry[5] for entry in state["ledger"].values() if entry[4]), default=None)


def _score(state: State) -> None:
    if not state["orders"]:
        state.update(r=0, f=0, m=0, segment="no_purchases")
        return
    r = _MODEL.recency_score(max(0, TODAY - state["last_day"]))
    f = _MODEL.frequency_score(state["orders"], 0)
    m = _MODEL.value_score(state["revenue"], state["orders"])
    state.update(r=r, f=f, m=m, segment=_MODEL.cells[r, f, m].value)
