"""Deleting what lies before a generation's beginnings. Until it is done, restores pass it over."""

from collections.abc import Iterable, Mapping

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from schemas.provision import load_topics

_TIMEOUT_S = 60
_DELETABLE = {"cleanup.policy": "compact,delete", "retention.ms": "-1", "retention.bytes": "-1"}
"""Kafka deletes records on request only where the policy allows it; none may go by age or size."""


def drop(bootstrap_servers: str, begins: Mapping[int, Mapping[str, int]]) -> None:
    """Delete the records of each partition before `begins[partition][topic]`. KafkaException; repeatable.

    A topic left with the wider policy by a crash in between loses nothing by it, and `latido topics apply`
    sets it right.
    """
    admin = AdminClient({"bootstrap.servers": bootstrap_servers})
    parts = [
        TopicPartition(topic, partition, offset)
        for partition, topics in begins.items()
        for topic, offset in topics.items()
        if offset
    ]
    topics = sorted({part.topic for part in parts})
    if not parts:
        return
    _alter(admin, topics, AlterConfigOpType.SET, _DELETABLE)
    try:
        for deleted in admin.delete_records(parts, request_timeout=_TIMEOUT_S).values():
            deleted.result(_TIMEOUT_S)
    finally:
        _alter(admin, topics, AlterConfigOpType.DELETE, {"retention.ms": "", "retention.bytes": ""})
        for topic in topics:
            _alter(admin, [topic], AlterConfigOpType.SET, load_topics()[topic].configs)


def _alter(
    admin: AdminClient, topics: Iterable[str], operation: AlterConfigOpType, settings: Mapping[str, str]
) -> None:
    resources = [
        ConfigResource(
            ResourceType.TOPIC,
            topic,
            incremental_configs=[
                ConfigEntry(key, value, incremental_operation=operation) for key, value in settings.items()
            ],
        )
        for topic in topics
    ]
    for altered in admin.incremental_alter_configs(resources).values():
        altered.result(_TIMEOUT_S)
