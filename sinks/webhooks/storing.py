"""One partition's fence, its restore and its transactions."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from schemas.codec import Codec
from schemas.records import Topic
from schemas.wire import BadRecord
from sinks.webhooks.crash import CrashPoint, CrashPoints
from sinks.webhooks.ledger import Batch, Ledger
from sinks.webhooks.settings import WebhookSettings

_QUIET_SECONDS = 1.0
_log = structlog.get_logger()


class StoreFailed(Exception):
    """The partition was lost, or the broker did not answer in time: the process ends."""


class Store:
    """What makes one partition's ledger durable. Its methods block; one thread at a time.

    `group` is the group's metadata as of the assignment: a consumer that one thread reads from does not
    answer another one.
    """

    def __init__(self, number: int, settings: WebhookSettings, group: Any, crash: CrashPoints) -> None:
        self._number = number
        self._settings = settings
        self._group = group
        self._crash = crash
        self._producer = Producer(
            {
                "bootstrap.servers": settings.bootstrap_servers,
                "transactional.id": f"{settings.webhooks_group}-{number}",
                "transaction.timeout.ms": int(settings.transaction_timeout_s * 1000),
                "compression.type": "lz4",
                "linger.ms": 0,
                "socket.nagle.disable": True,
                "message.max.bytes": 6 << 20,
                "log_level": 3,
            }
        )

    def fence(self) -> None:
        """Whoever had the partition can commit no more, and what was open is aborted. StoreFailed."""
        try:
            self._producer.init_transactions(self._settings.restore_deadline_s)
        except KafkaException as error:
            raise StoreFailed(f"init_transactions: {error}") from error
        self._crash.reached(CrashPoint.AFTER_FENCE)

    def restore(self, codec: Codec, committed: int) -> Ledger:
        """The ledger as the last owner left it, from a position read after the fence. StoreFailed."""
        deadline = time.monotonic() + self._settings.restore_deadline_s
        ledger = Ledger(self._number, codec, committed)
        for value in self._stored(deadline):
            self._crash.reached(CrashPoint.MID_RESTORE)
            try:
                ledger.restored(codec.decode_one("webhook_attempt", value))
            except (BadRecord, KeyError, TypeError) as error:
                _log.error("attempt_ignored", partition=self._number, error=str(error))
        return ledger

    def commit(self, batch: Batch) -> None:
        """Make a batch visible and move the position, together. StoreFailed.

        1. begin; 2. states, deliveries and dead letters; 3. the position; 4. commit.
        """
        limit = self._settings.transaction_timeout_s
        try:
            self._producer.begin_transaction()
            for note in batch.notes:
                self._produce(note.topic, note.value, note.key, note.headers)
            if self._crash.armed(CrashPoint.AFTER_PRODUCE):
                self._producer.flush(limit)
            self._crash.reached(CrashPoint.AFTER_PRODUCE)
            position = TopicPartition(Topic.AUTOMATION_ACTIONS, self._number, batch.next_offset)
            self._producer.send_offsets_to_transaction([position], self._group, limit)
            self._producer.commit_transaction(limit)
        except (KafkaException, BufferError, RuntimeError) as error:
            raise StoreFailed(f"partition {self._number}: {error}") from error
        self._crash.reached(CrashPoint.AFTER_COMMIT)

    def _produce(self, topic: str, value: bytes, key: bytes, headers: Any) -> None:
        while True:
            try:
                self._producer.produce(topic, value, key, self._number, headers=headers or None)
            except BufferError:
                self._producer.poll(0.1)
            else:
                return

    def _stored(self, deadline: float) -> Iterator[bytes]:
        """Values of webhook-attempts.v1, read committed, in log order, to its present end."""
        consumer = Consumer(
            {
                "bootstrap.servers": self._settings.bootstrap_servers,
                "group.id": f"{self._settings.webhooks_group}-restore-unused",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                "auto.offset.reset": "earliest",
            }
        )
        place = TopicPartition(Topic.WEBHOOK_ATTEMPTS, self._number)
        try:
            start, end = consumer.get_watermark_offsets(place, max(deadline - time.monotonic(), 1.0))
            while start < end:
                position, is_end = start, False
                for message in _read(consumer, TopicPartition(place.topic, place.partition, start), deadline):
                    if _is_end(message):
                        is_end = True
                        break
                    position = (message.offset() or 0) + 1
                    yield message.value() or b""
                if is_end:
                    return
                start = position
        except KafkaException as error:
            raise StoreFailed(f"restore of partition {self._number}: {error}") from error
        finally:
            consumer.close()


def _read(consumer: Consumer, place: TopicPartition, deadline: float) -> Iterator[Message]:
    """Messages until a second passes without one: the end may lie behind markers that are never shown."""
    consumer.assign([place])
    quiet_until = time.monotonic() + _QUIET_SECONDS
    while time.monotonic() < quiet_until:
        if time.monotonic() > deadline:
            raise StoreFailed(f"{place.topic} partition {place.partition} was not read to its end in time")
        for message in consumer.consume(1_000, 0.1):
            quiet_until = time.monotonic() + _QUIET_SECONDS
            error = message.error()
            if error is not None and not _is_end(message):
                raise KafkaException(error)
            yield message


def _is_end(message: Message) -> bool:
    error = message.error()
    return error is not None and error.code() == KafkaError._PARTITION_EOF  # noqa: SLF001 - the public name for it


def round_of(headers: Mapping[str, Any]) -> int:
    """The number in the header that marks a resend; 0 without one, or where it is no number."""
    text = headers.get("latido-resend") or b""
    digits = text.decode("ascii", "replace") if isinstance(text, bytes) else str(text)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 7 else 0
