"""Texts that another backend or version has scored are scored again, from the interactions as they stand.

1. fence an earlier run, which aborts the transaction that it left open
2. wait until `activity` has applied every interaction there is: what earlier runs wrote stands then
3. of each partition of contact-interactions.v1, note which last records another scorer has judged
4. read those again, judge them, and write them to interactions.v1, a transaction for some of them

So a run that was killed is finished by the next one, and a second run finds nothing to do. What is written
is history (`backfill`): it moves profiles and fires nothing. Its event id wins over the earlier score's and
loses against whatever the channel says later. Interactions older than 90 days cannot be amended any more.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from confluent_kafka import KafkaException, Producer

from schemas.codec import Codec, Decoded
from schemas.columnwriter import Column
from schemas.keys import contact_key
from schemas.records import Topic
from streams.agents.activity import CHANGELOGS, NAME
from streams.agents.interactions import next_score_id
from streams.agents.sentiment import COPIED, Scorer
from streams.engine.clock import Clock
from streams.engine.restore import ChangelogReader
from streams.engine.watermark import decode_watermark, watermark_key
from streams.rfm.calendar import DAY_MS
from streams.rfm.interactions import REMEMBERED_DAYS
from streams.settings import Settings
from streams.verify.log import Log

OURS = "latido-"
"""How the names of all our scorers begin; others' scores came with the event."""

_ID = "latido-rescore"
_MOST_AT_ONCE = 200
_PATIENCE_S = 120.0
_TRANSACTION_MS = 10_000
"""What a killed run left open keeps interactions waiting no longer."""

_POLL_S = 0.5
_JUDGED = ("account_id", "occurred_at", "stars", "csat", "nps", "sentiment_model")


class RescoreFailed(Exception):
    """Not all was scored again; another run goes on where this one ended."""


class Outcome(StrEnum):
    """What became of a text of another scorer."""

    SAME = "same"
    OTHER = "other"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: texts of one account or of all, at most so many a second."""

    account_id: str | None
    texts_per_s: float


class Rescoring:
    """One run; a context in which nobody else rescores. RescoreFailed, VerifyFailed, RestoreFailed."""

    def __init__(self, settings: Settings, codec: Codec, scorer: Scorer, order: Order) -> None:
        self._settings = settings
        self._codec = codec
        self._scorer = scorer
        self._order = order
        self._oldest_ms = Clock(settings.clock_file).now_ms() - (REMEMBERED_DAYS + 1) * DAY_MS
        kafka = {"bootstrap.servers": settings.bootstrap_servers}
        self._log = Log(kafka)
        writing = {"transactional.id": _ID, "transaction.timeout.ms": _TRANSACTION_MS}
        self._producer = Producer({**kafka, **writing, "message.max.bytes": 4 << 20})
        self._free_at_s = 0.0
        self.outcomes: Counter[Outcome] = Counter()

    def run(self, told: Callable[[str], None] = lambda _: None) -> None:
        """Score everything that is to be scored again; `told` hears of every partition."""
        try:
            self._producer.init_transactions(_PATIENCE_S)
            partitions = self._log.partitions(Topic.CONTACT_INTERACTIONS)
            for partition in range(partitions):
                self._await_applied(partition)
            for partition in range(partitions):
                before = self.outcomes.total()
                self._rescore(partition)
                told(f"partition {partition}: {self.outcomes.total() - before} texts scored again")
        except KafkaException as error:
            raise RescoreFailed(f"the broker refuses, or another run has taken over: {error}") from error
        finally:
            self._log.close()

    def _await_applied(self, partition: int) -> None:
        topics = (Topic.INTERACTIONS, Topic.REROUTED)
        ends = {topic: self._log.bounds(topic, partition)[1] for topic in topics}
        deadline = time.monotonic() + _PATIENCE_S
        with ChangelogReader(self._settings, partition, deadline + _PATIENCE_S) as reader:
            while True:
                value = reader.last_value(watermark_key(NAME, partition))
                applied = decode_watermark(value, CHANGELOGS).positions if value else {}
                if all(applied.get(topic, 0) >= end for topic, end in ends.items()):
                    return
                if time.monotonic() > deadline:
                    raise RescoreFailed(f"partition {partition} of {NAME} lies behind: does a worker run?")
                time.sleep(_POLL_S)

    def _rescore(self, partition: int) -> None:
        chosen = self._chosen(partition)
        if not chosen:
            return
        most = min(_MOST_AT_ONCE, self._scorer.at_once)
        waiting: list[bytes] = []
        for key, offset, value in self._values(partition, max(chosen.values()) + 1):
            if value is not None and chosen.get(key) == offset:
                waiting.append(value)
            if len(waiting) == most:
                self._write(partition, waiting)
                waiting = []
        self._write(partition, waiting)

    def _chosen(self, partition: int) -> dict[bytes, int]:
        """Offset by key of the last records that are to be scored again."""
        chosen: dict[bytes, int] = {}
        _, end = self._log.bounds(Topic.CONTACT_INTERACTIONS, partition)
        for slice_ in self._slices(partition, end):
            for key, _, _ in slice_:
                chosen.pop(key, None)
            last = {key: (offset, value) for key, offset, value in slice_}
            standing = [(key, offset, value) for key, (offset, value) in last.items() if value is not None]
            decoded = self._codec.decode_block(
                "contact_interaction", [value for *_, value in standing], columns=_JUDGED
            )
            for row in self._wanted(decoded):
                key, offset, _ = standing[decoded.rows[row]]
                chosen[key] = offset
        return chosen

    def _wanted(self, decoded: Decoded) -> Iterator[int]:
        columns = zip(*(decoded.columns[name] for name in _JUDGED), strict=True)
        for row, (account_id, occurred_ms, stars, csat, nps, model) in enumerate(columns):
            is_asked_for = self._order.account_id in (None, account_id) and occurred_ms >= self._oldest_ms
            is_rated = not (stars is csat is nps is None)
            is_others = model is None or not model.startswith(OURS) or model == self._scorer.model
            if is_asked_for and not is_rated and not is_others:
                yield row

    def _values(self, partition: int, end: int) -> Iterator[tuple[bytes, int, bytes | None]]:
        for slice_ in self._slices(partition, end):
            yield from slice_

    def _slices(self, partition: int, end: int) -> Iterator[list[tuple[bytes, int, bytes | None]]]:
        first, _ = self._log.bounds(Topic.CONTACT_INTERACTIONS, partition)
        for records in self._log.read(Topic.CONTACT_INTERACTIONS, partition, first, end):
            yield [(record.key or b"", record.offset, record.value) for record in records]

    def _write(self, partition: int, values: Sequence[bytes]) -> None:
        """Judge some and commit them."""
        if not values:
            return
        time.sleep(max(0.0, self._free_at_s - time.monotonic()))
        self._free_at_s = time.monotonic() + len(values) / self._order.texts_per_s
        decoded = self._codec.decode_block(
            "contact_interaction", values, columns=(*COPIED, "event_id", "text", "sentiment")
        )
        made = list(self._judged(decoded))
        if not made:
            return
        rows, event_ids, sentiments = zip(*made, strict=True)
        keys, encoded = self._encode(decoded, rows, event_ids, sentiments)
        self._producer.begin_transaction()
        for key, value in zip(keys, encoded, strict=True):
            self._producer.produce(Topic.INTERACTIONS, value, key, partition)
        self._producer.commit_transaction(_PATIENCE_S)

    def _judged(self, decoded: Decoded) -> Iterator[tuple[int, str, int]]:
        """Row, new event id and sentiment of what can be judged."""
        told = zip(*(decoded.columns[name] for name in ("event_id", "text", "sentiment")), strict=True)
        for row, (event_id, text, before) in enumerate(told):
            after = self._scorer.judge(text) if text else None
            made = next_score_id(event_id)
            if after is None or made is None:
                self.outcomes[Outcome.UNTOLD] += 1
                continue
            self.outcomes[Outcome.SAME if after == before else Outcome.OTHER] += 1
            yield row, made, after

    def _encode(
        self, decoded: Decoded, rows: Sequence[int], event_ids: Sequence[str], sentiments: Sequence[int]
    ) -> tuple[list[bytes], Sequence[Any]]:
        columns: dict[str, Column] = {
            **decoded.gather((*COPIED, "text"), rows),
            "event_id": event_ids,
            "sentiment": sentiments,
            "sentiment_model": [self._scorer.model] * len(rows),
            "backfill": [True] * len(rows),
        }
        named = zip(decoded.columns["account_id"], decoded.columns["contact_id"], strict=True)
        pairs = list(named)
        keys = [contact_key(*pairs[row]) for row in rows]
        return keys, self._codec.encode_block("interaction", columns)
