"""Records read and not yet inserted, and the positions that hold once they are."""

import time
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from confluent_kafka import TIMESTAMP_NOT_AVAILABLE, Message

Position = tuple[str, int]
"""Topic and partition."""


class Arrival(NamedTuple):
    """One record as read; `timestamp_ms` is its time in the log."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    sequence: int | None

    @classmethod
    def of(cls, message: Message) -> Self:
        """Take what the sink needs of a Kafka message; `sequence` is that of a tombstone's header."""
        kind, timestamp = message.timestamp()
        (topic, partition), offset = place(message)
        value = _bytes(message.value())
        return cls(
            topic,
            partition,
            offset,
            0 if kind == TIMESTAMP_NOT_AVAILABLE else timestamp,
            _bytes(message.key()),
            value,
            _sequence(message) if value is None else None,
        )

    @property
    def size_bytes(self) -> int:
        """Bytes of key and value."""
        return len(self.key or b"") + len(self.value or b"")


@dataclass(slots=True)
class Batch:
    """Arrivals by topic in log order; `ends` is the next offset of every partition that moved."""

    arrivals: dict[str, list[Arrival]] = field(default_factory=dict)
    ends: dict[Position, int] = field(default_factory=dict)
    records: int = 0
    size_bytes: int = 0
    opened_at: float = field(default_factory=time.monotonic)

    def add(self, arrival: Arrival) -> None:
        """Take a record."""
        if not self.ends:
            self.opened_at = time.monotonic()
        self.arrivals.setdefault(arrival.topic, []).append(arrival)
        self.ends[arrival.topic, arrival.partition] = arrival.offset + 1
        self.records += 1
        self.size_bytes += arrival.size_bytes

    def reach(self, position: Position, offset: int) -> None:
        """Note that nothing is left before `offset`: what precedes it are markers and aborted records."""
        if not self.ends:
            self.opened_at = time.monotonic()
        self.ends[position] = max(offset, self.ends.get(position, 0))

    def full(self, records: int, size_bytes: int) -> bool:
        """Whether it has that many records or bytes."""
        return self.records >= records or self.size_bytes >= size_bytes

    def waits(self, seconds: float) -> bool:
        """Whether something has been in it for that long."""
        return bool(self.ends) and time.monotonic() - self.opened_at >= seconds


def place(message: Message) -> tuple[Position, int]:
    """Where a message, or the end of a partition, stands."""
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    if topic is None or partition is None or offset is None:
        raise ValueError("a message from nowhere")
    return (topic, partition), offset


def _sequence(message: Message) -> int | None:
    for name, value in dict(message.headers() or ()).items():
        digits = _bytes(value)
        if name == "sequence" and digits is not None and digits.isdigit():
            return int(digits)
    return None


def _bytes(data: str | bytes | None) -> bytes | None:
    return data.encode() if isinstance(data, str) else data
