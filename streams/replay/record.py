"""What one partition wrote down so far: clock, dead letters, changes told, rows."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from schemas.codec import Codec
from streams.agents.activity import CHANGELOGS, NAME
from streams.engine.restore import ChangelogReader
from streams.engine.watermark import Watermark, decode_watermark, watermark_key
from streams.replay.rebuild import INTERACTIONS, ORDERS, Rebuild, Recorded
from streams.replay.store import Store
from streams.rfm.changes import Step

PROFILES, DAYS = "contact-profiles.v1", "contact-days.v1"
COMPACTED = (PROFILES, ORDERS, INTERACTIONS, DAYS)
_CLOCK, _CHANGES, _LETTERS = "clock.v1", "segment-changes.v1", "dead-letters.v1"


class Told(NamedTuple):
    """The last change that a contact's subscribers heard of."""

    seq: int
    segment: str
    r: int
    f: int
    m: int


class Record:
    """The partition's own output. RestoreFailed where it cannot be read."""

    def __init__(self, codec: Codec, partition: int) -> None:
        self.told: dict[tuple[str, str], Told] = {}
        self.read_to: dict[str, int] = {}
        self._codec = codec
        self._partition = partition

    def watermark(self, reader: ChangelogReader) -> Watermark | None:
        """The last committed one."""
        value = reader.last_value(watermark_key(NAME, self._partition))
        return None if value is None else decode_watermark(value, CHANGELOGS)

    def new_steps(self, reader: ChangelogReader) -> list[Recorded]:
        """Steps of clock.v1 since the last call."""
        return [
            _recorded(self._codec.decode_one("clock_step", value)) for value in self._tail(reader, _CLOCK)
        ]

    def bury(self, reader: ChangelogReader, rebuild: Rebuild) -> None:
        """Tell `rebuild` of new dead letters."""
        for value in self._tail(reader, _LETTERS):
            letter = self._codec.decode_one("dead_letter", value)
            rebuild.bury(letter["topic"], letter["offset"])

    def listen(self, reader: ChangelogReader) -> None:
        """Bring `told` up to the present."""
        names = ("account_id", "contact_id", "seq", "to_segment", "r", "f", "m")
        columns = self._codec.decode_block("segment_change", self._tail(reader, _CHANGES), names).columns
        for account_id, contact_id, *told in zip(*(columns[name] for name in names), strict=True):
            self.told[account_id, contact_id] = Told(*told)

    def rows(self, reader: ChangelogReader, store: Store, begins: Mapping[str, int]) -> None:
        """Bring the store's old rows up to the present."""
        for topic in COMPACTED:
            self._read(reader, topic, begins.get(topic, 0), store)

    def _read(self, reader: ChangelogReader, topic: str, begins: int, store: Store) -> None:
        start = self.read_to.get(topic, begins)
        self.read_to.update(reader.read_all({topic: start}, store.keep_old))

    def _tail(self, reader: ChangelogReader, topic: str) -> list[bytes]:
        found: list[bytes] = []

        def keep(_: str, _keys: Any, values: list[bytes | None]) -> None:
            found.extend(value for value in values if value is not None)

        self.read_to.update(reader.read_all({topic: self.read_to.get(topic, 0)}, keep))
        return found


def _recorded(step: Mapping[str, Any]) -> Recorded:
    positions = {position["topic"]: position["offset"] for position in step["positions"]}
    return Recorded(Step(*(step[name] for name in Step._fields)), positions, step["applied_at"])
