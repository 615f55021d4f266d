"""Interactions: what was said with which sentiment, and how a contact's sentiment follows from it.

A contact's sentiment is the mean of -1, 0, +1 weighted by 2^(-age / 90 days) (REQUIREMENTS B8). All
weights shrink alike as time passes, so the mean moves only with events; it is kept as two whole
numbers, sums of weights that grow by a factor of 2 in 90 days from 1970 on. Whole numbers commute:
any order of events gives the same sums to the last bit.
"""

from enum import StrEnum
from typing import NamedTuple

REMEMBERED_DAYS = 90
"""Ids are remembered so long after the interaction; what comes later is too late (DESIGN §3)."""

_HALF_LIFE_DAYS = 90
_SCALE_BITS = 32
_RESIDUES = tuple(round(2 ** (day / _HALF_LIFE_DAYS + _SCALE_BITS)) for day in range(_HALF_LIFE_DAYS))


class Sentiment(StrEnum):
    """Sentiment of a contact; a contact without rated interactions has none."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


class Interaction(NamedTuple):
    """One interaction event, validated. `sentiment` is -1, 0, 1, or None where nobody judged it.

    `is_score`: it says what Latido makes of an interaction that came before; alone it makes nobody known.
    """

    contact_id: str
    interaction_id: str
    version: int
    updated_at_ms: int
    event_id: str
    occurred_at_ms: int
    sentiment: int | None
    backfill: bool
    arrived_at_ms: int
    row: int = 0
    is_score: bool = False


class Talk(NamedTuple):
    """A remembered interaction: the stamp that decides which version wins, its day and sentiment."""

    version: int
    updated_at_ms: int
    event_id: str
    day: int
    sentiment: int | None


def sentiment_of_scores(stars: int | None, csat: int | None, nps: int | None) -> int | None:
    """-1, 0, 1 of the first score there is: stars and CSAT 1-2/3/4-5, NPS 0-6/7-8/9-10."""
    rating = stars if stars is not None else csat
    if rating is not None:
        return (rating > 3) - (rating < 3)
    return None if nps is None else (nps > 8) - (nps < 7)


def weight(day: int) -> int:
    """Weight of an interaction on a day, in units that double every 90 days."""
    return _RESIDUES[day % _HALF_LIFE_DAYS] << (day // _HALF_LIFE_DAYS)


def sentiment(weighted_sum: int, weights: int) -> Sentiment | None:
    """Positive from a mean of 0.25 on, negative from -0.25 down; None without rated interactions."""
    if not weights:
        return None
    if 4 * weighted_sum >= weights:
        return Sentiment.POSITIVE
    return Sentiment.NEGATIVE if 4 * weighted_sum <= -weights else Sentiment.NEUTRAL
