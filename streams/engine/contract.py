"""What the engine and a fold say to each other.

The engine owns positions, transactions, restore and fencing; a fold owns the state of one
partition and turns chunks into outputs. Neither looks into the other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

Headers = Sequence[tuple[str, bytes | None]]


class Record(NamedTuple):
    """One Kafka record as fetched. `timestamp_ms` is its arrival in the log."""

    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers


@dataclass(slots=True, frozen=True)
class Chunk:
    """Consecutive records of one input partition.

    `start` is the position before, `end` the position after: transaction markers, aborted and
    compacted records lie inside the range without being in `records`, which may be empty.
    """

    topic: str
    partition: int
    start: int
    end: int
    records: Sequence[Record]


@dataclass(slots=True)
class Output:
    """Records for one topic, in order. They go to the task's own partition unless `partition` says where.

    `keys[i]` belongs to `values[i]`; a None value is a tombstone. `headers`, where given, is as
    long as they are; they cost about 3 µs a record (seven of them).
    """

    topic: str
    keys: list[bytes]
    values: list[bytes | None]
    headers: list[Headers] = field(default_factory=list)
    partition: int | None = None


class Blocked(Exception):
    """The share of unusable records says the deploy is wrong, not the data.

    Raised by `Fold.apply` and `Fold.refuse` with the state as it was before the chunk. The engine commits
    nothing, pauses the partition, raises the alarm (metric and log), and offers the chunk again every half
    minute.
    """


class Fold(Protocol):
    """The state of one partition. Called by one thread at a time; reads no clock and no network.

    An exception other than `Blocked` ends the process: the state may be half changed.
    """

    def restored(self, collected: Any, memo: bytes, positions: Mapping[str, int]) -> None:
        """All changelogs are read: `collected` is the collector's, `memo` the last watermark's (b"" before
        the first).

        RestoreFailed if what was read cannot be all that was written.
        """

    def apply(self, chunk: Chunk, now_ms: int) -> list[Output]:
        """Fold a chunk. `now_ms` is the worker's clock, for what has to be recorded as time."""

    def refuse(self, chunk: Chunk, now_ms: int) -> list[Output]:
        """Dead-letter every record of a chunk that ends the process, without folding it."""

    def due_ms(self) -> int | None:
        """The next instant at which time alone changes something; None while it never does."""

    def step(self, now_ms: int, positions: Mapping[str, int], more: int) -> list[Output]:
        """Apply at most about `more` effects of what is due at `now_ms`.

        Called once the inputs are applied up to where they ended at `now_ms`; `positions` says up
        to where. If work is left, `due_ms()` still lies in the past and another call follows,
        perhaps after other chunks.
        """

    def memo(self) -> bytes:
        """A few bytes kept in every watermark and given back to `restored`."""


class RestoreFailed(Exception):
    """The state could not be read back, in time or in full: the process must end."""


class Collector(Protocol):
    """Takes a partition's changelogs, for its fold; perhaps in a process that only reads."""

    def take(self, topic: str, keys: Sequence[bytes | None], values: Sequence[bytes | None]) -> None:
        """Take records of one changelog, in log order. Called with many slices of every changelog."""

    def collected(self) -> Any:
        """What `Fold.restored` gets, once everything is taken. It can be pickled."""


FoldFactory = Callable[[int, int, int], Fold]
"""Makes the empty fold of one partition, given its number, how many there are, and its generation."""


@dataclass(slots=True, frozen=True)
class Application:
    """One stateful job on the engine.

    `inputs` are co-partitioned source topics; `changelogs` are what a collector takes, each read committed
    from where its generation begins to its high watermark, compacted or not. `collector` makes an empty one
    and can be pickled.
    """

    name: str
    inputs: tuple[str, ...]
    changelogs: tuple[str, ...]
    collector: Callable[[], Collector]
    fold: FoldFactory
