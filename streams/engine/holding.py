"""What is fetched waits for its partition's turn, so that what follows is paid once a transaction."""

from collections.abc import Callable, Collection
from typing import NamedTuple

from aiokafka import TopicPartition

from streams.engine.contract import Chunk

_LEAD_S = 0.005
"""How long the way to the task may take: what is handed on that much early is there in time."""


class Fetched(NamedTuple):
    """A chunk, and the number of seeks before it was fetched."""

    chunk: Chunk
    epoch: int


Parcel = list[Fetched]
"""Chunks of one partition of all inputs, in order of arrival."""


class Holding:
    """Chunks by partition, in the consumer's thread.

    `wait_s` says how long it is to a partition's next transaction, `most_records` how many may wait for it.
    """

    def __init__(self, wait_s: Callable[[int], float], most_records: int) -> None:
        self._wait_s = wait_s
        self._most_records = most_records
        self._parcels: dict[int, Parcel] = {}
        self._records: dict[int, int] = {}

    def __bool__(self) -> bool:
        return bool(self._parcels)

    def add(self, fetched: Fetched) -> None:
        """Hold a chunk."""
        number = fetched.chunk.partition
        self._parcels.setdefault(number, []).append(fetched)
        self._records[number] = self._records.get(number, 0) + len(fetched.chunk.records)

    def keep(self, is_assigned: Callable[[TopicPartition], bool]) -> None:
        """Drop what went to others."""
        self._retain(is_assigned)

    def drop(self, sought: Collection[TopicPartition]) -> None:
        """Drop what is of these places: they are fetched anew."""
        self._retain(lambda place: place not in sought)

    def _retain(self, wanted: Callable[[TopicPartition], bool]) -> None:
        for number, parcel in list(self._parcels.items()):
            kept = [one for one in parcel if wanted(TopicPartition(one.chunk.topic, number))]
            if len(kept) < len(parcel):
                del self._parcels[number], self._records[number]
                for one in kept:
                    self.add(one)

    def pause_s(self) -> float:
        """Seconds until something is ready; 0 if it is now. Only while something is held."""
        return max(0.0, min(map(self._due_in_s, self._parcels)))

    def take_ready(self) -> dict[int, Parcel]:
        """What has its turn, by partition."""
        ready = [number for number in self._parcels if self._due_in_s(number) <= 0]
        for number in ready:
            del self._records[number]
        return {number: self._parcels.pop(number) for number in ready}

    def _due_in_s(self, number: int) -> float:
        if self._records[number] >= self._most_records:
            return 0.0
        return self._wait_s(number) - _LEAD_S
