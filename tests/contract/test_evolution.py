"""Schemas change only so that what is stored stays readable, and never under an old id."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastavro
import pytest
import yaml

from schemas.avrotype import parse
from schemas.catalog import Catalog
from schemas.codec import DECODE_NATIVELY_FROM, Codec
from schemas.compatibility import problems
from schemas.reasons import Reason
from schemas.wire import UnknownSchema, header
from tests.contract import examples

CATALOG = Catalog()
FINGERPRINTS: dict[int, str] = yaml.safe_load(
    (Path(__file__).parent / "fingerprints.yaml").read_text("utf-8")
)
VERSIONS = [(name, number) for name, numbers in CATALOG.ids.items() for number in numbers]
MANY = DECODE_NATIVELY_FROM


@pytest.mark.parametrize(("name", "schema_id"), VERSIONS)
def test_an_id_means_for_ever_what_it_meant(name: str, schema_id: int) -> None:
    canonical = fastavro.schema.to_parsing_canonical_form(CATALOG.version(name, schema_id))
    assert fastavro.schema.fingerprint(canonical, "CRC-64-AVRO") == FINGERPRINTS.get(schema_id), (
        f"{name} changed: keep the old file as previous/{name}.{schema_id}.avsc, give the new one a new id "
        "in ids.yaml, and add its fingerprint"
    )


@pytest.mark.parametrize(("name", "schema_id"), VERSIONS)
def test_the_present_schema_reads_every_version(name: str, schema_id: int) -> None:
    assert problems(CATALOG.type(name), parse(CATALOG.version(name, schema_id))) == []


def without(field: str) -> Callable[[Any], None]:
    def change(schema: Any) -> None:
        schema["fields"] = [f for f in schema["fields"] if f["name"] != field]

    return change


def with_field(declared: dict[str, Any], at: int = 99) -> Callable[[Any], None]:
    return lambda schema: schema["fields"].insert(at, declared)


def retyped(field: str, kind: Any) -> Callable[[Any], None]:
    def change(schema: Any) -> None:
        declared = next(f for f in schema["fields"] if f["name"] == field)
        declared["type"] = kind
        declared.pop("default", None)

    return change


def order_written_as(change: Callable[[Any], None]) -> Any:
    schema = json.loads(json.dumps(CATALOG.schema("order")))
    change(schema)
    return schema


STATUS = {"type": "enum", "name": "OrderStatus", "symbols": ["placed", "cancelled"]}
MORE_STATUS = {"type": "enum", "name": "OrderStatus", "symbols": ["placed", "cancelled", "refunded", "held"]}

READABLE: dict[str, tuple[Callable[[Any], None], dict[str, Any]]] = {
    "a field that is not known here": (with_field({"name": "warehouse", "type": "string"}, 3), {}),
    "a map that is not known here": (with_field({"name": "x", "type": {"type": "map", "values": "int"}}), {}),
    "no optional field": (without("channel"), {"channel": None}),
    "no field with a default": (without("backfill"), {"backfill": False}),
    "fewer symbols": (retyped("status", STATUS), {}),
    "a narrower number": (retyped("version", "int"), {}),
    "text that is always there": (retyped("number", "string"), {}),
    "branches the other way round": (retyped("number", ["string", "null"]), {}),
    "other field order": (lambda schema: schema["fields"].reverse(), {}),
}

UNREADABLE: dict[str, Callable[[Any], None]] = {
    "order: not written, and without a default": without("order_id"),
    "a number as text": retyped("total_minor", "string"),
    "a symbol that is not known": retyped("status", MORE_STATUS),
    "null where a value is required": retyped("currency", ["null", "string"]),
    "another record": lambda schema: schema.update(name="Invoice"),
}


class TwoSchemas:
    """The files, and one schema more under id 900."""

    def __init__(self, schema: Any) -> None:
        self._schema = schema

    def id_of(self, name: str) -> int:
        return CATALOG.ids[name][-1]

    def written(self, schema_id: int) -> Any:
        return self._schema if schema_id == 900 else CATALOG.version("order", schema_id)


def written(schema: Any, record: dict[str, Any]) -> bytes:
    body = io.BytesIO()
    filled = {"warehouse": "norte", "x": {"a": 1}, **record}
    fastavro.schemaless_writer(body, fastavro.parse_schema(schema), filled)
    return header(900) + body.getvalue()


@pytest.mark.parametrize("count", [1, MANY], ids=["one", "a block"])
@pytest.mark.parametrize("what", READABLE)
def test_an_order_is_read_that_was_written_with(what: str, count: int) -> None:
    change, differing = READABLE[what]
    schema = order_written_as(change)
    _, order = examples.load("order.placed")
    assert problems(CATALOG.type("order"), parse(schema)) == []
    decoded = Codec(TwoSchemas(schema)).decode_block("order", [written(schema, order)] * count)
    assert decoded.bad == []
    assert decoded.frame.to_dicts() == [order | differing] * count


@pytest.mark.parametrize("what", UNREADABLE)
def test_an_order_is_refused_that_was_written_with(what: str) -> None:
    schema = order_written_as(UNREADABLE[what])
    assert problems(CATALOG.type("order"), parse(schema))
    payload = header(900) + b"\x00" * 40
    decoded = Codec(TwoSchemas(schema)).decode_block("order", [payload] * MANY)
    assert [bad.reason for bad in decoded.bad] == [Reason.UNKNOWN_SCHEMA] * MANY


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "record", "name": "Order", "fields": [{"name": "next", "type": ["null", "Order"]}]},
        {
            "type": "record",
            "name": "Order",
            "fields": [{"name": "x", "type": {"type": "array", "items": "null"}}],
        },
        {"type": "record", "name": "Order", "fields": [{"name": "x", "type": "decimal"}]},
        "string",
    ],
    ids=["recursion", "items without bytes", "unknown type", "no record"],
)
def test_a_schema_is_refused_that_lets_few_bytes_claim_much(schema: Any) -> None:
    with pytest.raises(UnknownSchema):
        Codec(TwoSchemas(schema)).decode_one("order", header(900) + b"\x00" * 9)


def test_versions_of_one_topic_are_read_side_by_side() -> None:
    schema = order_written_as(without("channel"))
    codec = Codec(TwoSchemas(schema))
    orders = [examples.load("order.placed")[1] | {"order_id": str(i)} for i in range(3 * MANY)]
    payloads = [
        written(schema, o) if i % 3 == 1 else codec.encode_one("order", o) for i, o in enumerate(orders)
    ]
    payloads[7] = header(900)
    decoded = codec.decode_block("order", payloads)
    expected = [o | ({"channel": None} if i % 3 == 1 else {}) for i, o in enumerate(orders) if i != 7]
    assert decoded.frame.to_dicts() == expected
    assert decoded.rows == [i for i in range(len(orders)) if i != 7]
    assert [(bad.row, bad.reason) for bad in decoded.bad] == [(7, Reason.MALFORMED)]
