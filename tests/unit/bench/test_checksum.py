"""Equal work is proven by equal checksums, so these must tell apart what differs."""

import json
import random
import struct
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from deploy.local.bench.checksum import (
    TODAY_DAY,
    Booked,
    DayRow,
    Final,
    Move,
    Told,
    checksum,
    of_java,
    of_json,
    recomputed,
)
from deploy.local.bench.workload import Workload, encode, order_header, orders
from schemas.catalog import FileSchemas
from schemas.codec import Codec
from tests.benchmarks.peers import meaning

WORKLOAD = Workload(events=3000, contacts=150, amended_share=0.2)
ONE = Final("c1", 3, 4500, 5, 3, 1, "loyal")


def test_the_order_of_contacts_does_not_matter() -> None:
    other = ONE._replace(contact_id="c2")
    assert checksum([ONE, other]) == checksum([other, ONE])


@pytest.mark.parametrize("field", Final._fields)
def test_every_field_matters(field: str) -> None:
    changed = "champions" if field in {"contact_id", "segment"} else 4
    fields: dict[str, Any] = ONE._asdict() | {field: changed}
    assert checksum([ONE]) != checksum([Final(**fields)])


def test_a_missing_contact_matters() -> None:
    assert checksum([ONE]) != checksum([])


def as_payloads(made: Iterable[meaning.Order]) -> list[bytes]:
    head = order_header()
    return [encode(order, head) for order in made]


def tell_all(made: Iterable[meaning.Order]) -> tuple[dict[str, meaning.State], Told]:
    """What a peer writes, last value per key; a day without orders is gone."""
    states: dict[str, meaning.State] = {}
    newest: dict[tuple[meaning.Kind, str], dict[str, Any]] = {}
    changes = []
    for order in made:
        state = states.setdefault(order["contact_id"], meaning.new_state(order))
        for kind, key, value in meaning.tell(state, order):
            if kind is meaning.Kind.CHANGES:
                changes.append(value)
            newest[kind, key] = value

    def rows(kind: meaning.Kind, fields: tuple[str, ...]) -> list[list[Any]]:
        return [[row[name] for name in fields] for (k, _), row in newest.items() if k is kind]

    return states, Told(
        [Final(*row) for row in rows(meaning.Kind.PROFILES, Final._fields)],
        [Booked(*row) for row in rows(meaning.Kind.ORDERS, Booked._fields)],
        [day for day in (DayRow(*row) for row in rows(meaning.Kind.DAYS, DayRow._fields)) if day.orders],
        [Move(*(change[name] for name in Move._fields)) for change in changes],
    )


def test_the_python_peers_fold_comes_to_the_recomputed_state_in_any_order() -> None:
    made = list(orders(WORKLOAD, 0, 1))
    for shuffled in (made, made[::-1], random.Random(1).sample(made, len(made)), made + made):
        expected = recomputed(as_payloads(shuffled))
        states, told = tell_all(shuffled)
        assert checksum(of_json(json.dumps(state).encode()) for state in states.values()) == checksum(
            expected.states
        )
        for part in ("states", "orders", "days", "moves"):
            assert sorted(map(str, getattr(told, part))) == sorted(map(str, getattr(expected, part))), part
        assert told.checksum() == expected.checksum()


def test_what_the_python_peers_tell_is_what_latidos_schemas_can_read() -> None:
    ids = FileSchemas()
    given = ",".join(f"{name}={ids.id_of(name)}" for name in meaning.SCHEMAS.values())
    encode_kind, codec = meaning.encoders(given), Codec()
    state = None
    for order in [order for order in orders(WORKLOAD, 0, 1) if order["contact_id"] == "contact-00000003"]:
        state = state or meaning.new_state(order)
        for kind, _key, value in meaning.tell(state, order):
            decoded = codec.decode_block(
                meaning.SCHEMAS[kind], [encode_kind[kind](value)], columns=list(value)
            )
            assert not decoded.bad
            assert {name: decoded.columns[name][0] for name in value if name != "items"} == {
                name: one for name, one in value.items() if name != "items"
            }


@pytest.mark.parametrize("part", ["states", "orders", "days", "moves"])
def test_whatever_is_told_matters(part: str) -> None:
    told = recomputed(as_payloads(orders(WORKLOAD, 0, 1)))
    assert getattr(told, part)
    assert replace(told, **{part: getattr(told, part)[1:]}).checksum() != told.checksum()


def test_the_python_peers_changes_are_a_chain() -> None:
    segments: dict[str, str] = {}
    states: dict[str, meaning.State] = {}
    for order in orders(WORKLOAD, 0, 1):
        state = states.setdefault(order["contact_id"], meaning.new_state(order))
        change = meaning.apply(state, order)
        if change is not None:
            assert change["from_segment"] == segments.get(change["contact_id"], "no_purchases")
            assert change["cause_event_id"] == order["event_id"]
            segments[change["contact_id"]] = change["to_segment"]
    assert {c: s["segment"] for c, s in states.items() if c in segments} == segments


def test_the_python_peers_decoder_reads_the_workloads_orders() -> None:
    made, head = list(orders(WORKLOAD, 0, 30)), order_header()
    decode = meaning.Decoder()
    assert [decode(encode(order, head)) for order in made] == made


def test_the_java_peers_bytes_are_read_up_to_the_ledger() -> None:
    def utf(text: str) -> bytes:
        return struct.pack(">H", len(text)) + text.encode()

    value = utf("c1") + struct.pack(">iqbbb", 3, 4500, 5, 3, 1) + utf("loyal") + b"the ledger"
    assert of_java(value) == ONE


def test_harness_and_peers_mean_the_same_day() -> None:
    assert meaning.TODAY == TODAY_DAY
