"""The outputs of one partition as of one of its transactions: steps 1 to 5 of the package's docstring."""

import struct
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple

from schemas.codec import Codec
from schemas.records import Topic
from streams.engine.contract import Record
from streams.rfm.changes import Step, StepKind
from streams.rfm.history import Recorded, Recording
from streams.verify.log import Log
from streams.verify.rows import COMPACTED, PROFILE, Row, Rows, decode, updates

APPLICATION = "activity"

_SEQUENCE = struct.Struct(">Q")
_FIRST_WINDOW = 2000
_PAUSE_SECONDS = 0.2
_GENERATION_SHIFT = 40
_ACCOUNT, _REMOVED = PROFILE.index("account_id"), PROFILE.index("removed")
_BOUNDARY, _MODEL = PROFILE.index("boundary_day"), PROFILE.index("model_version")

Place = tuple[str, int]
"""Topic and offset."""


class Letter(NamedTuple):
    """A dead letter: its reason, and what its record's bytes hash to."""

    reason: str
    digest: bytes


@dataclass(slots=True)
class Pinned:
    """Outputs at the pin. `letters` by topic and offset; `opened`: positions after which an account was.

    `ends` says how far each topic was read, `last` which position follows its last record there.
    """

    partition: int
    positions: Mapping[str, int] = field(default_factory=dict)
    sequence: int = 0
    rows: Rows = field(default_factory=Rows)
    steps: list[Recorded] = field(default_factory=list)
    opened: dict[str, Mapping[str, int]] = field(default_factory=dict)
    changes: list[Row] = field(default_factory=list)
    milestones: list[Row] = field(default_factory=list)
    letters: dict[Place, list[Letter]] = field(default_factory=dict)
    ends: dict[Topic, int] = field(default_factory=dict)
    last: dict[Topic, int] = field(default_factory=lambda: defaultdict(int))

    def calendars(self) -> dict[str, Recording]:
        """The steps of each account."""
        grouped: dict[str, list[Recorded]] = defaultdict(list)
        for recorded in self.steps:
            grouped[recorded.step.account_id].append(recorded)
        return {account_id: Recording(steps) for account_id, steps in grouped.items()}

    def behind(self) -> Callable[[Row], bool]:
        """Whether a profile waits for a midnight or a model that its account has passed."""
        calendars = self.calendars()

        def waits(row: Row) -> bool:
            calendar = calendars.get(row[_ACCOUNT])
            if calendar is None or row[_REMOVED]:
                return False
            due = row[_BOUNDARY] is not None and row[_BOUNDARY] <= calendar.today
            return bool(due or row[_MODEL] != calendar.model_version)

        return waits

    def is_settled(self) -> bool:
        """Whether no contact waits."""
        return not any(map(self.behind(), self.rows.current[Topic.CONTACT_PROFILES].values()))


class Pinner:
    """Pins one partition."""

    def __init__(self, log: Log, codec: Codec, partition: int) -> None:
        self._log = log
        self._codec = codec
        self._pinned = Pinned(partition)

    def pin(self, settle_seconds: float) -> Pinned:
        """The outputs at a pin; unsettled contacts may be left after `settle_seconds`."""
        pinned = self._pinned
        self._read_rows()
        deadline = time.monotonic() + settle_seconds
        while True:
            self._pin_once()
            if pinned.is_settled() or time.monotonic() > deadline:
                return pinned
            time.sleep(_PAUSE_SECONDS)

    def _pin_once(self) -> None:
        pinned = self._pinned
        self._read_clock()
        while True:
            pinned.positions, pinned.sequence = self._watermark()
            if not self._read_clock():
                break
        pinned.changes.extend(self._read_events(Topic.SEGMENT_CHANGES))
        pinned.milestones.extend(self._read_events(Topic.MILESTONES))
        self._read_letters()
        self._read_rows()
        pinned.rows.pin(pinned.sequence)

    def _read_rows(self) -> None:
        for topic in COMPACTED:
            for slice_ in self._tail(topic):
                self._pinned.rows.take(updates(self._codec, topic, slice_))

    def _read_events(self, topic: Topic) -> Iterator[Row]:
        for slice_ in self._tail(topic):
            payloads = [record.value for record in slice_ if record.value is not None]
            yield from decode(self._codec, topic, payloads)

    def _read_clock(self) -> bool:
        new = False
        for slice_ in self._tail(Topic.CLOCK):
            new = True
            for record in slice_:
                self._take_step(self._codec.decode_one("clock_step", record.value or b""))
        return new

    def _take_step(self, fields: Mapping[str, Any]) -> None:
        step = Step(*(fields[name] for name in Step._fields))._replace(kind=StepKind(fields["kind"]))
        positions = {position["topic"]: position["offset"] for position in fields["positions"]}
        self._pinned.steps.append(Recorded(step, positions))
        if step.kind is StepKind.OPENED:
            self._pinned.opened[step.account_id] = positions

    def _read_letters(self) -> None:
        for slice_ in self._tail(Topic.DEAD_LETTERS):
            for record in slice_:
                letter = self._codec.decode_one("dead_letter", record.value or b"")
                found = Letter(letter["reason"], digest(letter["key"], letter["value"]))
                self._pinned.letters.setdefault((letter["topic"], letter["offset"]), []).append(found)

    def _watermark(self) -> tuple[dict[str, int], int]:
        key = f"{APPLICATION}|{self._pinned.partition}".encode()
        low, high = self._log.bounds(Topic.WATERMARKS, self._pinned.partition)
        end, window = high, _FIRST_WINDOW
        while end > low:
            start = max(low, high - window)
            found: Record | None = None
            for slice_ in self._log.read(Topic.WATERMARKS, self._pinned.partition, start, end):
                found = next((record for record in reversed(slice_) if record.key == key), found)
            if found is not None and found.value is not None:
                return self._positions(found.value)
            end, window = start, window * 8
        return {}, 0

    def _positions(self, value: bytes) -> tuple[dict[str, int], int]:
        watermark = self._codec.decode_one("watermark", value)
        positions = {position["topic"]: position["offset"] for position in watermark["positions"]}
        memo = watermark["memo"]
        sequence = _SEQUENCE.unpack_from(memo)[0] if memo else 0
        return positions, sequence + (watermark["generation"] << _GENERATION_SHIFT)

    def _tail(self, topic: Topic) -> Iterator[list[Record]]:
        """Records from where the topic was read to before, to its high watermark now."""
        low, high = self._log.bounds(topic, self._pinned.partition)
        start = self._pinned.ends.get(topic, low)
        self._pinned.ends[topic] = max(start, high)
        for slice_ in self._log.read(topic, self._pinned.partition, start, high):
            self._pinned.last[topic] = slice_[-1].offset + 1
            yield slice_


def digest(key: bytes | None, value: bytes | None) -> bytes:
    """What stands for a record's bytes, of which there may be megabytes."""
    return sha256(repr((key, value)).encode()).digest()
