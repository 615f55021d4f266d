"""Which chunk ends the process: found by counting deaths and halving.

The count of starts at a position lives in the watermark. After `deaths` of them the chunk is halved
at each further start, and a single record that ended the process is refused. Progress resets, but
within the range of the first deadly chunk only once all of it has passed: otherwise every half that
passes would start the search anew.
"""


class Trials:
    """The starts of one partition, by input topic.

    `attempts` is what the next watermark says: starts at the present position that have not passed.
    """

    def __init__(self, attempts: dict[str, int], chunk_records: int, deaths: int) -> None:
        self.attempts = dict(attempts)
        self._dead_starts = dict(attempts)
        self._chunk_records = chunk_records
        self._deaths = deaths
        self._tried: set[str] = set()
        self._suspect_left = {topic: chunk_records for topic, dead in attempts.items() if dead >= deaths}

    def is_first(self, topic: str) -> bool:
        """Whether this process has not tried the topic yet: the attempt must be written first."""
        return topic not in self._tried

    def begin(self, topic: str) -> None:
        """Count the start; to be committed before the chunk is folded."""
        self._tried.add(topic)
        self.attempts[topic] = self._dead_starts.get(topic, 0) + 1

    def is_cleared(self, topic: str) -> bool:
        """Whether the topic has been tried and is not being halved: its chunks may go with others."""
        return topic in self._tried and topic not in self._suspect_left

    def limit(self, topic: str) -> int:
        """Most records of the next chunk of the topic."""
        if topic not in self._suspect_left:
            return self._chunk_records
        return self._limit_after(self._dead_starts[topic])

    def refuses(self, topic: str) -> bool:
        """Whether the record at the position ended the process when it was alone."""
        return topic in self._suspect_left and self._limit_after(self._dead_starts[topic] - 1) == 1

    def passed(self, topic: str, records: int) -> None:
        """A chunk of the topic is about to be committed."""
        left = self._suspect_left.get(topic, 0) - records
        if left > 0 and not self.refuses(topic):
            self._suspect_left[topic] = left
            return
        self._clear(topic)

    def survived(self, topic: str) -> None:
        """The chunk did not end the process, though it was not applied either."""
        self._clear(topic)

    def _clear(self, topic: str) -> None:
        self._suspect_left.pop(topic, None)
        self._dead_starts[topic] = 0
        self.attempts[topic] = 0

    def _limit_after(self, dead_starts: int) -> int:
        halvings = max(0, dead_starts - self._deaths + 1)
        return max(1, self._chunk_records >> halvings)
