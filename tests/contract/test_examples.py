"""Every schema has examples; every example survives each way of writing and reading it."""

import io
from typing import Any

import fastavro
import pytest

from schemas.catalog import Catalog
from schemas.codec import DECODE_NATIVELY_FROM, ENCODE_NATIVELY_FROM, Codec
from schemas.wire import HEADER_BYTES
from tests.contract import examples

CODEC = Codec()
MANY = max(DECODE_NATIVELY_FROM, ENCODE_NATIVELY_FROM)
every_example = pytest.mark.parametrize("name", examples.names())


def columns_of(record: dict[str, Any], count: int) -> dict[str, list[Any]]:
    return {field: [value] * count for field, value in record.items()}


@pytest.mark.parametrize("schema", Catalog().names())
def test_every_schema_has_an_example(schema: str) -> None:
    assert [name for name in examples.names() if name.startswith(f"{schema}.")]


@every_example
def test_an_example_names_every_field(name: str) -> None:
    schema, record = examples.load(name)
    assert list(record) == [field.name for field in Catalog().type(schema).fields]


@every_example
def test_one_by_one_an_example_comes_back(name: str) -> None:
    schema, record = examples.load(name)
    assert CODEC.decode_one(schema, CODEC.encode_one(schema, record)) == record


@every_example
def test_in_a_block_an_example_comes_back(name: str) -> None:
    schema, record = examples.load(name)
    payloads = CODEC.encode_block(schema, columns_of(record, MANY))
    decoded = CODEC.decode_block(schema, payloads)
    assert payloads == [CODEC.encode_one(schema, record)] * MANY
    assert (decoded.bad, decoded.rows) == ([], list(range(MANY)))
    assert decoded.columns == columns_of(record, MANY)


@every_example
def test_native_code_reads_an_example_without_help(name: str) -> None:
    schema, record = examples.load(name)
    payloads = [CODEC.encode_one(schema, record)] * MANY
    whole = CODEC._whole(schema, payloads)
    assert whole is not None
    assert whole.frame.to_dicts() == [record] * MANY


@every_example
def test_any_avro_library_reads_an_example_with_the_schema_file(name: str) -> None:
    schema, record = examples.load(name)
    body = io.BytesIO(CODEC.encode_one(schema, record)[HEADER_BYTES:])
    read = fastavro.schemaless_reader(body, fastavro.parse_schema(Catalog().schema(schema)), None)
    assert isinstance(read, dict)
    assert list(read) == list(record)
    assert not body.read()
