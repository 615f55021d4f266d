"""How contacts feel (B8): by segment as of now, and the interactions of a period by channel."""

from dataclasses import dataclass

from schemas.records import Segment
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.groups import SEGMENTS
from sinks.monitor.figures.whose import Feeling, Whose
from sinks.periods import Period

Feelings = dict[Feeling, int]
_BY_SIGN = {1: Feeling.POSITIVE, 0: Feeling.NEUTRAL, -1: Feeling.NEGATIVE, None: Feeling.NO_DATA}


@dataclass(frozen=True, slots=True)
class ChannelFeelings:
    """Interactions of one channel; None: the event named none."""

    channel: str | None
    interactions: Feelings

    @property
    def total(self) -> int:
        """Of any sentiment."""
        return sum(self.interactions.values())


def read_feelings(queries: Queries, account_id: str, whose: Whose) -> dict[Segment, Feelings]:
    """Contacts of every segment by sentiment; of `whose` only the origin counts."""
    found = {segment: dict.fromkeys(Feeling, 0) for segment in SEGMENTS}
    for row in queries.rows("sentiment_segments", account_id, **whose.bound()):
        found[Segment(row["segment"])][Feeling(row["feeling"] or Feeling.NO_DATA)] += row["contacts"]
    return found


def read_interactions(
    queries: Queries, account_id: str, period: Period, whose: Whose
) -> list[ChannelFeelings]:
    """Interactions that happened in a period, the busiest channel first."""
    channels: dict[str | None, Feelings] = {}
    bound = {"first": period.first, "last": period.last, **whose.bound()}
    for row in queries.rows("sentiment_interactions", account_id, **bound):
        feelings = channels.setdefault(row["medium"] or None, dict.fromkeys(Feeling, 0))
        feelings[_BY_SIGN[row["sentiment"]]] += row["interactions"]
    found = [ChannelFeelings(channel, feelings) for channel, feelings in channels.items()]
    return sorted(found, key=lambda one: (-one.total, one.channel or ""))
