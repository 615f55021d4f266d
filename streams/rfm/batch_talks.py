"""The slow way for interactions: which versions were in force, and the sentiment they add up to.

An id is remembered until 90 days after the interaction took place as its version in force says.
What took place longer ago than that, seen from the account's day, is too late. A version that comes
after its id was forgotten, and says that it took place later than the one before did, is therefore
another interaction: both count. A score of Latido's counts only beside what it scores, which a removal may
have taken away. Nothing else of an interaction depends on when it arrived.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import groupby
from operator import itemgetter

from streams.rfm.facts import TalkFacts
from streams.rfm.interactions import Interaction, Sentiment

_REMEMBERED_DAYS = 90
_HALF_LIFE_DAYS = 90
_DIGITS = 60

Heard = tuple[Interaction, int, int]
"""An interaction, the day on which it took place, and the account's day when it was met."""


def is_too_late(took_place: int, met: int) -> bool:
    """Whether an interaction of one day is left out on another."""
    return met - took_place > _REMEMBERED_DAYS


def lives_of(heard: Iterable[Heard]) -> list[TalkFacts]:
    """The interactions that count; an id occurs again where it was forgotten in between."""
    by_id: dict[str, list[Heard]] = defaultdict(list)
    for one in heard:
        by_id[one[0].interaction_id].append(one)
    return [life for interaction_id in sorted(by_id) for life in _lives(by_id[interaction_id])]


def remembered(lives: Sequence[TalkFacts], today: int) -> tuple[TalkFacts, ...]:
    """Those whose ids are still known."""
    return tuple(life for life in lives if not is_too_late(life.day, today))


def mood_of(lives: Sequence[TalkFacts]) -> tuple[int, int, Sentiment | None]:
    """(weighted sum, weights, sentiment): the mean of -1, 0, 1 weighted by 2^(-age / 90 days) (B8)."""
    weighted = [(life.sentiment, _weight(life.day)) for life in lives if life.sentiment is not None]
    if not weighted:
        return 0, 0, None
    total = sum(value * weight for value, weight in weighted)
    weights = sum(weight for _, weight in weighted)
    mean = Fraction(total, weights)
    if abs(mean) < Fraction(1, 4):
        return total, weights, Sentiment.NEUTRAL
    return total, weights, Sentiment.POSITIVE if mean > 0 else Sentiment.NEGATIVE


def _lives(heard: Sequence[Heard]) -> list[TalkFacts]:
    lives: list[TalkFacts] = []
    for met, group in groupby(sorted(heard, key=itemgetter(2)), key=itemgetter(2)):
        fellows = list(group)
        versions = [_told(event, day) for event, day, _ in fellows if not is_too_late(day, met)]
        is_known = bool(lives) and not is_too_late(lives[-1].day, met)
        if versions and is_known:
            versions.append(lives.pop())
        if versions and (is_known or any(not event.is_score for event, *_ in fellows)):
            lives.append(max(versions, key=lambda told: told[1:4]))
    return lives


def _told(event: Interaction, day: int) -> TalkFacts:
    stamp = (event.version, event.updated_at_ms, event.event_id)
    return TalkFacts(event.interaction_id, *stamp, day, event.sentiment)


def _weight(day: int) -> int:
    """Doubles every 90 days; between, 2^32 x 2^(part of 90 days), rounded once."""
    doublings, rest = divmod(day, _HALF_LIFE_DAYS)
    with localcontext() as context:
        context.prec = _DIGITS
        part = Decimal(2) ** (Decimal(rest) / _HALF_LIFE_DAYS)
        scaled = int((part * 2**32).to_integral_value())
    return scaled << doublings
