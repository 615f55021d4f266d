"""Rows of the compacted topics as they stood at a sequence: (key, row) by topic."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from schemas.codec import Codec
from schemas.records import Topic
from streams.engine.contract import Record
from streams.verify.drift import VerifyFailed

Row = tuple[Any, ...]
"""The columns of its topic, sequence first."""

SEQUENCE = 0

PROFILE = (
    "sequence", "account_id", "contact_id", "orders", "revenue_minor", "currency", "interactions",
    "first_order_day", "last_order_day", "r", "f", "m", "segment", "model_version",
    "boundary_day", "next_segment", "next_segment_day", "changes", "sentiment", "origin", "removed",
    "tags", "added_tags", "consent", "personal", "contact_version", "contact_updated_at", "contact_event_id",
    "origin_version", "origin_updated_at", "origin_event_id", "sentiment_sum", "sentiment_weight",
)  # fmt: skip
ORDER = (
    "sequence", "account_id", "contact_id", "order_id", "version", "updated_at", "event_id", "status",
    "placed_at", "day", "total_minor", "refunded_minor", "counted", "net_minor", "currency",
    "number", "channel",
)  # fmt: skip
DAY = ("sequence", "account_id", "contact_id", "day", "orders", "revenue_minor", "prev_day")
TALK = (
    "sequence", "account_id", "contact_id", "interaction_id", "version", "updated_at", "event_id",
    "day", "sentiment", "channel", "kind", "stars", "csat", "nps",
)  # fmt: skip
MILESTONE = (
    "event_id", "account_id", "contact_id", "days", "last_order_day", "effective_day", "occurred_at",
    "missed", "segment", "r", "f", "m", "orders", "revenue_minor", "currency",
)  # fmt: skip
CHANGE = (
    "seq", "account_id", "contact_id", "event_id", "from_segment", "to_segment", "cause",
    "effective_day", "historical", "r", "f", "m", "orders", "revenue_minor", "last_order_day",
)  # fmt: skip

SCHEMAS = {
    Topic.CONTACT_PROFILES: ("contact_profile", PROFILE),
    Topic.CONTACT_ORDERS: ("contact_order", ORDER),
    Topic.CONTACT_DAYS: ("contact_day", DAY),
    Topic.CONTACT_INTERACTIONS: ("contact_interaction", TALK),
    Topic.SEGMENT_CHANGES: ("segment_change", CHANGE),
    Topic.MILESTONES: ("milestone", MILESTONE),
}
"""Schema and columns read, by topic."""

COMPACTED = (
    Topic.CONTACT_PROFILES,
    Topic.CONTACT_ORDERS,
    Topic.CONTACT_DAYS,
    Topic.CONTACT_INTERACTIONS,
)


class Update(NamedTuple):
    """A new value of a key; `row` None is a tombstone."""

    topic: Topic
    key: bytes
    sequence: int
    row: Row | None


class Rows:
    """Values by key, and what is later than the pin and waits for the next one."""

    def __init__(self) -> None:
        self.current: dict[Topic, dict[bytes, Row]] = {topic: {} for topic in COMPACTED}
        self._later: list[Update] = []

    def take(self, updates: Iterator[Update]) -> None:
        """Put updates aside; `pin` decides which of them count."""
        self._later.extend(updates)

    def pin(self, sequence: int) -> None:
        """Apply what was made up to and including `sequence`."""
        later, self._later = self._later, []
        for update in later:
            if update.sequence > sequence:
                self._later.append(update)
            elif update.row is None:
                self.current[update.topic].pop(update.key, None)
            else:
                self.current[update.topic][update.key] = update.row

    def moving(self) -> set[tuple[Topic, bytes]]:
        """Keys with values later than the pin."""
        return {(update.topic, update.key) for update in self._later}


def updates(codec: Codec, topic: Topic, records: Sequence[Record]) -> Iterator[Update]:
    """Records of a topic as updates, in log order. VerifyFailed if one of ours does not decode."""
    rows = iter(decode(codec, topic, [record.value for record in records if record.value is not None]))
    for record in records:
        if record.key is None:
            raise VerifyFailed(f"{topic} offset {record.offset} has no key")
        if record.value is None:
            yield Update(topic, record.key, int(dict(record.headers)["sequence"] or 0), None)
        else:
            row = next(rows)
            yield Update(topic, record.key, row[SEQUENCE], row)


def decode(codec: Codec, topic: Topic, payloads: Sequence[bytes]) -> Iterator[Row]:
    """The columns of SCHEMAS, a tuple a payload."""
    schema, columns = SCHEMAS[topic]
    decoded = codec.decode_block(schema, payloads, columns=columns)
    if decoded.bad:
        raise VerifyFailed(f"a record of {topic} does not decode: {decoded.bad[0].detail}")
    return zip(*(decoded.columns[name] for name in columns), strict=True)
