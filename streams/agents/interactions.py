"""Reading interactions.v1."""

import re
from collections.abc import Iterable, Mapping, Sequence

from schemas.codec import Codec, Decoded
from schemas.reasons import Reason
from streams.agents.intake import (
    VERSION_CHECK,
    Intake,
    Reader,
    id_checks,
    instant_checks,
    not_ahead,
    range_check,
    read,
)
from streams.engine.contract import Record
from streams.rfm.account import Account
from streams.rfm.interactions import Interaction, sentiment_of_scores

_FIELDS = ("contact_id", "interaction_id", "version", "updated_at", "event_id", "occurred_at")
"""In the order of `Interaction`."""

_SCORES = ("stars", "csat", "nps")

_SCORE = re.compile(r"!s(\d{4})$")
_MOST_SCORES = 9999

_RANGES = {"stars": (1, 5), "csat": (1, 5), "nps": (0, 10), "sentiment": (-1, 1)}


def first_score_id(event_id: str) -> str:
    """Event id of an interaction once Latido has scored it: it wins over what it scores."""
    return f"{event_id}!s0001"


def next_score_id(event_id: str) -> str | None:
    """Event id that wins over an earlier score; None if it is no score's, or the last one."""
    found = _SCORE.search(event_id)
    if found is None or int(found[1]) == _MOST_SCORES:
        return None
    return f"{event_id[: found.start()]}!s{int(found[1]) + 1:04d}"


def is_score(event_id: str, sentiment_model: str | None) -> bool:
    """Whether it is Latido's score of an interaction, and not the interaction itself."""
    return sentiment_model is not None and _SCORE.search(event_id) is not None


def _interactions(decoded: Decoded, arrivals: Sequence[int]) -> Iterable[Interaction]:
    c = decoded.columns
    judged = zip(c["sentiment"], *(c[name] for name in _SCORES), strict=True)
    sentiments = [said if said is not None else sentiment_of_scores(*scores) for said, *scores in judged]
    scores = map(is_score, c["event_id"], c["sentiment_model"])
    columns = (c[name] for name in _FIELDS)
    rows = zip(*columns, sentiments, c["backfill"], arrivals, range(len(sentiments)), scores, strict=True)
    return map(Interaction._make, rows)


INTERACTIONS = Reader(
    schema="interaction",
    columns=(*_FIELDS, *_SCORES, "sentiment", "sentiment_model", "backfill", "account_id"),
    checks=(
        *id_checks("contact_id", "interaction_id", "event_id"),
        *instant_checks("occurred_at", "updated_at"),
        VERSION_CHECK,
        *(
            range_check(name, low, high, Reason.INVALID_VALUE, f"{name} lies outside {low} to {high}")
            for name, (low, high) in _RANGES.items()
        ),
        not_ahead("occurred_at"),
    ),
    make=_interactions,
)


def read_interactions(
    codec: Codec, records: Sequence[Record], accounts: Mapping[str, Account]
) -> Intake[Interaction]:
    """Interactions of a chunk."""
    return read(INTERACTIONS, codec, records, accounts)
