"""Deleting what lies before a generation's beginnings. Until it is done, restores pass it over."""

import time
from collections.abc import Iterable, Mapping

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from schemas.provision import load_topics

_TIMEOUT_S = 60
_PAUSE_S = 0.2
DELETABLE = {"cleanup.policy": "compact,delete", "retention.ms": "-1", "retention.bytes": "-1"}
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
    alter(admin, topics, DELETABLE)
    try:
        delete(admin, parts)
    finally:
        restore_policy(admin, topics)


def delete(admin: AdminClient, parts: list[TopicPartition]) -> None:
    """A broker confirms a policy before it acts by it, and refuses until then."""
    deadline = time.monotonic() + _TIMEOUT_S
    while True:
        try:
            for deleted in admin.delete_records(parts, request_timeout=_TIMEOUT_S).values():
                deleted.result(_TIMEOUT_S)
            return
        except KafkaException as refusal:
            if refusal.args[0].code() != KafkaError.POLICY_VIOLATION or time.monotonic() > deadline:
                raise
        time.sleep(_PAUSE_S)


def alter(admin: AdminClient, topics: Iterable[str], settings: Mapping[str, str]) -> None:
    """Give topics settings. KafkaException."""
    _alter(admin, [(topic, AlterConfigOpType.SET, settings) for topic in topics])


def restore_policy(admin: AdminClient, topics: Iterable[str]) -> None:
    """Give topics what schemas/topics.yaml declares, and nothing else of DELETABLE. KafkaException."""
    changes = []
    for topic in topics:
        declared = load_topics()[topic].configs
        changes.append(
            (topic, AlterConfigOpType.SET, {name: declared[name] for name in DELETABLE.keys() & declared})
        )
        changes.append((topic, AlterConfigOpType.DELETE, dict.fromkeys(DELETABLE.keys() - declared, "")))
    _alter(admin, changes)


def _alter(admin: AdminClient, changes: Iterable[tuple[str, AlterConfigOpType, Mapping[str, str]]]) -> None:
    entries: dict[str, list[ConfigEntry]] = {}
    for topic, operation, settings in changes:
        entries.setdefault(topic, []).extend(
            ConfigEntry(key, value, incremental_operation=operation) for key, value in settings.items()
        )
    resources = [
        ConfigResource(ResourceType.TOPIC, topic, incremental_configs=wanted)
        for topic, wanted in entries.items()
    ]
    for altered in admin.incremental_alter_configs(resources).values():
        altered.result(_TIMEOUT_S)
