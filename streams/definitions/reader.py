"""The process's own reader of definitions.v1: every worker sees every definition, in log order."""

import threading
import time
from collections.abc import Mapping
from typing import Any

import structlog
from confluent_kafka import Consumer, KafkaException, TopicPartition

from schemas.codec import Codec
from schemas.definitions import Definition, DefinitionLog
from streams.rfm.account import Account, model_from_body
from streams.rfm.model import ScoringModel

TOPIC = "definitions.v1"
ACCOUNT, MODEL, MILESTONE = "account", "model", "milestone"
MODEL_ID = "scoring"
"""An account has one scoring model; its versions are edits of one definition."""

_log = structlog.get_logger()


class DefinitionsUnavailable(Exception):
    """definitions.v1 could not be read to its end in time. Check the broker, then try again."""


class Definitions:
    """Accounts as of the last `catch_up`. Thread-safe; one instance a process."""

    def __init__(self, codec: Codec, kafka: Mapping[str, Any], timeout_seconds: float = 30.0) -> None:
        self._codec = codec
        self._consumer = Consumer(
            {
                **kafka,
                "group.id": "latido-definitions-unused",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
            }
        )
        self._timeout = timeout_seconds
        self._lock = threading.Lock()
        self._log = DefinitionLog()
        self._accounts: dict[str, Account] = {}
        self._first_models: dict[str, ScoringModel] = {}
        self._milestones: dict[str, tuple[tuple[int, int], ...]] = {}
        self._consumer.assign([TopicPartition(TOPIC, 0, 0)])

    @property
    def next_offset(self) -> int:
        """Next offset of definitions.v1 that was not read yet."""
        return self._log.next_offset

    @property
    def accounts(self) -> Mapping[str, Account]:
        """Accounts by id."""
        return self._accounts

    def milestones(self, account_id: str) -> tuple[tuple[int, int], ...]:
        """(days since the last purchase, instant since which it is asked for) of the active definitions."""
        return self._milestones.get(account_id, ())

    def follow(self, seconds: float) -> None:
        """Keep catching up in a thread of its own, every so many seconds, until the process ends."""

        def loop() -> None:
            while True:
                time.sleep(seconds)
                try:
                    self.catch_up()
                except DefinitionsUnavailable as error:
                    _log.warning("definitions_unavailable", error=str(error))

        threading.Thread(target=loop, name="definitions", daemon=True).start()

    def get(self, account_id: str, kind: str, id_: str) -> Definition | None:
        """The current version of one definition."""
        return self._log.get(account_id, kind, id_)

    def catch_up(self) -> None:
        """Read to the end as it is now. DefinitionsUnavailable after the timeout."""
        deadline = time.monotonic() + self._timeout
        with self._lock:
            try:
                _, end = self._consumer.get_watermark_offsets(TopicPartition(TOPIC, 0), self._timeout)
                while self._position() < end:
                    if time.monotonic() > deadline:
                        raise DefinitionsUnavailable(f"{TOPIC} was not read to offset {end} in time")
                    for message in self._consumer.consume(500, 0.1):
                        if message.error():
                            raise KafkaException(message.error())
                        self._take(message.value() or b"", message.offset() or 0)
            except KafkaException as error:
                raise DefinitionsUnavailable(f"{TOPIC} cannot be read: {error}") from error

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()

    def _position(self) -> int:
        position = self._consumer.position([TopicPartition(TOPIC, 0)])[0].offset
        return max(position, self._log.next_offset)

    def _take(self, value: bytes, offset: int) -> None:
        try:
            record = self._codec.decode_one("definition", value)
            self._log.apply(record, offset)
            if record["kind"] in (ACCOUNT, MODEL):
                self._build_account(record["account_id"])
            elif record["kind"] == MILESTONE:
                self._collect_milestones(record["account_id"])
        except (ValueError, KeyError, TypeError) as error:
            # Readers must agree and go on; the writer validates, so this is somebody else's producer.
            _log.error("definition_ignored", offset=offset, error=str(error))

    def _build_account(self, account_id: str) -> None:
        account = self._log.get(account_id, ACCOUNT, account_id)
        model = self._log.get(account_id, MODEL, MODEL_ID)
        if account is None:
            return
        # Cuts stated with the account are its first model for ever: another model is an edit of its own.
        first = self._first_models.get(account_id)
        if first is None:
            first = self._first_models[account_id] = Account.from_body(account_id, account.body).model
        published = model and model_from_body(account.body["currency"], model.body, model.version + 1)
        self._accounts[account_id] = Account.from_body(account_id, account.body, published or first)

    def _collect_milestones(self, account_id: str) -> None:
        self._milestones[account_id] = tuple(
            (int(days), definition.at_ms)
            for definition in self._log.of_kind(MILESTONE, account_id)
            for days in definition.body["days"]
        )
