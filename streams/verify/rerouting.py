"""What one partition sent to another: every misrouted record once in rerouted.v1, as it was."""

from collections.abc import Iterator, Mapping

from schemas.records import Topic
from streams.agents import routing
from streams.engine.contract import Record
from streams.verify.drift import Finding, Kind
from streams.verify.inputs import Inputs
from streams.verify.log import Log
from streams.verify.pin import Pinned, digest

Source = tuple[str, int, int]
"""Topic, partition and offset at which a record first arrived."""


class Rerouting:
    """Collects what each partition must have sent by its pin; `check` looks for it."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._sent: dict[Source, tuple[int, bytes]] = {}
        self._positions: dict[int, Mapping[str, int]] = {}

    def keep(self, pinned: Pinned, inputs: Inputs) -> None:
        """Take over what a partition sent."""
        self._positions[pinned.partition] = pinned.positions
        for (topic, offset), destination in inputs.away.items():
            self._sent[topic, pinned.partition, offset] = destination

    def check(self) -> Iterator[Finding]:
        """Every disagreement. What was sent before a pin is in the log by now; what came later is left."""
        missing = dict(self._sent)
        for partition in self._positions:
            low, high = self._log.bounds(Topic.REROUTED, partition)
            for slice_ in self._log.read(Topic.REROUTED, partition, low, high):
                for record in slice_:
                    yield from self._judge(partition, record, missing)
        for source, (home, _) in missing.items():
            yield Finding(Kind.REROUTED, home, _name(source), "once", None)

    def _judge(
        self, partition: int, record: Record, missing: dict[Source, tuple[int, bytes]]
    ) -> Iterator[Finding]:
        source = _source(record)
        topic, sender, offset = source
        if offset >= self._positions.get(sender, {}).get(topic, 0):
            return
        expected = missing.pop(source, None)
        found = partition, digest(record.key, record.value)
        if expected is None:
            was = "once" if source in self._sent else None
            yield Finding(Kind.REROUTED, partition, _name(source), was, "one more")
        elif expected != found:
            yield Finding(Kind.REROUTED, partition, _name(source), f"unchanged in {expected[0]}", "otherwise")


def _source(record: Record) -> Source:
    headers = dict(record.headers)
    topic, partition, offset = (
        (headers.get(name) or b"").decode() for name in (routing.TOPIC, routing.PARTITION, routing.OFFSET)
    )
    return topic, int(partition), int(offset)


def _name(source: Source) -> str:
    return "|".join(map(str, source))
