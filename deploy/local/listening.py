"""Hears segment changes as a subscriber does: read committed, from now on."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from confluent_kafka import OFFSET_END, Consumer, TopicPartition

from schemas.codec import default_codec
from schemas.records import Topic

_ANSWER_SECONDS = 10.0


def segment_changes(bootstrap_servers: str) -> Iterator[dict[str, Any]]:
    """Changes as they happen, without end."""
    settings = {
        "bootstrap.servers": bootstrap_servers,
        "group.id": "demo-listener",
        "isolation.level": "read_committed",
        "enable.auto.commit": False,
    }
    with closing(Consumer(settings)) as consumer:
        topic = consumer.list_topics(Topic.SEGMENT_CHANGES, _ANSWER_SECONDS).topics[Topic.SEGMENT_CHANGES]
        consumer.assign([TopicPartition(Topic.SEGMENT_CHANGES, n, OFFSET_END) for n in topic.partitions])
        while True:
            message = consumer.poll(0.5)
            if message is None or message.error() is not None:
                continue
            value = message.value()
            if value is not None:
                yield default_codec().decode_one("segment_change", value)
