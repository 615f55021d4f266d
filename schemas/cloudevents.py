"""CloudEvents 1.0 in Kafka's binary mode: attributes as headers beside the Avro value."""

from datetime import UTC, datetime
from enum import StrEnum

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
    time = datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
    values = (
        b"1.0",
        event_id.encode(),
        f"/latido/accounts/{account_id}".encode(),
        TYPES[topic].encode(),
        time.replace("+00:00", "Z").encode(),
        contact_id.encode(),
        CONTENT_TYPE,
    )
    return list(zip(NAMES, values, strict=True))
