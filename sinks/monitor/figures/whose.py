"""Whose figures: everybody's, or those of contacts of an origin and a sentiment (B1, B8).

In URLs an origin is written as it is. Empty means unknown; `*others` are all origins beyond the fifty that an
account lists, `*all` is no filter. No real origin can be mistaken for these: a star at its start is doubled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

STAR = "*"
OTHERS = "*others"
ALL = "*all"


class Feeling(StrEnum):
    """Sentiment of a contact or an interaction; NO_DATA is never neutral."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"
    NO_DATA = "no_data"


class BadOrigin(ValueError):
    """Starts with a star, yet is neither reserved nor a name with its star doubled."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Contacts of an origin ("" unknown) and a sentiment; None: of any.

    `beside`: instead, those whose origin is known and none of these.
    """

    origin: str | None = None
    sentiment: Feeling | None = None
    beside: tuple[str, ...] | None = None

    @property
    def everybody(self) -> bool:
        """Whether nobody is left out."""
        return self.of_any_origin and self.sentiment is None

    @property
    def of_any_origin(self) -> bool:
        """Whether origins do not matter."""
        return self.origin is None and self.beside is None

    @property
    def written_origin(self) -> str | None:
        """The origin as URLs have it."""
        return OTHERS if self.beside is not None else written(self.origin)

    @property
    def state(self) -> dict[str, str]:
        """What stands in URLs."""
        facts = {"origin": self.written_origin, "sentiment": self.sentiment}
        return {name: str(value) for name, value in facts.items() if value is not None}

    def bound(self) -> dict[str, Any]:
        """As queries bind it."""
        return {
            "any_origin": self.of_any_origin,
            "origins": [self.origin or ""] if self.beside is None else ["", *self.beside],
            "other_origins": self.beside is not None,
            "any_sentiment": self.sentiment is None,
            "sentiment": "" if self.sentiment in (None, Feeling.NO_DATA) else self.sentiment.value,
            "nothing": "",
        }


EVERYBODY = Whose()


def written(origin: str | None) -> str | None:
    """An origin as URLs have it."""
    return STAR + origin if origin is not None and origin.startswith(STAR) else origin


def whose(origin: str | None, sentiment: Feeling | None, listed: Sequence[str]) -> Whose:
    """What a URL means; `listed` are the origins that have a name on the screen. BadOrigin."""
    if origin is None or origin == ALL:
        return Whose(sentiment=sentiment)
    if origin == OTHERS:
        return Whose(sentiment=sentiment, beside=tuple(listed))
    if origin.startswith(STAR):
        origin = origin.removeprefix(STAR)
        if not origin.startswith(STAR):
            raise BadOrigin(f"origin: {STAR}{origin} is reserved; a star that starts a name is doubled")
    return Whose(origin, sentiment)
