"""CloudEvents 1.0 in Kafka's binary mode: attributes as headers beside the Avro value."""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from schemas.records import Topic

Headers = list[tuple[str, bytes]]


class EventType(StrEnum):
    """The attribute `type`."""

    SEGMENT_CHANGE = "latido.segment.changed.v1"
    MILESTONE = "latido.milestone.reached.v1"
    ACTION = "latido.automation.action.v1"
    DELIVERY = "latido.webhook.delivery.v1"


TYPES = {
    Topic.SEGMENT_CHANGES: EventType.SEGMENT_CHANGE,
    Topic.MILESTONES: EventType.MILESTONE,
    Topic.AUTOMATION_ACTIONS: EventType.ACTION,
    Topic.WEBHOOK_DELIVERIES: EventType.DELIVERY,
}
CONTENT_TYPE = b"application/avro"
NAMES = ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_subject", "content-type")
"""Every header, in the order in which they are written."""


def headers(topic: Topic, event_id: str, account_id: str, contact_id: str, at_ms: int) -> Headers:
    """Headers of one event; KeyError for a topic that carries none. `at_ms`: when it happened."""
    return block_headers(topic, [event_id], [account_id], [contact_id], [at_ms])[0]


def block_headers(
    topic: Topic,
    event_ids: Sequence[str],
    account_ids: Sequence[str],
    contact_ids: Sequence[str],
    at_ms: Sequence[int],
) -> list[Headers]:
    """Headers of many events of one topic: what is equal for all of them, or for an account, is made once."""
    version, id_, source, type_, time, subject, content_type = NAMES
    versioned, content = (version, b"1.0"), (content_type, CONTENT_TYPE)
    typed = (type_, TYPES[topic].encode())
    sources = {one: (source, f"/latido/accounts/{one}".encode()) for one in set(account_ids)}
    times = np.datetime_as_string(np.array(at_ms, dtype="datetime64[ms]"), timezone="UTC").tolist()
    return [
        [
            versioned,
            (id_, event_id.encode()),
            sources[account_id],
            typed,
            (time, at.encode()),
            (subject, contact_id.encode()),
            content,
        ]
        for event_id, account_id, contact_id, at in zip(
            event_ids, account_ids, contact_ids, times, strict=True
        )
    ]
