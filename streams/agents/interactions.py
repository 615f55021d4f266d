"""Reading interactions.v1."""

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

_RANGES = {"stars": (1, 5), "csat": (1, 5), "nps": (0, 10), "sentiment": (-1, 1)}


def _interactions(decoded: Decoded, arrivals: Sequence[int]) -> Iterable[Interaction]:
    c = decoded.columns
    judged = zip(c["sentiment"], *(c[name] for name in _SCORES), strict=True)
    sentiments = [said if said is not None else sentiment_of_scores(*scores) for said, *scores in judged]
    columns = (c[name] for name in _FIELDS)
    rows = zip(*columns, sentiments, c["backfill"], arrivals, range(len(sentiments)), strict=True)
    return map(Interaction._make, rows)


INTERACTIONS = Reader(
    schema="interaction",
    columns=(*_FIELDS, *_SCORES, "sentiment", "backfill", "account_id"),
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
