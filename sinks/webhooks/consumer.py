"""Reads automation-actions.v1, read committed, in a thread of its own, and hands it to the event loop."""

import asyncio
import threading
import time
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from confluent_kafka import OFFSET_INVALID, Consumer, KafkaException, Message, TopicPartition

from schemas.codec import Codec
from schemas.records import Topic
from sinks.webhooks.crash import CrashPoint, CrashPoints, fail
from sinks.webhooks.dispatcher import Dispatcher
from sinks.webhooks.ledger import Incoming, Ledger
from sinks.webhooks.settings import WebhookSettings
from sinks.webhooks.storing import Store, StoreFailed, round_of

_BATCH_RECORDS = 500
_DEADLINE_SECONDS = 60.0
_REVOKE_DRAIN_SECONDS = 1.0
_log = structlog.get_logger()


class ActionConsumer:
    """One member of the dispatcher's group. `run` blocks, in its own thread, until `stop` is set."""

    def __init__(
        self,
        settings: WebhookSettings,
        codec: Codec,
        dispatcher: Dispatcher,
        loop: asyncio.AbstractEventLoop,
        crash: CrashPoints,
    ) -> None:
        self.stop = threading.Event()
        self.is_assigned = False
        self.turned_at_s = time.monotonic()
        self._settings = settings
        self._codec = codec
        self._dispatcher = dispatcher
        self._loop = loop
        self._crash = crash
        self._consumer = Consumer(_configuration(settings))

    def run(self) -> None:
        """Consume until stopped, then commit and leave; any failure ends the process."""
        try:
            self._consumer.subscribe(
                [Topic.AUTOMATION_ACTIONS],
                on_assign=self._on_assign,
                on_revoke=self._on_revoke,
                on_lost=self._on_lost,
            )
            while not self.stop.is_set():
                self._turn()
            self._release(self._dispatcher.partitions, commit=True, seconds=self._settings.drain_s)
            self._consumer.close()
        except Exception as error:  # noqa: BLE001 - crash-only: the supervisor starts it anew
            fail(f"consumer: {error!r}")

    def _turn(self) -> None:
        messages = self._consumer.consume(_BATCH_RECORDS, 0.1)
        self.turned_at_s = time.monotonic()
        arrived: dict[int, list[Incoming]] = {}
        for message in messages:
            error = message.error()
            if error is None:
                arrived.setdefault(message.partition() or 0, []).append(_incoming(message))
            elif error.fatal():
                raise KafkaException(error)
            else:
                _log.warning("kafka", error=error.str())
        for number, records in arrived.items():
            self._in_loop(self._dispatcher.take(number, records), _DEADLINE_SECONDS)

    def _on_assign(self, consumer: Consumer, partitions: Sequence[TopicPartition]) -> None:
        numbers = [place.partition for place in partitions]
        opened = self._open(numbers)
        for ledger, store in opened:
            self._in_loop(self._dispatcher.adopt(ledger, store), _DEADLINE_SECONDS)
        consumer.assign(
            [
                TopicPartition(Topic.AUTOMATION_ACTIONS, ledger.number, ledger.next_offset)
                for ledger, _ in opened
            ]
        )
        self.is_assigned = True
        _log.info("partitions_assigned", partitions=numbers)

    def _open(self, numbers: Sequence[int]) -> list[tuple[Ledger, Store]]:
        """Take partitions over: fence all, then ask for their positions, then restore all."""
        if not numbers:
            return []
        group = self._consumer.consumer_group_metadata()
        stores = [Store(number, self._settings, group, self._crash) for number in numbers]
        with ThreadPoolExecutor(min(len(numbers), 16), thread_name_prefix="open") as threads:
            list(threads.map(Store.fence, stores))
            # Only the thread that reads may ask the consumer; no other gets an answer meanwhile.
            offsets = [self._committed(number) for number in numbers]
            ledgers = threads.map(Store.restore, stores, [self._codec] * len(stores), offsets)
            return list(zip(ledgers, stores, strict=True))

    def _committed(self, number: int) -> int:
        place = TopicPartition(Topic.AUTOMATION_ACTIONS, number)
        committed = self._consumer.committed([place], timeout=_DEADLINE_SECONDS)[0]
        if committed.error is not None:
            raise StoreFailed(f"the position of partition {number} is unknown: {committed.error}")
        return committed.offset if committed.offset > OFFSET_INVALID else 0

    def _on_revoke(self, consumer: Consumer, partitions: Sequence[TopicPartition]) -> None:
        self._crash.reached(CrashPoint.IN_REVOKE)
        self._give_up(consumer, partitions, commit=True)

    def _on_lost(self, consumer: Consumer, partitions: Sequence[TopicPartition]) -> None:
        self._give_up(consumer, partitions, commit=False)

    def _give_up(self, consumer: Consumer, partitions: Sequence[TopicPartition], *, commit: bool) -> None:
        self.is_assigned = False
        numbers = [place.partition for place in partitions]
        self._release(numbers, commit=commit, seconds=_REVOKE_DRAIN_SECONDS)
        consumer.unassign()

    def _release(self, numbers: Sequence[int], *, commit: bool, seconds: float) -> None:
        released = self._dispatcher.release(numbers, commit=commit, drain_seconds=seconds)
        self._in_loop(released, seconds + _DEADLINE_SECONDS)

    def _in_loop(self, work: Coroutine[Any, Any, None], seconds: float) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)


def _incoming(message: Message) -> Incoming:
    key, value = message.key(), message.value()
    return Incoming(
        offset=message.offset() or 0,
        timestamp_ms=message.timestamp()[1],
        key=key,
        value=value,
        round=round_of(dict(message.headers() or ())),
    )


def _configuration(settings: WebhookSettings) -> dict[str, str | int | bool]:
    return {
        "bootstrap.servers": settings.bootstrap_servers,
        "group.id": settings.webhooks_group,
        "isolation.level": "read_committed",
        "enable.auto.commit": False,
        "auto.offset.reset": "earliest",
        "partition.assignment.strategy": "range",
        "session.timeout.ms": settings.session_timeout_ms,
        "heartbeat.interval.ms": max(settings.session_timeout_ms // 4, 250),
        "queued.max.messages.kbytes": 4_096,
        "fetch.wait.max.ms": 50,
    }
