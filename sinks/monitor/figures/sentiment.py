"""How contacts feel (B8): by segment now and at the end of a past day, and what they say, by channel.

A contact's sentiment fades with a half-life of 90 days, all of it alike, so it moves only with interactions:
that of a past day follows from the interactions up to it, as segments follow from the purchases up to it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.records import Segment
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.groups import SEGMENTS
from sinks.monitor.figures.model import cells, cuts, segment_numbered
from sinks.monitor.figures.whose import Feeling, Whose
from sinks.monitor.parts import ModelView
from sinks.periods import Period

Feelings = dict[Feeling, int]
SIGNS: dict[int | None, Feeling] = {
    1: Feeling.POSITIVE,
    0: Feeling.NEUTRAL,
    -1: Feeling.NEGATIVE,
    None: Feeling.NO_DATA,
}
HALF_LIFE_DAYS = 90
RESIDUES = [round(2 ** (day / HALF_LIFE_DAYS + 32)) for day in range(HALF_LIFE_DAYS)]
"""Weights within one half-life, as `streams.rfm.interactions` has them: a test holds both together."""


@dataclass(frozen=True, slots=True)
class ChannelFeelings:
    """Interactions of one channel in a period and in the one before; None: the event named none."""

    channel: str | None
    interactions: Feelings
    interactions_before: Feelings

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


def read_feelings_then(
    queries: Queries, account_id: str, model: ModelView, day: date, whose: Whose
) -> dict[Segment, Feelings]:
    """The same at the end of a past day, under the model in force.

    Contacts without purchases are known from their first interaction on: of those without either, no past.
    """
    found = {segment: dict.fromkeys(Feeling, 0) for segment in SEGMENTS}
    for row in queries.rows("sentiment_segments_then", account_id, **bound_then(model, day, whose)):
        feeling = Feeling(row["feeling_then"] or Feeling.NO_DATA)
        found[segment_numbered(row["segment_then"])][feeling] += row["contacts"]
    return found


def bound_then(model: ModelView, day: date, whose: Whose) -> dict[str, Any]:
    """What queries about feelings of a past day bind."""
    return {
        "to": day,
        "interaction_weight": round(100 * model.interaction_weight),
        "residues": RESIDUES,
        **{one.value: one.value for one in (Feeling.POSITIVE, Feeling.NEUTRAL, Feeling.NEGATIVE)},
        **cuts(model),
        "cells": cells(model),
        **whose.bound(),
    }


def read_interactions(
    queries: Queries, account_id: str, period: Period, earlier: Period, whose: Whose
) -> list[ChannelFeelings]:
    """Interactions that happened in two periods, the channel that is busiest in the first one first."""
    now, then = (_by_channel(queries, account_id, one, whose) for one in (period, earlier))
    nothing = dict.fromkeys(Feeling, 0)
    found = [ChannelFeelings(one, now.get(one, nothing), then.get(one, nothing)) for one in {**now, **then}]
    return sorted(found, key=lambda one: (-one.total, one.channel or ""))


def _by_channel(
    queries: Queries, account_id: str, period: Period, whose: Whose
) -> dict[str | None, Feelings]:
    channels: dict[str | None, Feelings] = {}
    bound = {"first": period.first, "last": period.last, **whose.bound()}
    for row in queries.rows("sentiment_interactions", account_id, **bound):
        feelings = channels.setdefault(row["medium"] or None, dict.fromkeys(Feeling, 0))
        feelings[SIGNS[row["sentiment"]]] += row["interactions"]
    return channels
