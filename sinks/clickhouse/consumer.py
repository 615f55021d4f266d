"""Reads the output topics and hands batches to ClickHouse.

Order of a batch:
1. records are read, read committed, in log order;
2. they are decoded; what cannot be decoded becomes a refusal;
3. where the outputs end now is sampled for every watermark among them;
4. everything is inserted, one insert a table, retried until it succeeds;
5. positions and freshness move;
6. offsets are committed, without waiting for the broker.
A crash anywhere before 6 repeats the batch, which changes nothing.
"""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future

import structlog
from confluent_kafka import (
    OFFSET_INVALID,
    Consumer,
    IsolationLevel,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec

from schemas.codec import Codec
from schemas.metrics import Metrics
from sinks.clickhouse.batch import Arrival, Batch, Position, place
from sinks.clickhouse.database import Database
from sinks.clickhouse.freshness import Freshness, Source
from sinks.clickhouse.freshness_rows import store
from sinks.clickhouse.progress import Progress
from sinks.clickhouse.tables import ACTIONS, DEFINITIONS, DELIVERIES, TABLES, WATERMARKS
from sinks.clickhouse.writer import Prepared, Writer, prepare
from sinks.settings import SinkSettings

_log = structlog.get_logger()
_APART = {table.topic for table in (WATERMARKS, DEFINITIONS, ACTIONS, DELIVERIES)}
_OUTPUTS = tuple(topic for topic in TABLES if topic not in _APART)
_DEADLINE_SECONDS = 30.0
_GATHER_SECONDS = 0.05
"""What one transaction wrote comes from several partitions, a moment apart."""
_LEAVE_SECONDS = 5.0


class SinkConsumer:
    """One member of the sink's consumer group. `run` blocks until `stop` is set."""

    def __init__(
        self, settings: SinkSettings, database: Database, codec: Codec, progress: Progress, metrics: Metrics
    ) -> None:
        self.stop = threading.Event()
        self._settings = settings
        self._database = database
        self._codec = codec
        self._metrics = metrics
        self._writer = Writer(database, metrics, self._retry)
        self._progress = progress
        self._freshness = Freshness()
        self._batch = Batch()
        self._flushed_at = 0.0
        self._assignment = 0
        self._paused = False
        self._admin = AdminClient({"bootstrap.servers": settings.bootstrap_servers})
        self._consumer = Consumer({**_configuration(settings), "on_commit": _on_commit})

    def run(self) -> None:
        """Consume until stopped, then insert and commit what is waiting, as far as the broker answers."""
        self._consumer.subscribe(list(TABLES), on_assign=self._on_assign, on_revoke=self._on_revoke)
        try:
            while not self.stop.is_set():
                self._turn(_GATHER_SECONDS)
                if self._is_due():
                    self._flush()
            if self._batch.ends:
                self._flush()
        finally:
            self._leave()

    def _leave(self) -> None:
        """Leave the group once the commits are through. A broker that does not answer is not waited for."""
        leaving = threading.Thread(target=self._consumer.close, name="leave", daemon=True)
        leaving.start()
        leaving.join(_LEAVE_SECONDS)
        if leaving.is_alive():
            _log.warning("the broker does not answer; leaving without its consent")

    def _is_due(self) -> bool:
        settings = self._settings
        if self._batch.full(settings.sink_batch_records, settings.sink_batch_bytes):
            return True
        rested = time.monotonic() - self._flushed_at >= settings.sink_batch_seconds
        return rested and self._batch.waits(_GATHER_SECONDS)

    def _turn(self, timeout_seconds: float) -> None:
        self._progress.beat()
        for message in self._consumer.consume(1_000, timeout_seconds):
            error = message.error()
            if error is None:
                self._batch.add(Arrival.of(message))
            elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - the client's public name for it
                self._batch.reach(*place(message))
            elif error.fatal():
                raise KafkaException(error)
            else:
                _log.warning("kafka", error=error.str())

    def _flush(self) -> None:
        batch, self._batch, self._flushed_at = self._batch, Batch(), time.monotonic()
        assignment = self._assignment
        prepared = prepare(self._codec, batch)
        claims = self._claims(prepared)
        self._insert(prepared)
        if assignment != self._assignment:
            return
        for source, at_ms in prepared.caught_up.items():
            if claims is not None:
                self._freshness.claim(source, at_ms, claims[source])
        self._progress.insert(batch.ends)
        self._observe(prepared)
        store(self._database, self._freshness.settle(self._progress.positions()))
        self._commit(batch)

    def _insert(self, prepared: Prepared) -> None:
        """Insert in another thread while this one keeps its place in the group; reads nothing meanwhile."""
        done: Future[None] = Future()
        threading.Thread(target=self._write, args=(prepared, done), name="insert", daemon=True).start()
        try:
            while not _finished(done, 1.0):
                self._pause()
                self._turn(0.1)
        finally:
            self._resume()
        done.result()

    def _write(self, prepared: Prepared, done: "Future[None]") -> None:
        try:
            self._writer.write(prepared)
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits for it
            done.set_exception(error)
        else:
            self._progress.failing(False)
            done.set_result(None)

    def _retry(self, error: Exception) -> bool:
        _log.warning("insert failed, trying again", error=str(error)[:500])
        self._progress.failing(True)
        return not self.stop.is_set()

    def _claims(self, prepared: Prepared) -> dict[Source, dict[Position, int]] | None:
        """Where the outputs of every caught-up partition end now; None if the broker does not say."""
        sources = list(prepared.caught_up)
        positions = [(topic, partition) for _, partition in sources for topic in _OUTPUTS]
        if not positions:
            return {}
        latest = OffsetSpec.latest()
        request = {TopicPartition(*position): latest for position in positions}
        try:
            answers = self._admin.list_offsets(
                request, isolation_level=IsolationLevel.READ_UNCOMMITTED, request_timeout=5.0
            )
            ends = {(tp.topic, tp.partition): future.result(6.0).offset for tp, future in answers.items()}
        except (KafkaException, TimeoutError) as error:
            _log.warning("ends of the outputs are unknown", error=str(error))
            return None
        return {
            source: {(topic, source[1]): ends[topic, source[1]] for topic in _OUTPUTS} for source in sources
        }

    def _observe(self, prepared: Prepared) -> None:
        if prepared.changed_at_ms is not None:
            self._metrics.queryable_seconds.observe(max(time.time() - prepared.changed_at_ms / 1000, 0.0))
        for position, offset in self._progress.positions().items():
            # What the client knows from its last fetch; -1001 before the first.
            _, end = self._consumer.get_watermark_offsets(TopicPartition(*position), cached=True)
            self._metrics.sink_lag_records.labels(position[0], str(position[1])).set(max(end - offset, 0))

    def _commit(self, batch: Batch) -> None:
        """Send the commit. Waiting for its answer would keep signals and the group waiting as well."""
        offsets = [TopicPartition(topic, partition, end) for (topic, partition), end in batch.ends.items()]
        self._consumer.commit(offsets=offsets, asynchronous=True)

    def _pause(self) -> None:
        if not self._paused:
            self._consumer.pause(self._consumer.assignment())
            self._paused = True

    def _resume(self) -> None:
        if self._paused:
            self._consumer.resume(self._consumer.assignment())
            self._paused = False

    def _on_assign(self, consumer: Consumer, partitions: Sequence[TopicPartition]) -> None:
        committed = consumer.committed(list(partitions), timeout=_DEADLINE_SECONDS) if partitions else []
        consumer.assign(committed)
        if self._paused and committed:
            consumer.pause(committed)
        self._progress.assign(
            {(tp.topic, tp.partition): None if tp.offset <= OFFSET_INVALID else tp.offset for tp in committed}
        )
        _log.info("partitions assigned", count=len(committed))

    def _on_revoke(self, consumer: Consumer, _partitions: Sequence[TopicPartition]) -> None:
        self._assignment += 1
        self._batch = Batch()
        self._freshness.forget()
        self._progress.assign({})
        consumer.unassign()


def _on_commit(error: KafkaError | None, _offsets: Sequence[TopicPartition]) -> None:
    if error is not None:
        _log.warning("offsets not committed; the batch may be read again", error=error.str())


def _finished(done: "Future[None]", timeout_seconds: float) -> bool:
    try:
        done.exception(timeout_seconds)
    except TimeoutError:
        return False
    return True


def _configuration(settings: SinkSettings) -> dict[str, str | int | bool]:
    return {
        "bootstrap.servers": settings.bootstrap_servers,
        "group.id": settings.sink_group,
        "isolation.level": "read_committed",
        "enable.auto.commit": False,
        "auto.offset.reset": "earliest",
        "enable.partition.eof": True,
        # Topics have equal partition counts: with `range`, partition n of each goes to the same sink.
        "partition.assignment.strategy": "range",
        "session.timeout.ms": settings.session_timeout_ms,
        "heartbeat.interval.ms": max(settings.session_timeout_ms // 4, 250),
        "queued.max.messages.kbytes": settings.sink_pending_kbytes,
        "fetch.message.max.bytes": 2**20,
        "topic.metadata.refresh.interval.ms": 30_000,
    }
