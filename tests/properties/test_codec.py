"""Native code and the one-by-one paths are the same function, for every record of every schema."""

import io
from typing import Any

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.avrotype import Field, Kind, Type
from schemas.catalog import Catalog
from schemas.codec import DECODE_NATIVELY_FROM, ENCODE_NATIVELY_FROM, Codec, _plain
from schemas.columnwriter import EncodeError
from schemas.proof import NotProven
from schemas.wire import HEADER_BYTES
from tests.contract.examples import load
from tests.properties.avro_values import values

CATALOG = Catalog()
CODEC = Codec()
FEW_WIDE = settings(max_examples=25)
"""Records of thirty fields are slow to draw; every schema gets its own examples."""

every_schema = pytest.mark.parametrize("name", CATALOG.names())


def records(kind: Type) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(values(kind), min_size=1, max_size=6)


PLAIN = {name: _plain(CATALOG.schema(name)) for name in CATALOG.names()}


def read_by_fastavro(name: str, payload: bytes) -> Any:
    body = io.BytesIO(payload[HEADER_BYTES:])
    record = fastavro.schemaless_reader(body, PLAIN[name], None)
    assert not body.read()
    return record


def written_by_fastavro(name: str, record: dict[str, Any]) -> bytes:
    body = io.BytesIO()
    fastavro.schemaless_writer(body, PLAIN[name], record)
    return body.getvalue()


def _record_of(field: Field) -> bool:
    """Whether a field is a record or a list of them."""
    kind = field.type.optional or field.type
    if kind.kind is Kind.ARRAY:
        kind = kind.element.optional or kind.element
    return kind.kind is Kind.RECORD


def natively(name: str, payloads: list[bytes]) -> list[dict[str, Any]] | None:
    block = CODEC._plan(name, CATALOG.ids[name][-1]).block
    assert block is not None
    try:
        return block.read(payloads).to_dicts()
    except NotProven:
        return None


@every_schema
@FEW_WIDE
@given(data=st.data())
def test_three_readers_agree_on_every_record(name: str, data: st.DataObject) -> None:
    drawn = data.draw(records(CATALOG.type(name)))
    payloads = [CODEC.encode_one(name, record) for record in drawn]
    assert [CODEC.decode_one(name, payload) for payload in payloads] == drawn
    assert [read_by_fastavro(name, payload) for payload in payloads] == drawn
    whole = natively(name, payloads)
    # Numbers of ten bytes are left to the strict reader, for native code cuts their upper bits off.
    assert whole == drawn or (whole is None and has_ten_byte_number(drawn))


@every_schema
@FEW_WIDE
@given(data=st.data())
def test_blocks_are_written_as_fastavro_writes_each_record(name: str, data: st.DataObject) -> None:
    drawn = data.draw(records(CATALOG.type(name)))
    one_by_one = [CODEC.encode_one(name, record) for record in drawn]
    assert [payload[HEADER_BYTES:] for payload in one_by_one] == [
        written_by_fastavro(name, record) for record in drawn
    ]
    columns = {field: [record[field] for record in drawn] for field in drawn[0]}
    many = -(-ENCODE_NATIVELY_FROM // len(drawn))
    assert CODEC.encode_block(name, columns) == one_by_one
    series = dict(CODEC.decode_block(name, one_by_one).frame.to_dict())
    assert CODEC.encode_block(name, series) == one_by_one
    tiled = {field: column * many for field, column in columns.items()}
    assert CODEC.encode_block(name, tiled) == one_by_one * many
    assert CODEC.encode_block(name, tiled, nested=True) == one_by_one * many


NESTING = [name for name in CATALOG.names() if any(map(_record_of, CATALOG.type(name).fields))]


@pytest.mark.parametrize("name", NESTING)
@FEW_WIDE
@given(data=st.data())
def test_nested_records_may_be_tuples_or_written_ahead(name: str, data: st.DataObject) -> None:
    drawn = data.draw(records(CATALOG.type(name)))
    meant = [CODEC.encode_one(name, record) for record in drawn]
    columns = {field: [record[field] for record in drawn] for field in drawn[0]}
    nesting = [field for field in CATALOG.type(name).fields if _record_of(field)]
    tuples = {f.name: [_as_tuples(value, f.type) for value in columns[f.name]] for f in nesting}
    assert CODEC.encode_block(name, {**columns, **tuples}, nested=True) == meant
    for field in nesting:
        if (field.type.optional or field.type).kind is Kind.ARRAY:
            write = CODEC.element_writer(name, field.name)
            ahead = [
                value and [None if one is None else write(one) for one in value]
                for value in tuples[field.name]
            ]
            assert CODEC.encode_block(name, {**columns, field.name: ahead}, nested=True) == meant


def _as_tuples(value: Any, kind: Type) -> Any:
    kind = kind.optional or kind
    if isinstance(value, list):
        return [_as_tuples(one, kind.element) for one in value]
    return None if value is None else tuple(value[field.name] for field in kind.fields)


@every_schema
@FEW_WIDE
@given(data=st.data())
def test_a_block_of_any_size_comes_back_whole_and_in_order(name: str, data: st.DataObject) -> None:
    drawn = data.draw(records(CATALOG.type(name)))
    count = data.draw(st.sampled_from([1, DECODE_NATIVELY_FROM - 1, DECODE_NATIVELY_FROM, 100]))
    block = [drawn[i % len(drawn)] for i in range(count)]
    decoded = CODEC.decode_block(name, [CODEC.encode_one(name, record) for record in block])
    assert (decoded.bad, decoded.rows) == ([], list(range(count)))
    assert decoded.frame.to_dicts() == block


@pytest.mark.parametrize(
    "name", ["contact_profile", "contact_order", "contact_day", "segment_change", "milestone"]
)
def test_hot_outputs_are_written_by_native_code(name: str) -> None:
    assert CODEC._writer(name).block is not None


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("version", "1"),
        ("version", True),
        ("version", 1 << 63),
        ("placed_at", 1.5),
        ("currency", b"USD"),
        ("currency", "\ud800"),
        ("contact_id", None),
        ("status", "lost"),
        ("items", "text"),
        ("items", [{"sku": 1}]),
        ("items", [()]),
        ("items", [["sku"]]),
        ("backfill", 1),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(field: str, wrong: Any) -> None:
    _, order = load("order.backfill")
    assert CODEC.encode_one("order", order)
    with pytest.raises(EncodeError, match=field):
        CODEC.encode_one("order", {**order, field: wrong})


def has_ten_byte_number(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(has_ten_byte_number, value.values()))
    if isinstance(value, list):
        return any(map(has_ten_byte_number, value))
    return isinstance(value, int) and not -(1 << 62) <= value < 1 << 62
