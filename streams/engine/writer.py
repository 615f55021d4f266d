"""Everything a partition writes: one transactional producer, fenced by its id."""

import logging
import time
from collections.abc import Sequence
from typing import Any

from confluent_kafka import KafkaException, Producer

from schemas.metrics import Stage
from streams.engine.contract import Output
from streams.engine.crash import CrashPoint
from streams.engine.shared import Shared

logger = logging.getLogger(__name__)

_QUEUE_RECORDS = 1_000_000
_SLICE_RECORDS = 100_000
_MESSAGE_BYTES = 8 * 1024 * 1024


def transactional_id_of(application: str, generation: int, partition: int) -> str:
    """Who holds this id, and nobody else, writes to the partition while its generation is this one."""
    return f"{application}-{generation}-{partition}"


class WriterFailed(Exception):
    """The transaction's fate may be unknown: the process must end."""


class TransactionalWriter:
    """Blocking; one thread at a time. Never used again after an exception.

    The id is `<application>-<generation>-<partition>`: a second writer with it fences this one, whose
    next commit raises.
    """

    def __init__(self, shared: Shared, partition: int, generation: int) -> None:
        settings = shared.settings
        transactional_id = transactional_id_of(shared.application.name, generation, partition)
        self._partition = partition
        self._deadline_s = settings.commit_deadline_s
        self._crash_points = shared.crash_points
        self._metrics = shared.metrics
        self._producer = Producer(
            {
                "bootstrap.servers": settings.bootstrap_servers,
                "client.id": transactional_id,
                "transactional.id": transactional_id,
                "transaction.timeout.ms": int(settings.transaction_timeout_s * 1000),
                "delivery.timeout.ms": int(settings.transaction_timeout_s * 1000),
                "request.timeout.ms": int(min(30.0, settings.transaction_timeout_s / 2) * 1000),
                "linger.ms": 5,
                "socket.nagle.disable": True,
                "compression.type": "lz4",
                "message.max.bytes": _MESSAGE_BYTES,
                "batch.size": 1024 * 1024,
                "queue.buffering.max.messages": _QUEUE_RECORDS,
                "queue.buffering.max.kbytes": 1024 * 1024,
                "log.connection.close": False,
            },
            logger=logger,
        )

    def fence(self, deadline_s: float) -> None:
        """Take the id over: aborts what an earlier owner left open, and fences it. WriterFailed."""
        try:
            self._producer.init_transactions(deadline_s)
        except KafkaException as failure:
            raise WriterFailed(f"init_transactions: {failure}") from failure

    def commit(self, outputs: Sequence[Output], watermark: Output) -> None:
        """Make outputs and watermark visible together, or raise WriterFailed.

        1. begin the transaction
        2. produce the outputs, in order, to the task's own partition unless they name another
        3. produce the watermark
        4. commit, which flushes first; from here on the chunk is applied
        """
        started = time.monotonic()
        deadline = started + self._deadline_s
        topics = [output.topic for output in outputs]
        try:
            self._producer.begin_transaction()
            for output in outputs:
                self._produce(output, deadline)
            self._crash_points.reached(CrashPoint.AFTER_PRODUCE, self._flush, topics)
            self._produce(watermark, deadline)
            self._crash_points.reached(CrashPoint.BEFORE_COMMIT, self._flush, topics)
            produced = time.monotonic()
            self._producer.commit_transaction(max(1.0, deadline - produced))
        except (KafkaException, BufferError) as failure:
            raise WriterFailed(str(failure)) from failure
        self._crash_points.reached(CrashPoint.AFTER_COMMIT_BEFORE_ACK, None, topics)
        self._observe(started, produced, time.monotonic())

    def _observe(self, started: float, produced: float, ended: float) -> None:
        self._metrics.stage_seconds.labels(Stage.PRODUCE).observe(produced - started)
        self._metrics.stage_seconds.labels(Stage.COMMIT).observe(ended - produced)
        self._metrics.transaction_seconds.observe(ended - started)

    def _flush(self) -> None:
        self._producer.flush(self._deadline_s)

    def _produce(self, output: Output, deadline: float) -> None:
        partition = self._partition if output.partition is None else output.partition
        write = self._produce_with_headers if output.headers else self._produce_batch
        for start in range(0, len(output.keys), _SLICE_RECORDS):
            write(output, partition, slice(start, start + _SLICE_RECORDS), deadline)

    def _produce_with_headers(self, output: Output, partition: int, part: slice, deadline: float) -> None:
        """The client's batches take no headers."""
        keys, values = output.keys[part], output.values[part]
        self._make_room(len(keys), deadline)
        produce, topic = self._producer.produce, output.topic
        for key, value, headers in zip(keys, values, output.headers[part], strict=True):
            produce(topic, value, key, partition, headers=list(headers))

    def _produce_batch(self, output: Output, partition: int, part: slice, deadline: float) -> None:
        messages: list[dict[str, Any]] = [
            {"key": key, "value": value}
            for key, value in zip(output.keys[part], output.values[part], strict=True)
        ]
        self._make_room(len(messages), deadline)
        taken = self._producer.produce_batch(output.topic, messages, partition=partition)
        if taken != len(messages):
            refusal = next(message["_error"] for message in messages if "_error" in message)
            raise WriterFailed(f"{output.topic}: {len(messages) - taken} records refused: {refusal}")

    def _make_room(self, records: int, deadline: float) -> None:
        while len(self._producer) + records > _QUEUE_RECORDS:
            if time.monotonic() > deadline:
                raise WriterFailed(f"{len(self._producer)} records wait for the broker")
            self._producer.poll(0.05)
