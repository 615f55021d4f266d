"""Topics as `topics.yaml` declares them: created, corrected, and checked for drift."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml
from confluent_kafka import TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    OffsetSpec,
    ResourceType,
)

_TOPICS = Path(__file__).with_name("topics.yaml")
_DAY_MS = 86_400_000
_TIMEOUT_SECONDS = 30.0


@dataclass(slots=True, frozen=True)
class TopicSpec:
    """One declared topic; `partitions` is None where LATIDO_PARTITIONS decides."""

    name: str
    schema: str | None
    key: str
    partitioner: str
    partitions: int | None
    configs: Mapping[str, str]
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    why: str

    def partitions_of(self, default: int) -> int:
        """How many partitions it has where co-partitioned topics have `default`."""
        return default if self.partitions is None else self.partitions


@cache
def load_topics() -> dict[str, TopicSpec]:
    """Every declared topic by name, in the file's order."""
    declared: dict[str, dict[str, Any]] = yaml.safe_load(_TOPICS.read_text())
    return {name: _spec(name, fields) for name, fields in declared.items()}


def apply(bootstrap: str, partitions: int, replicas: int = 1) -> list[str]:
    """Create missing topics and correct settings; what was done, a line each, nothing when all is right.

    Never touches the number of partitions of a topic that exists: keys would move away from their state.
    KafkaException if the broker is away or refuses.
    """
    admin = _admin(bootstrap)
    existing = _partition_counts(admin)
    missing = [spec for spec in load_topics().values() if spec.name not in existing]
    done = _create(bootstrap, missing, partitions, replicas)
    for name, wrong in _wrong_configs(admin, existing).items():
        _alter(admin, name, wrong)
        done += [f"{name}: set {key} to {value}" for key, (value, _) in wrong.items()]
    return done


def check(bootstrap: str, partitions: int) -> list[str]:
    """Where the broker differs from the declaration, a line each; empty when it does not.

    KafkaException if the broker is away.
    """
    admin = _admin(bootstrap)
    existing = _partition_counts(admin)
    drift = []
    for spec in load_topics().values():
        wanted, found = spec.partitions_of(partitions), existing.get(spec.name)
        if found is None:
            drift.append(f"{spec.name}: missing")
        elif found != wanted:
            drift.append(f"{spec.name}: {found} partitions, declared {wanted}")
    for name, wrong in _wrong_configs(admin, existing).items():
        drift += [f"{name}: {key} is {found}, declared {value}" for key, (value, found) in wrong.items()]
    return drift


def _spec(name: str, fields: dict[str, Any]) -> TopicSpec:
    partitions = fields["partitions"]
    return TopicSpec(
        name=name,
        schema=fields.get("schema"),
        key=fields["key"],
        partitioner=fields["partitioner"],
        partitions=None if partitions == "default" else int(partitions),
        configs=_configs(fields),
        producers=tuple(fields["producers"]),
        consumers=tuple(fields["consumers"]),
        why=fields["why"],
    )


def _configs(fields: dict[str, Any]) -> dict[str, str]:
    """The declaration in Kafka's names."""
    configs = {"cleanup.policy": str(fields["cleanup"])}
    if "retention_days" in fields:
        days = int(fields["retention_days"])
        configs["retention.ms"] = str(days if days < 0 else days * _DAY_MS)
    if "tombstone_days" in fields:
        configs["delete.retention.ms"] = str(int(fields["tombstone_days"]) * _DAY_MS)
    if "max_message_mb" in fields:
        configs["max.message.bytes"] = str(int(fields["max_message_mb"]) * 1024 * 1024)
    if "timestamp" in fields:
        configs["message.timestamp.type"] = str(fields["timestamp"])
    return configs


def _admin(bootstrap: str) -> AdminClient:
    return AdminClient({"bootstrap.servers": bootstrap})


def _partition_counts(admin: AdminClient) -> dict[str, int]:
    topics = admin.list_topics(timeout=_TIMEOUT_SECONDS).topics
    return {name: len(metadata.partitions) for name, metadata in topics.items()}


def _create(bootstrap: str, specs: list[TopicSpec], partitions: int, replicas: int) -> list[str]:
    if not specs:
        return []
    new = [
        NewTopic(spec.name, spec.partitions_of(partitions), replicas, config=dict(spec.configs))
        for spec in specs
    ]
    admin = _admin(bootstrap)
    for created in admin.create_topics(new, operation_timeout=_TIMEOUT_SECONDS).values():
        created.result(_TIMEOUT_SECONDS)
    _await_leaders(bootstrap, [part for spec in specs for part in _parts(spec, partitions)])
    return [f"{spec.name}: created with {spec.partitions_of(partitions)} partitions" for spec in specs]


def _parts(spec: TopicSpec, partitions: int) -> list[TopicPartition]:
    return [TopicPartition(spec.name, number) for number in range(spec.partitions_of(partitions))]


def _await_leaders(bootstrap: str, parts: list[TopicPartition]) -> None:
    """A broker confirms a topic before its leaders answer; who asks right then is refused.

    Each time with a client of its own: one that has seen a topic of that name before goes on asking for it.
    """
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while parts:
        admin = _admin(bootstrap)
        asked = admin.list_offsets(dict.fromkeys(parts, cast("OffsetSpec", OffsetSpec.latest())))
        parts = [part for part, answer in asked.items() if answer.exception(_TIMEOUT_SECONDS)]
        if parts and time.monotonic() > deadline:
            asked[parts[0]].result()
        time.sleep(0.05 if parts else 0)


def _wrong_configs(admin: AdminClient, existing: Mapping[str, int]) -> dict[str, dict[str, tuple[str, str]]]:
    """By topic and setting: (declared, found), of declared topics that exist."""
    present = [name for name in load_topics() if name in existing]
    if not present:
        return {}
    asked = admin.describe_configs([ConfigResource(ResourceType.TOPIC, name) for name in present])
    wrong: dict[str, dict[str, tuple[str, str]]] = {}
    for resource, answer in asked.items():
        found = answer.result(_TIMEOUT_SECONDS)
        for key, value in load_topics()[resource.name].configs.items():
            if found[key].value != value:
                wrong.setdefault(resource.name, {})[key] = (value, found[key].value)
    return wrong


def _alter(admin: AdminClient, name: str, wrong: Mapping[str, tuple[str, str]]) -> None:
    entries = [
        ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
        for key, (value, _) in wrong.items()
    ]
    resource = ConfigResource(ResourceType.TOPIC, name, incremental_configs=entries)
    for altered in admin.incremental_alter_configs([resource]).values():
        altered.result(_TIMEOUT_SECONDS)
