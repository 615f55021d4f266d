"""Whom contacts.v1 says to have removed, and when: what they wrote before must not come back.

A reader thread follows the topic. It reads uncommitted: a removal that is aborted in the end only leaves a
text without a score.
"""

import logging
import threading
import time
from collections.abc import Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaError, Message, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from schemas.records import Topic

logger = logging.getLogger(__name__)

_BATCH = 10_000
_POLL_S = 0.05
_FETCH_WAIT_MS = 100


class ErasuresUnavailable(Exception):
    """contacts.v1 was not read to its end in time."""


class Erasures:
    """Removals by key of the contact. Thread-safe; used between `start` and `stop`."""

    def __init__(self, kafka: Mapping[str, Any], timeout_seconds: float = 30.0) -> None:
        self._kafka = dict(kafka)
        self._timeout = timeout_seconds
        self._removed_at_ms: dict[bytes, int] = {}
        self._read_to: dict[int, int] = {}
        self._admin = AdminClient(self._kafka)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="erasures", daemon=True)

    def start(self) -> None:
        """Read the topic to its present end, however long it is, then follow it."""
        ends = self._ends()
        self._read_to = dict.fromkeys(ends, 0)
        self._thread.start()
        while not self._reached(ends) and self._thread.is_alive():
            time.sleep(_POLL_S)

    def stop(self) -> None:
        """Stop following and leave the broker."""
        self._stopping.set()
        self._thread.join(self._timeout)

    def catch_up(self) -> None:
        """Wait until everything that is in the topic now was read. ErasuresUnavailable; KafkaException."""
        ends, deadline = self._ends(), time.monotonic() + self._timeout
        while not self._reached(ends):
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise ErasuresUnavailable(f"{Topic.CONTACTS} was not read to {ends} in time")
            time.sleep(_POLL_S)

    def removed_since(self, key: bytes, at_ms: int) -> bool:
        """Whether a contact was removed at an instant or after it, by arrival in the log."""
        return self._removed_at_ms.get(key, -1) >= at_ms

    def _ends(self) -> dict[int, int]:
        partitions = self._admin.list_topics(Topic.CONTACTS, self._timeout).topics[Topic.CONTACTS].partitions
        asked = self._admin.list_offsets(
            {TopicPartition(Topic.CONTACTS, number): OffsetSpec.latest() for number in partitions},
            request_timeout=self._timeout,
        )
        return {place.partition: int(told.result(self._timeout).offset) for place, told in asked.items()}

    def _reached(self, ends: Mapping[int, int]) -> bool:
        return all(self._read_to.get(partition, 0) >= end for partition, end in ends.items())

    def _follow(self) -> None:
        consumer = Consumer(
            {
                **self._kafka,
                "group.id": "latido-erasures-unused",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "earliest",
                "isolation.level": "read_uncommitted",
                "fetch.wait.max.ms": _FETCH_WAIT_MS,
            }
        )
        consumer.assign([TopicPartition(Topic.CONTACTS, number, 0) for number in self._read_to])
        try:
            while not self._stopping.is_set():
                for message in consumer.consume(_BATCH, _POLL_S):
                    self._take(message)
        finally:
            consumer.close()

    def _take(self, message: Message) -> None:
        error, offset, partition = message.error(), message.offset(), message.partition()
        if error is not None and error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 - its public name
            logger.warning("%s: %s", Topic.CONTACTS, error)
            return
        if offset is None or partition is None:
            return
        key = message.key()
        if error is None and message.value() is None and key is not None:
            self._removed_at_ms[key] = max(message.timestamp()[1], self._removed_at_ms.get(key, -1))
        self._read_to[partition] = offset if error is not None else offset + 1
