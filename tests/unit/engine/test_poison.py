"""The search for the record that ends the process."""

import pytest

from streams.engine.poison import Trials

CHUNK = 64
DEATHS = 3


class Partition:
    """A log of one topic with deadly records, and what a watermark keeps over restarts."""

    def __init__(self, length: int, deadly: set[int]) -> None:
        self.length = length
        self.deadly = deadly
        self.position = 0
        self.attempts: dict[str, int] = {}
        self.refused: list[int] = []

    def live(self) -> bool:
        """One life of the process: False if it ended before the end of the log."""
        trials = Trials(self.attempts, CHUNK, DEATHS)
        while self.position < self.length:
            if trials.is_first("t"):
                trials.begin("t")
                self.attempts = dict(trials.attempts)
            end = min(self.length, self.position + trials.limit("t"))
            chunk = range(self.position, end)
            if trials.refuses("t"):
                self.refused.extend(chunk)
            elif self.deadly & set(chunk):
                return False
            trials.passed("t", len(chunk))
            self.attempts = dict(trials.attempts)
            self.position = end
        return True


@pytest.mark.parametrize("deadly", [{0}, {63}, {64}, {100}, {199}, {10, 11}, {5, 150}])
def test_exactly_the_deadly_records_are_refused(deadly: set[int]) -> None:
    partition = Partition(200, deadly)
    lives = 1
    while not partition.live():
        lives += 1
    assert set(partition.refused) == deadly
    assert len(partition.refused) == len(deadly)
    assert lives <= len(deadly) * (DEATHS + 7) + 1


def test_two_deaths_are_no_pattern() -> None:
    trials = Trials({"t": 2}, CHUNK, DEATHS)
    assert trials.limit("t") == CHUNK
    assert not trials.refuses("t")


def test_each_topic_is_counted_for_itself() -> None:
    trials = Trials({"left": 5}, CHUNK, DEATHS)
    assert trials.limit("right") == CHUNK
    trials.begin("right")
    trials.passed("right", 1)
    assert trials.attempts == {"left": 5, "right": 0}


def test_a_chunk_that_waits_is_not_deadly() -> None:
    trials = Trials({"t": 9}, CHUNK, DEATHS)
    trials.begin("t")
    trials.survived("t")
    assert trials.attempts == {"t": 0}
    assert trials.limit("t") == CHUNK
