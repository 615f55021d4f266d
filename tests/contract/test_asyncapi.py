"""The AsyncAPI document says what the topics, the schemas and the dispatcher do."""

import json
from typing import Any

import jsonschema_rs
import pytest
import yaml

from schemas import asyncapi
from schemas.catalog import Catalog
from schemas.cloudevents import NAMES
from schemas.records import Topic
from sinks.webhooks.payload import payload
from sinks.webhooks.signing import signed_headers
from tests.contract import examples

DOCUMENT: dict[str, Any] = yaml.safe_load(asyncapi.FILE.read_text("utf-8"))
CATALOG = Catalog()
ACTIONS = [name for name in examples.names() if name.startswith("automation_action.")]


def test_the_file_is_what_the_contracts_make() -> None:
    assert asyncapi.FILE.read_text("utf-8") == asyncapi.text()


@pytest.mark.parametrize("topic", asyncapi.PUBLIC)
def test_a_public_topic_is_there_with_its_avro_schema(topic: Topic) -> None:
    channel = next(one for one in DOCUMENT["channels"].values() if one["address"] == topic)
    (reference,) = channel["messages"].values()
    message = resolve(reference)
    declared = CATALOG.topics[topic]
    assert message["payload"]["schema"] == CATALOG.schema(declared["schema"])
    assert declared["key"] in channel["description"]


def test_every_reference_leads_somewhere() -> None:
    found = list(references(DOCUMENT))
    assert len(found) > len(DOCUMENT["channels"])
    assert all(resolve(one) for one in found)


def test_every_channel_has_its_operation() -> None:
    used = {one["channel"]["$ref"] for one in DOCUMENT["operations"].values()}
    assert used == {f"#/channels/{name}" for name in DOCUMENT["channels"]}


@pytest.mark.parametrize("name", ACTIONS)
def test_what_is_sent_is_what_the_document_promises(name: str) -> None:
    _, action = examples.load(name)
    body = payload({**action, "endpoint_id": "x"})
    webhook = DOCUMENT["components"]["messages"]["webhook"]
    jsonschema_rs.validate(webhook["payload"], json.loads(body))
    jsonschema_rs.validate(webhook["headers"], signed_headers([b"x" * 32], "act_1", 1, body))


def test_a_body_that_says_more_is_not_what_was_promised() -> None:
    _, action = examples.load("automation_action.webhook")
    body = json.loads(payload(action))
    body["data"]["document"] = "123"
    assert not jsonschema_rs.is_valid(DOCUMENT["components"]["messages"]["webhook"]["payload"], body)


def test_every_public_record_promises_the_headers_of_cloudevents() -> None:
    for topic in asyncapi.PUBLIC:
        channel = next(one for one in DOCUMENT["channels"].values() if one["address"] == topic)
        message = resolve(next(iter(channel["messages"].values())))
        assert message["headers"]["required"] == list(NAMES)


def references(node: Any) -> Any:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def resolve(reference: dict[str, str]) -> Any:
    node: Any = DOCUMENT
    for part in reference["$ref"].removeprefix("#/").split("/"):
        node = node[part]
    return node
