"""Equal work is proven by equal checksums, so these must tell apart what differs."""

import json
import random
import struct
from typing import Any

import pytest

from deploy.local.bench.checksum import TODAY_DAY, Final, checksum, of_java, of_json, recomputed
from deploy.local.bench.workload import Workload, encode, order_header, orders
from schemas.catalog import Catalog
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


def test_the_python_peers_fold_comes_to_the_recomputed_state_in_any_order() -> None:
    made = list(orders(WORKLOAD, 0, 1))
    head = order_header()
    expected = checksum(recomputed([encode(order, head) for order in made]))
    for shuffled in (made, made[::-1], random.Random(1).sample(made, len(made)), made + made):
        states: dict[str, meaning.State] = {}
        for order in shuffled:
            state = states.setdefault(order["contact_id"], meaning.new_state(order))
            meaning.apply(state, order)
        assert checksum(of_json(json.dumps(state).encode()) for state in states.values()) == expected


def test_the_python_peers_changes_are_a_chain() -> None:
    segments: dict[str, str] = {}
    states: dict[str, meaning.State] = {}
    for order in orders(WORKLOAD, 0, 1):
        state = states.setdefault(order["contact_id"], meaning.new_state(order))
        change = meaning.apply(state, order)
        if change is not None:
            assert change["from"] == segments.get(change["contact"], "no_purchases")
            assert change["cause_event_id"] == order["event_id"]
            segments[change["contact"]] = change["to"]
    assert {c: s["segment"] for c, s in states.items() if c in segments} == segments


def test_the_python_peers_decoder_reads_the_workloads_orders() -> None:
    made, head = list(orders(WORKLOAD, 0, 30)), order_header()
    decode = meaning.Decoder(Catalog().schema("order"))
    assert [decode(encode(order, head)) for order in made] == made


def test_the_java_peers_bytes_are_read_up_to_the_ledger() -> None:
    def utf(text: str) -> bytes:
        return struct.pack(">H", len(text)) + text.encode()

    value = utf("c1") + struct.pack(">iqbbb", 3, 4500, 5, 3, 1) + utf("loyal") + b"the ledger"
    assert of_java(value) == ONE


def test_harness_and_peers_mean_the_same_day() -> None:
    assert meaning.TODAY == TODAY_DAY
