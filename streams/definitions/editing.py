"""Editing definitions: an edit says what it was based on, and learns whether it counted."""

import json
from collections.abc import Mapping
from typing import Any

from confluent_kafka import Producer

from schemas.codec import Codec
from streams.definitions.reader import TOPIC, Definitions

FLUSH_SECONDS = 30.0


class EditConflict(Exception):
    """Somebody else's edit came first. Read the current version, then edit that."""


def edit(
    codec: Codec,
    kafka: Mapping[str, Any],
    definitions: Definitions,
    *,
    account_id: str,
    kind: str,
    id_: str,
    base_version: int,
    author: str,
    at_ms: int,
    body: Mapping[str, Any],
) -> int:
    """Publish one edit, wait until it is read back; its version. EditConflict, DefinitionsUnavailable."""
    record = {
        "account_id": account_id,
        "kind": kind,
        "id": id_,
        "version": base_version + 1,
        "base_version": base_version,
        "author": author,
        "at": at_ms,
        "deleted": False,
        "body": json.dumps(body, ensure_ascii=False, sort_keys=True),
    }
    producer = Producer({**kafka, "enable.idempotence": True, "partitioner": "murmur2_random"})
    producer.produce(TOPIC, codec.encode_one("definition", record), f"{account_id}|{kind}|{id_}".encode())
    if producer.flush(FLUSH_SECONDS):
        raise EditConflict("the broker did not take the edit in time: look whether it is there, then repeat")
    definitions.catch_up()
    current = definitions.get(account_id, kind, id_)
    if current is None or (current.version, current.author, current.at_ms) != (
        base_version + 1,
        author,
        at_ms,
    ):
        raise EditConflict(f"{kind} {id_} was changed meanwhile: it was not version {base_version} any more")
    return current.version
