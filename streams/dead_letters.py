"""Reading dead letters, and sending them again after a fix."""

from collections.abc import Iterator, Mapping
from typing import Any

from confluent_kafka import Producer

from schemas.codec import Codec
from streams.verify.log import Log

TOPIC = "dead-letters.v1"
FLUSH_SECONDS = 60.0


def letters(
    codec: Codec, kafka: Mapping[str, Any], timeout_seconds: float = 60.0
) -> Iterator[dict[str, Any]]:
    """Every dead letter up to now, oldest first within its partition. VerifyFailed: not read in time."""
    log = Log(kafka, timeout_seconds)
    try:
        for partition in range(log.partitions(TOPIC)):
            first, end = log.bounds(TOPIC, partition)
            for records in log.read(TOPIC, partition, first, end):
                for record in records:
                    yield codec.decode_one("dead_letter", record.value or b"")
    finally:
        log.close()


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
