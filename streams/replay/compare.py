"""The rebuilt rows against those of the generation in force."""

from collections import Counter
from dataclasses import dataclass, field

from schemas.codec import Codec
from streams.replay.rebuild import INTERACTIONS, ORDERS
from streams.replay.record import COMPACTED, DAYS, PROFILES
from streams.replay.store import Store

_SCHEMAS = {
    PROFILES: "contact_profile",
    ORDERS: "contact_order",
    INTERACTIONS: "contact_interaction",
    DAYS: "contact_day",
}
_NO_FACTS = {"sequence", "changed_at", "scored_day", "live"}
"""When a row was made; the same facts may have been reached by another path."""


@dataclass(slots=True)
class Comparison:
    """Rows by topic: `same`; `different`, with those that were missing; `vanished`: only the old had them."""

    same: Counter[str] = field(default_factory=Counter)
    different: Counter[str] = field(default_factory=Counter)
    vanished: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Comparison") -> None:
        """Count another partition in."""
        self.same += other.same
        self.different += other.different
        self.vanished += other.vanished

    @property
    def differences(self) -> int:
        """Rows that were not as they should be."""
        return self.different.total() + self.vanished.total()


def compare(codec: Codec, store: Store) -> Comparison:
    """Compare all rows of a partition."""
    found = Comparison()
    for topic in COMPACTED:
        for pairs in store.pairs(topic):
            both = [(new, old) for _, new, old in pairs if old is not None]
            same = sum(map(_is_same, _facts(codec, topic, [new for new, _ in both]),
                           _facts(codec, topic, [old for _, old in both])))  # fmt: skip
            found.same[topic] += same
            found.different[topic] += len(pairs) - same
        found.vanished[topic] = sum(map(len, store.only_old(topic)))
    return found


def _is_same(new: tuple[object, ...] | None, old: tuple[object, ...] | None) -> bool:
    return new == old


def _facts(codec: Codec, topic: str, values: list[bytes]) -> list[tuple[object, ...] | None]:
    decoded = codec.decode_block(_SCHEMAS[topic], values, ())
    facts: list[tuple[object, ...] | None] = [None] * len(values)
    frame = decoded.frame.drop(_NO_FACTS & set(decoded.frame.columns))
    for index, row in zip(decoded.rows, frame.rows(), strict=True):
        facts[index] = row
    return facts
