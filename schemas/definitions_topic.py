"""Definitions as this process sees them: a reader thread, and edits that await their verdict.

An edit counts if it was based on the version in force when the log took it (`schemas.definitions`); so the
writer learns from its own reader whether it won.
"""

import json
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from confluent_kafka import Consumer, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from schemas.codec import Codec
from schemas.definitions import Definition, DefinitionLog
from schemas.wire import BadRecord

TOPIC = "definitions.v1"
_EDIT_HEADER = "latido-edit"
_POLL_SECONDS = 0.05
_log = structlog.get_logger()


class Conflict(Exception):
    """Another edit came first; `version` is the one in force now."""

    def __init__(self, version: int) -> None:
        super().__init__(f"changed meanwhile: version {version} is in force")
        self.version = version


class DefinitionsUnavailable(Exception):
    """The log cannot be read or written in time. An edit may still arrive: look before repeating it."""


_MOST_VERSIONS = (1 << 31) - 1
"""A version is an Avro int."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody wants to change. `base_version` 0 creates; `body` None deletes."""

    account_id: str
    kind: str
    id: str
    base_version: int
    author: str
    at_ms: int
    body: Mapping[str, Any] | None

    def record(self) -> dict[str, Any]:
        """As it stands in the log."""
        return {
            "account_id": self.account_id,
            "kind": self.kind,
            "id": self.id,
            "version": self.base_version + 1,
            "base_version": self.base_version,
            "author": self.author,
            "at": self.at_ms,
            "deleted": self.body is None,
            "body": json.dumps(self.body or {}, ensure_ascii=False, sort_keys=True),
        }


@dataclass(slots=True)
class _Awaited:
    read: threading.Event = field(default_factory=threading.Event)
    accepted: bool = False
    version: int = 0


class Definitions:
    """Current definitions. Thread-safe; one instance a process, between `start` and `stop`."""

    def __init__(self, codec: Codec, kafka: Mapping[str, Any], timeout_seconds: float = 10.0) -> None:
        self._codec = codec
        self._kafka = dict(kafka)
        self._timeout = timeout_seconds
        self._lock = threading.RLock()
        self._definitions = DefinitionLog()
        self._awaited: dict[bytes, _Awaited] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="definitions", daemon=True)
        self._producer = Producer({**self._kafka, "enable.idempotence": True})
        # A consumer that one thread reads from does not answer another one: ends are asked for elsewhere.
        self._admin = AdminClient(self._kafka)
        self._consumer: Consumer | None = None

    @property
    def next_offset(self) -> int:
        """Next offset of definitions.v1 that was not read yet; what came before it is derived by now."""
        with self._lock:
            return self._definitions.next_offset

    def on_accepted(self, account_id: str, kind: str) -> None:
        """Called, in log order, after an edit that counts: for those who derive something."""

    def start(self) -> None:
        """Read the log to its present end, then follow it. DefinitionsUnavailable if the broker is away."""
        consumer = Consumer(
            {
                **self._kafka,
                "group.id": "latido-definitions-unused",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
            }
        )
        end = self._end()
        consumer.assign([TopicPartition(TOPIC, 0, 0)])
        self._consumer = consumer
        self._thread.start()
        if not self._reached(end):
            self.stop()
            raise DefinitionsUnavailable(f"{TOPIC} was not read to offset {end} in time")

    def catch_up(self) -> None:
        """Wait until everything that is in the log now was read. DefinitionsUnavailable after the timeout."""
        if self._consumer is None:
            raise RuntimeError("start() makes the consumer")
        end = self._end()
        if not self._reached(end):
            raise DefinitionsUnavailable(f"{TOPIC} was not read to offset {end} in time")

    def stop(self) -> None:
        """Stop following and leave the broker."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(self._timeout)

    def get(self, account_id: str, kind: str, id_: str) -> Definition | None:
        """The current version, if there is one."""
        with self._lock:
            return self._definitions.get(account_id, kind, id_)

    def version(self, account_id: str, kind: str, id_: str) -> int:
        """The version an edit has to be based on; 0 where nothing was defined."""
        with self._lock:
            return self._definitions.version(account_id, kind, id_)

    def of_kind(self, kind: str, account_id: str | None = None) -> list[Definition]:
        """Current definitions of a kind, of one account or of all, by id."""
        with self._lock:
            found = list(self._definitions.of_kind(kind, account_id))
        return sorted(found, key=lambda definition: (definition.account_id, definition.id))

    def edit(self, edit: Edit) -> int:
        """Publish, and wait until the edit is read back; its version. Conflict, DefinitionsUnavailable."""
        if not 0 <= edit.base_version < _MOST_VERSIONS:
            raise Conflict(self.version(edit.account_id, edit.kind, edit.id))
        edit_id, awaited = uuid.uuid4().bytes, _Awaited()
        self._awaited[edit_id] = awaited
        try:
            self._publish(edit, edit_id)
            if not awaited.read.wait(self._timeout):
                raise DefinitionsUnavailable(f"the edit of {edit.kind} {edit.id} was not read back in time")
        finally:
            self._awaited.pop(edit_id, None)
        if not awaited.accepted:
            raise Conflict(awaited.version)
        return awaited.version

    def _publish(self, edit: Edit, edit_id: bytes) -> None:
        value = self._codec.encode_one("definition", edit.record())
        key = f"{edit.account_id}|{edit.kind}|{edit.id}".encode()
        failures: list[str] = []

        def delivered(error: Any, _message: Message) -> None:
            if error is not None:
                failures.append(str(error))

        headers: list[tuple[str, str | bytes | None]] = [(_EDIT_HEADER, edit_id)]
        self._producer.produce(TOPIC, value, key, partition=0, headers=headers, on_delivery=delivered)
        waiting = self._producer.flush(self._timeout)
        if failures or waiting:
            raise DefinitionsUnavailable(
                f"{TOPIC} did not take the edit: {'; '.join(failures) or 'too slow'}"
            )

    def _end(self) -> int:
        """End of the log. A topic made a moment ago has no leader yet: ask again, as long as it may take."""
        deadline, pause = time.monotonic() + self._timeout, threading.Event()
        place = TopicPartition(TOPIC, 0)
        while True:
            try:
                asked = self._admin.list_offsets({place: OffsetSpec.latest()}, request_timeout=self._timeout)
                return int(asked[place].result(self._timeout).offset)
            except (KafkaException, TimeoutError) as error:
                if time.monotonic() > deadline:
                    raise DefinitionsUnavailable(f"{TOPIC} cannot be read: {error}") from error
                pause.wait(_POLL_SECONDS)

    def _reached(self, end: int) -> bool:
        pause = threading.Event()
        for _ in range(int(self._timeout / _POLL_SECONDS)):
            if self.next_offset >= end:
                return True
            pause.wait(_POLL_SECONDS)
        return False

    def _follow(self) -> None:
        consumer = self._consumer
        if consumer is None:
            raise RuntimeError("start() makes the consumer")
        try:
            while not self._stopping.is_set():
                for message in consumer.consume(500, _POLL_SECONDS):
                    if message.error():
                        _log.warning("definitions_read", error=str(message.error()))
                    else:
                        self._take(message)
        finally:
            consumer.close()

    def _take(self, message: Message) -> None:
        offset = message.offset()
        if offset is None:
            return
        verdict = self._applied(message.value() or b"", offset)
        headers = dict(message.headers() or ())
        awaited = self._awaited.get(_as_bytes(headers.get(_EDIT_HEADER)))
        if awaited is not None:
            awaited.accepted, awaited.version = verdict
            awaited.read.set()

    def _applied(self, value: bytes, offset: int) -> tuple[bool, int]:
        """Whether the record counts, and the version in force after it."""
        try:
            record = self._codec.decode_one("definition", value)
            identity = (record["account_id"], record["kind"], record["id"])
            with self._lock:
                accepted = self._definitions.version(*identity) == record["base_version"]
                self._definitions.apply(record, offset)
                if accepted:
                    self.on_accepted(record["account_id"], record["kind"])
                return accepted, self._definitions.version(*identity)
        except (BadRecord, ValueError, KeyError, TypeError) as error:
            # Every reader passes over it; whoever wrote it is not one of ours.
            _log.error("definition_ignored", offset=offset, error=str(error))
            with self._lock:
                self._definitions.next_offset = offset + 1
            return False, 0


def _as_bytes(value: str | bytes | None) -> bytes:
    return value.encode() if isinstance(value, str) else value or b""
