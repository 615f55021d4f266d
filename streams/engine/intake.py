"""The queue between a partition's fetches and its transactions: contiguous by construction."""

from collections import deque
from collections.abc import Callable
from enum import Enum, auto

from streams.engine.contract import Chunk, Record


class Verdict(Enum):
    """What became of an offered chunk."""

    TAKEN = auto()
    BELOW = auto()
    GAP = auto()


class Intake:
    """Chunks of all inputs of one partition that wait, in order of arrival.

    Per topic each chunk starts where the one before ended: what lies below is skipped or cut off,
    what lies above is refused as a gap.
    """

    def __init__(self) -> None:
        self.records = 0
        self._waiting: deque[Chunk] = deque()
        self._expected: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def reset(self, positions: dict[str, int]) -> None:
        """Forget what waits; the next chunks start at `positions`."""
        self._waiting.clear()
        self.records = 0
        self._expected = dict(positions)

    def expected(self, topic: str) -> int:
        """Where the next chunk of `topic` starts."""
        return self._expected[topic]

    def offer(self, chunk: Chunk) -> Verdict:
        """Take a chunk, or the part of it that is new."""
        expected = self._expected[chunk.topic]
        if chunk.end <= expected:
            return Verdict.BELOW
        if chunk.start > expected:
            return Verdict.GAP
        self._append(_from(chunk, expected))
        return Verdict.TAKEN

    def first_topic(self) -> str:
        """The topic of the chunk that waits longest."""
        return self._waiting[0].topic

    def take(self, most_records: int, wanted: Callable[[str], bool] = lambda _topic: True) -> list[Chunk]:
        """One chunk for each wanted topic that waits, with at most `most_records` in all."""
        taken: list[Chunk] = []
        kept: deque[Chunk] = deque()
        room = most_records
        while self._waiting:
            chunk = self._waiting.popleft()
            if not wanted(chunk.topic) or (room <= 0 and taken):
                kept.append(chunk)
                continue
            head, tail = _split(chunk, max(1, room))
            taken.append(head)
            room -= len(head.records)
            if tail is not None:
                kept.append(tail)
                room = 0
        self._waiting = kept
        self.records -= sum(len(chunk.records) for chunk in taken)
        return _joined(taken)

    def put_back(self, chunks: list[Chunk]) -> None:
        """What was taken and not applied waits again, first."""
        self._waiting.extendleft(reversed(chunks))
        self.records += sum(len(chunk.records) for chunk in chunks)

    def _append(self, chunk: Chunk) -> None:
        self._waiting.append(chunk)
        self.records += len(chunk.records)
        self._expected[chunk.topic] = chunk.end


def _from(chunk: Chunk, start: int) -> Chunk:
    if chunk.start == start:
        return chunk
    records = [record for record in chunk.records if record.offset >= start]
    return Chunk(chunk.topic, chunk.partition, start, chunk.end, records)


def _split(chunk: Chunk, most_records: int) -> tuple[Chunk, Chunk | None]:
    if len(chunk.records) <= most_records:
        return chunk, None
    middle = chunk.records[most_records].offset
    head = Chunk(chunk.topic, chunk.partition, chunk.start, middle, chunk.records[:most_records])
    tail = Chunk(chunk.topic, chunk.partition, middle, chunk.end, chunk.records[most_records:])
    return head, tail


def _joined(chunks: list[Chunk]) -> list[Chunk]:
    """One chunk a topic, for a fold pays per chunk. Topics have no order between them."""
    by_topic: dict[str, list[Chunk]] = {}
    for chunk in chunks:
        by_topic.setdefault(chunk.topic, []).append(chunk)
    return [_one(fellows) for fellows in by_topic.values()]


def _one(chunks: list[Chunk]) -> Chunk:
    """Of chunks that follow each other."""
    first, last = chunks[0], chunks[-1]
    if first is last:
        return first
    records: list[Record] = [record for chunk in chunks for record in chunk.records]
    return Chunk(first.topic, first.partition, first.start, last.end, records)
