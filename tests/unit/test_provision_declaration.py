"""The topic declaration as the broker is told it."""

from pathlib import Path

import pytest

from schemas.provision import TopicSpec, load_topics

DAY_MS = 86_400_000
INPUTS = ("orders.v1", "interactions.v1", "contacts.v1")
EVERY_TOPIC = list(load_topics().values())
COMPACTED = [spec for spec in EVERY_TOPIC if spec.configs["cleanup.policy"] == "compact"]


@pytest.mark.parametrize("name", INPUTS)
def test_inputs_are_kept_without_limit_and_take_4_mb(name: str) -> None:
    configs = load_topics()[name].configs
    assert configs["retention.ms"] == "-1"
    assert configs["max.message.bytes"] == str(4 * 1024 * 1024)
    assert configs["message.timestamp.type"] == "LogAppendTime"


@pytest.mark.parametrize("spec", COMPACTED, ids=lambda spec: spec.name)
def test_compacted_topics_keep_tombstones_30_days(spec: TopicSpec) -> None:
    assert int(spec.configs["delete.retention.ms"]) >= 30 * DAY_MS


@pytest.mark.parametrize("spec", EVERY_TOPIC, ids=lambda spec: spec.name)
def test_every_topic_has_a_schema_file_a_producer_a_consumer_and_a_reason(spec: TopicSpec) -> None:
    # Only what is sent on as it came has no schema of its own.
    assert (spec.schema is None) == (spec.name == "rerouted.v1")
    assert spec.schema is None or (Path("schemas") / "avro" / f"{spec.schema}.avsc").is_file()
    assert spec.producers
    assert spec.consumers
    assert spec.why


def test_dead_letters_have_room_for_the_largest_input_and_its_envelope() -> None:
    largest = max(int(load_topics()[name].configs["max.message.bytes"]) for name in INPUTS)
    assert int(load_topics()["dead-letters.v1"].configs["max.message.bytes"]) > largest


def test_definitions_are_one_uncompacted_partition_whatever_the_default() -> None:
    spec = load_topics()["definitions.v1"]
    assert spec.partitions_of(64) == 1
    assert spec.configs["cleanup.policy"] == "delete"
