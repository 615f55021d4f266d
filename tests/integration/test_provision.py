"""Provisioning against a real broker."""

from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from schemas import provision
from tests.fixtures.kafka import Kafka


def _set(bootstrap: str, topic: str, key: str, value: str) -> None:
    entry = ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for done in admin.incremental_alter_configs([resource]).values():
        done.result(30)


def _delete(bootstrap: str, topic: str) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for done in admin.delete_topics([topic], operation_timeout=30).values():
        done.result(30)


def test_a_provisioned_broker_needs_nothing_and_shows_no_drift(kafka: Kafka) -> None:
    bootstrap = kafka.provision(partitions=3)
    assert provision.apply(bootstrap, 3) == []
    assert provision.check(bootstrap, 3) == []


def test_every_declared_topic_is_created_with_its_partitions(kafka: Kafka) -> None:
    bootstrap = kafka.provision(partitions=3)
    topics = AdminClient({"bootstrap.servers": bootstrap}).list_topics(timeout=30).topics
    found = {name: len(topic.partitions) for name, topic in topics.items() if not name.startswith("__")}
    assert found == {name: spec.partitions_of(3) for name, spec in provision.load_topics().items()}


def test_drift_is_reported_and_apply_mends_what_it_may(kafka: Kafka) -> None:
    bootstrap = kafka.provision(partitions=3)
    _set(bootstrap, "orders.v1", "retention.ms", "1000")
    _delete(bootstrap, "milestones.v1")
    assert sorted(provision.check(bootstrap, 3)) == [
        "milestones.v1: missing",
        "orders.v1: retention.ms is 1000, declared -1",
    ]
    assert sorted(provision.apply(bootstrap, 3)) == [
        "milestones.v1: created with 3 partitions",
        "orders.v1: set retention.ms to -1",
    ]
    assert provision.check(bootstrap, 3) == []


def test_other_partition_counts_are_drift_that_apply_leaves_alone(kafka: Kafka) -> None:
    bootstrap = kafka.provision(partitions=3)
    drift = provision.check(bootstrap, 5)
    assert "orders.v1: 3 partitions, declared 5" in drift
    assert not [line for line in drift if line.startswith("definitions.v1")]
    assert provision.apply(bootstrap, 5) == []
    assert provision.check(bootstrap, 5) == drift
