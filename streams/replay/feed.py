"""The inputs of one partition, read once from first to last, cut where the recorded clock says."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from streams.engine.contract import Record
from streams.verify.log import Log


class Feed:
    """Records of one input topic in log order."""

    def __init__(self, kafka: Mapping[str, Any], topic: str, partition: int) -> None:
        self.topic = topic
        self.position = 0
        self._partition = partition
        self._log = Log(kafka)
        self._read_to = 0
        self._ahead: list[Record] = []
        self._source: Iterator[list[Record]] = iter(())

    def extend(self, end: int) -> None:
        """Make records up to `end` available, after all those before were taken."""
        first, _ = self._log.bounds(self.topic, self._partition)
        self._source = self._log.read(self.topic, self._partition, max(first, self._read_to), end)
        self._read_to = max(self._read_to, end)

    def up_to(self, end: int) -> Iterator[Sequence[Record]]:
        """Records from the position to `end`, in slices; the position follows."""
        while self.position < end:
            taken = self._ahead or next(self._source, [])
            cut = len(taken) if not taken or taken[-1].offset < end else _below(taken, end)
            self._ahead = taken[cut:]
            if cut:
                yield taken[:cut]
            if self._ahead or not taken:
                self.position = end
            elif cut:
                self.position = taken[cut - 1].offset + 1

    def close(self) -> None:
        """Leave the broker."""
        self._log.close()


def _below(records: Sequence[Record], end: int) -> int:
    low, high = 0, len(records)
    while low < high:
        middle = (low + high) // 2
        if records[middle].offset < end:
            low = middle + 1
        else:
            high = middle
    return low
