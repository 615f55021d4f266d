"""Ids from a real registry (Apicurio), and what happens while it does not answer."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient

from deploy.local import registry as local_registry
from schemas.catalog import Catalog
from schemas.codec import DECODE_NATIVELY_FROM, Codec
from schemas.reasons import Reason
from schemas.registry import FORGET_UNKNOWN_SECONDS, RegistrySchemas
from schemas.wire import IncompatibleSchema, RegistryUnavailable, header, schema_id_of
from tests.contract import examples

QUICK = {"timeout": 2, "max.retries": 0}


class Hands:
    """A clock the test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


Connect = Callable[..., RegistrySchemas]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Makes registry clients that are closed after the test: `connect(address, catalog)`."""
    with ExitStack() as open_ones:

        def made(url: str, catalog: Catalog | None = None) -> RegistrySchemas:
            schemas = RegistrySchemas.at(url, QUICK, catalog)
            open_ones.callback(schemas.close)
            return schemas

        yield made


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    try:
        local_registry.home()
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
    running = local_registry.Registry(tmp_path_factory.mktemp("registry") / "registry.log")
    running.start()
    yield running.address
    running.stop()


def test_every_schema_is_registered_and_read_back(address: str, connect: Connect) -> None:
    schemas = connect(address)
    ids = schemas.register_all()
    assert set(ids) == set(Catalog().names())
    reading = Codec(connect(address))
    writing = Codec(schemas)
    for name in examples.names():
        schema, record = examples.load(name)
        payload = writing.encode_one(schema, record)
        assert schema_id_of(payload) == ids[schema]
        assert reading.decode_one(schema, payload) == record


def test_registering_again_gives_the_same_ids(address: str, connect: Connect) -> None:
    assert connect(address).register_all() == connect(address).register_all()


def test_subjects_refuse_a_schema_that_cannot_read_what_is_stored(address: str, connect: Connect) -> None:
    connect(address).register_all()
    breaking = Catalog().schema("order")
    breaking["fields"].append({"name": "warehouse", "type": "string"})

    class Breaking(Catalog):
        def schema(self, name: str) -> object:
            return breaking if name == "order" else super().schema(name)

    with pytest.raises(IncompatibleSchema, match="orders"):
        connect(address, Breaking()).id_of("order")


def test_an_order_of_a_newer_compatible_version_is_read(address: str, connect: Connect) -> None:
    connect(address).register_all()
    newer = Catalog().schema("order")
    newer["fields"].append({"name": "warehouse", "type": ["null", "string"], "default": None})
    with SchemaRegistryClient({"url": address}) as client:
        newer_id = client.register_schema("orders.v1-value", Schema(json.dumps(newer), "AVRO"))
    codec = Codec(connect(address))
    _, order = examples.load("order.placed")
    payload = header(newer_id) + codec.encode_one("order", order)[5:] + b"\x02\x06sur"
    decoded = codec.decode_block("order", [payload] * DECODE_NATIVELY_FROM)
    assert decoded.bad == []
    assert decoded.frame.to_dicts() == [order] * DECODE_NATIVELY_FROM


def test_an_id_nobody_registered_is_an_unknown_schema(address: str, connect: Connect) -> None:
    decoded = Codec(connect(address)).decode_block("order", [header(987_654) + b"\x00"])
    assert [bad.reason for bad in decoded.bad] == [Reason.UNKNOWN_SCHEMA]


def test_an_unknown_id_is_asked_for_again_after_a_while(address: str, connect: Connect) -> None:
    hands = Hands()
    _, order = examples.load("order.placed")
    future = max(connect(address).register_all().values()) + 2
    payload = header(future) + Codec().encode_one("order", order)[5:]
    late = Catalog().schema("order") | {"doc": "registered after its first message"}
    with SchemaRegistryClient({"url": address}) as client:
        codec = Codec(RegistrySchemas(client, monotonic=hands))
        assert codec.decode_block("order", [payload]).bad
        registered = 0
        while registered < future:
            late["doc"] += "."
            registered = client.register_schema("late-value", Schema(json.dumps(late), "AVRO"))
        assert codec.decode_block("order", [payload]).bad
        hands.now += FORGET_UNKNOWN_SECONDS
        assert codec.decode_block("order", [payload]).frame.to_dicts() == [order]


def test_a_registry_that_is_away_says_nothing_about_data(connect: Connect) -> None:
    away = Codec(connect("http://127.0.0.1:9"))
    with pytest.raises(RegistryUnavailable):
        away.decode_block("order", [header(1) + b"\x00"] * 2)
    with pytest.raises(RegistryUnavailable):
        away.decode_block("order", [header(1) + b"\x00"] * DECODE_NATIVELY_FROM)
    with pytest.raises(RegistryUnavailable):
        away.encode_one("order", examples.load("order.placed")[1])


def test_what_was_asked_for_once_goes_on_without_the_registry(tmp_path: Path, connect: Connect) -> None:
    try:
        local_registry.home()
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
    running = local_registry.Registry(tmp_path / "registry.log")
    running.start()
    try:
        codec = Codec(connect(running.address))
        _, order = examples.load("order.placed")
        payload = codec.encode_one("order", order)
        assert codec.decode_one("order", payload) == order
    finally:
        running.stop()
    assert codec.decode_block("order", [codec.encode_one("order", order)]).frame.to_dicts() == [order]
    with pytest.raises(RegistryUnavailable):
        codec.decode_block("order", [payload, header(55) + payload[5:]])
