"""How contacts feel (B8): by segment as of now, and the interactions of a period by channel."""

from dataclasses import dataclass
from enum import StrEnum

from schemas.records import Segment
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.groups import SEGMENTS
from sinks.periods import Period


class Feeling(StrEnum):
    """Of a contact or an interaction; UNKNOWN is never neutral."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"
    UNKNOWN = "unknown"


Feelings = dict[Feeling, int]
_BY_SIGN = {1: Feeling.POSITIVE, 0: Feeling.NEUTRAL, -1: Feeling.NEGATIVE, None: Feeling.UNKNOWN}


@dataclass(frozen=True, slots=True)
class ChannelFeelings:
    """Interactions of one channel; None: the event named none."""

    channel: str | None
    interactions: Feelings

    @property
    def total(self) -> int:
        """Of any sentiment."""
        return sum(self.interactions.values())


def read_feelings(queries: Queries, account_id: str, origin: str | None) -> dict[Segment, Feelings]:
    """Contacts of every segment by sentiment; `origin` "" means unknown, None all."""
    found = {segment: dict.fromkeys(Feeling, 0) for segment in SEGMENTS}
    for row in queries.rows("sentiment_segments", account_id, **_origin(origin)):
        found[Segment(row["segment"])][Feeling(row["feeling"] or Feeling.UNKNOWN)] += row["contacts"]
    return found


def read_interactions(
    queries: Queries, account_id: str, period: Period, origin: str | None
) -> list[ChannelFeelings]:
    """Interactions that happened in a period, the busiest channel first."""
    channels: dict[str | None, Feelings] = {}
    bound = {"first": period.first, "last": period.last, **_origin(origin)}
    for row in queries.rows("sentiment_interactions", account_id, **bound):
        feelings = channels.setdefault(row["medium"] or None, dict.fromkeys(Feeling, 0))
        feelings[_BY_SIGN[row["sentiment"]]] += row["interactions"]
    found = [ChannelFeelings(channel, feelings) for channel, feelings in channels.items()]
    return sorted(found, key=lambda one: (-one.total, one.channel or ""))


def _origin(origin: str | None) -> dict[str, object]:
    return {"any_origin": origin is None, "origin": origin or "", "nothing": ""}
