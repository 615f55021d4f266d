"""Tests that share a broker do not see each other."""

from confluent_kafka import Consumer, Producer, TopicPartition

from tests.fixtures.kafka import Kafka


def test_provisioning_again_leaves_neither_records_nor_groups(kafka: Kafka) -> None:
    bootstrap = kafka.provision(partitions=1)
    producer = Producer({"bootstrap.servers": bootstrap})
    producer.produce("orders.v1", value=b"of an earlier test", partition=0)
    assert producer.flush(30) == 0
    reader = Consumer({"bootstrap.servers": bootstrap, "group.id": "earlier"})
    reader.commit(offsets=[TopicPartition("orders.v1", 0, 1)], asynchronous=False)
    reader.close()

    kafka.provision(partitions=1)

    reader = Consumer({"bootstrap.servers": bootstrap, "group.id": "earlier"})
    assert reader.get_watermark_offsets(TopicPartition("orders.v1", 0), timeout=30) == (0, 0)
    assert reader.committed([TopicPartition("orders.v1", 0)], timeout=30)[0].offset < 0
    reader.close()
