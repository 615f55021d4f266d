"""Which version of an account's model each partition has taken, as clock.v1 records it."""

from collections.abc import Mapping
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from schemas.codec import Codec

TOPIC = "clock.v1"


def adopted_versions(
    codec: Codec, kafka: Mapping[str, Any], account_id: str, timeout_seconds: float = 30.0
) -> dict[int, int]:
    """Version by partition, of partitions that know the account. TimeoutError if the log is too slow."""
    consumer = Consumer(
        {
            **kafka,
            "group.id": "latido-adoption-unused",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
        }
    )
    versions: dict[int, int] = {}
    try:
        partitions = sorted(consumer.list_topics(TOPIC, timeout_seconds).topics[TOPIC].partitions)
        consumer.assign([TopicPartition(TOPIC, partition, 0) for partition in partitions])
        waiting = set(partitions)
        while waiting:
            message = consumer.poll(timeout_seconds)
            if message is None:
                raise TimeoutError(f"{TOPIC} was not read to its end in time")
            partition = message.partition() or 0
            if message.error():
                waiting.discard(partition)
                continue
            step = codec.decode_one("clock_step", message.value() or b"")
            if step["account_id"] == account_id:
                versions[partition] = step["model_version"]
        return versions
    finally:
        consumer.close()
