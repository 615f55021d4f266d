"""Reading dead letters, and sending them again after a fix."""

from collections.abc import Iterator, Mapping
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition

from schemas.codec import Codec

TOPIC = "dead-letters.v1"
FLUSH_SECONDS = 60.0


def letters(
    codec: Codec, kafka: Mapping[str, Any], timeout_seconds: float = 30.0
) -> Iterator[dict[str, Any]]:
    """Every dead letter up to now, oldest first within its partition."""
    consumer = Consumer(
        {**kafka, "group.id": "latido-dlq-unused", "enable.auto.commit": False, "enable.partition.eof": False}
    )
    try:
        known = consumer.list_topics(TOPIC, timeout_seconds).topics[TOPIC].partitions
        for partition in sorted(known):
            yield from _partition(codec, consumer, TopicPartition(TOPIC, partition, 0), timeout_seconds)
    finally:
        consumer.close()


def _partition(
    codec: Codec, consumer: Consumer, start: TopicPartition, timeout_seconds: float
) -> Iterator[dict[str, Any]]:
    first, end = consumer.get_watermark_offsets(start, timeout_seconds)
    start.offset = first
    consumer.assign([start])
    while consumer.position([start])[0].offset < end and first < end:
        messages = consumer.consume(500, timeout_seconds)
        if not messages:
            raise TimeoutError(f"{TOPIC} partition {start.partition} was not read to its end in time")
        for message in messages:
            if message.error() is None and (message.offset() or 0) < end:
                yield codec.decode_one("dead_letter", message.value() or b"")


def redrive(kafka: Mapping[str, Any], chosen: Iterator[Mapping[str, Any]]) -> int:
    """Send letters to the topics they came from, byte for byte; how many. Repeating it changes no state."""
    producer = Producer(
        {**kafka, "enable.idempotence": True, "partitioner": "murmur2_random", "message.max.bytes": 4 << 20}
    )
    sent = 0
    for letter in chosen:
        headers = [(header["name"], header["value"]) for header in letter["headers"]]
        while True:
            try:
                producer.produce(letter["topic"], letter["value"], letter["key"], headers=headers)
            except BufferError:
                producer.poll(0.1)
            else:
                break
        sent += 1
    waiting = producer.flush(FLUSH_SECONDS)
    if waiting:
        raise TimeoutError(
            f"{waiting} of {sent} letters were not taken by the broker in time; send them again"
        )
    return sent
