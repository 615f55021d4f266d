"""`Data up to`: the instant up to which everything the workers accepted is queryable.

Rule: a watermark that says "nothing unread was left at T" is written with or after every output up to T of
its partition. Where those outputs ended when the watermark was read is therefore far enough: once the
inserted positions of the partition pass these ends, T holds (DESIGN §4).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sinks.clickhouse.batch import Position

Source = tuple[str, int]
"""Application and partition of a watermark."""


@dataclass(frozen=True, slots=True)
class _Claim:
    at_ms: int
    ends: Mapping[Position, int]


class Freshness:
    """Watermarks on their way to being true. Used by the sink's thread only."""

    def __init__(self) -> None:
        self._claims: dict[Source, list[_Claim]] = {}

    def claim(self, source: Source, at_ms: int, ends: Mapping[Position, int]) -> None:
        """Note a watermark and where the outputs of its partition ended after it was read.

        Of the claims that wait, the oldest (the first to come true) and the newest are kept.
        """
        waiting = self._claims.setdefault(source, [])
        del waiting[1:]
        waiting.append(_Claim(at_ms, ends))

    def settle(self, inserted: Mapping[Position, int]) -> dict[Source, int]:
        """Instants (ms) that became true now that these positions are inserted."""
        settled: dict[Source, int] = {}
        for source, waiting in self._claims.items():
            true = [claim for claim in waiting if _passed(claim, inserted)]
            if true:
                settled[source] = max(claim.at_ms for claim in true)
                self._claims[source] = [claim for claim in waiting if claim not in true]
        return settled

    def forget(self) -> None:
        """Drop every claim: the partitions may go to another sink."""
        self._claims.clear()


def _passed(claim: _Claim, inserted: Mapping[Position, int]) -> bool:
    return all(inserted.get(position, 0) >= end for position, end in claim.ends.items())
