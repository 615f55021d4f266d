"""The smallest fold that can go wrong in every way: a count a key, and one output an event.

Inputs carry the event's id as value. Three values are special: `poison` ends the process, `raise` raises, and
`bad` blocks the partition as long as the file in TOY_BLOCK_FILE exists. What is to be refused does so too.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from streams.engine.contract import Application, Blocked, Chunk, Output

INPUTS = ("toy-left.v1", "toy-right.v1")
COUNTS = "toy-counts.v1"
EVENTS = "toy-events.v1"
TICKS = "toy-ticks.v1"
REFUSED = "toy-refused.v1"
POISON = b"poison"
BAD = b"bad"
APPLICATION = "toy"


class ToyCounts:
    """Counts as they were last written."""

    def __init__(self) -> None:
        self._counts: dict[bytes, int] = {}

    def take(self, topic: str, keys: Sequence[bytes | None], values: Sequence[bytes | None]) -> None:
        """The last value of a key counts."""
        for key, value in zip(keys, values, strict=True):
            if key is not None and value is not None:
                self._counts[key] = int(value)

    def collected(self) -> dict[bytes, int]:
        """All of them."""
        return self._counts


class ToyFold:
    """`seq` of an output is the key's count after the event, so that a checker sees holes and forks.

    With TOY_TICK_MS it also ticks: one record for each period that the clock passed, which says
    up to which positions the inputs were applied.
    """

    def __init__(self, partition: int, partitions: int, generation: int) -> None:
        self._counts: dict[bytes, int] = {}
        self._tick_ms = int(os.environ.get("TOY_TICK_MS", "0"))
        self._last_tick = 0
        block_file = os.environ.get("TOY_BLOCK_FILE")
        self._block_file = Path(block_file) if block_file else None

    def restored(self, collected: dict[bytes, int], memo: bytes, positions: Mapping[str, int]) -> None:
        """The memo is the last tick."""
        self._counts = collected
        self._last_tick = int(memo or b"0")

    def apply(self, chunk: Chunk, now_ms: int) -> list[Output]:
        """Count and report each event."""
        if self._is_blocked(chunk):
            raise Blocked("bad records")
        keys: list[bytes] = []
        values: list[bytes | None] = []
        touched: dict[bytes, None] = {}
        for record in chunk.records:
            key, value = record.key or b"", record.value or b""
            if value == POISON:
                os._exit(9)
            if value == b"raise":
                raise RuntimeError("the fold raises")
            count = self._counts.get(key, 0) + 1
            self._counts[key] = count
            touched[key] = None
            keys.append(key)
            values.append(b"%d|%b" % (count, value))
        counts: list[bytes | None] = [b"%d" % self._counts[key] for key in touched]
        return [Output(COUNTS, list(touched), counts), Output(EVENTS, keys, values)]

    def refuse(self, chunk: Chunk, now_ms: int) -> list[Output]:
        """Report the records without counting them."""
        if self._block_file is not None and self._block_file.exists():
            raise Blocked("too many are refused")
        keys = [record.key or b"" for record in chunk.records]
        return [Output(REFUSED, keys, [b"%d" % record.offset for record in chunk.records])]

    def due_ms(self) -> int | None:
        """The next tick."""
        return self._last_tick + self._tick_ms if self._tick_ms and self._last_tick else self._tick_ms or None

    def step(self, now_ms: int, positions: Mapping[str, int], more: int) -> list[Output]:
        """One tick; the first one starts at now."""
        self._last_tick = (
            self._last_tick + self._tick_ms if self._last_tick else now_ms - now_ms % self._tick_ms
        )
        where = ",".join(f"{topic}={offset}" for topic, offset in sorted(positions.items()))
        return [Output(TICKS, [b"tick"], [f"{self._last_tick}|{where}".encode()])]

    def memo(self) -> bytes:
        """The last tick."""
        return b"%d" % self._last_tick

    def _is_blocked(self, chunk: Chunk) -> bool:
        if self._block_file is None or not self._block_file.exists():
            return False
        return any(record.value == BAD for record in chunk.records)


def toy_application() -> Application:
    """The toy as a job on the engine."""
    return Application(APPLICATION, INPUTS, (COUNTS,), ToyCounts, ToyFold)
