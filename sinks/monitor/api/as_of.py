"""The base as of a past day: restated from every order known by now, or as known then (E6)."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query

from schemas.records import Segment
from sinks.monitor.api.answers import Answer, OfSome
from sinks.monitor.api.context import PROBLEMS, Ask, Asked, OnlyOf
from sinks.monitor.api.monitor import about
from sinks.monitor.api.movement import scope_of
from sinks.monitor.figures.base import Totals
from sinks.monitor.figures.groups import CARDS, CLASSIFIED, MEMBERS, Group
from sinks.monitor.figures.movement import ERASED, read_base_as_of, read_known_transitions
from sinks.monitor.figures.whose import Whose
from sinks.monitor.problems import Problem

_FARTHEST = timedelta(days=50 * 366)
router = APIRouter(prefix="/api/v1", tags=["movement"], responses=PROBLEMS)


class PastSegment(Answer):
    """A segment then. Orders and revenue are known of the restated base only."""

    segment: Segment
    contacts: int
    orders: int | None
    revenue_minor: int | None


class PastCard(Answer):
    """A card then: the sum of its segments."""

    group: Group
    contacts: int


class AsOfAnswer(OfSome):
    """Contacts with purchases at the end of a day."""

    day: date
    as_known: bool
    buyers: int
    cards: list[PastCard]
    segments: list[PastSegment]


@router.get("/as-of", response_model=AsOfAnswer)
def as_of(
    *,
    ask: Ask,
    whose: OnlyOf,
    day: Annotated[date, Query(examples=["2026-10-22"])],
    as_known: Annotated[bool, Query(description="By the changes as they were told, not restated.")] = False,
) -> Any:
    """Cards and segments at the end of a day, today at the latest."""
    return as_of_answer(ask, day, as_known=as_known, whose=whose)


def as_of_answer(ask: Asked, day: date, *, as_known: bool, whose: Whose) -> AsOfAnswer:
    """The answer; 422 for a day ahead."""
    if not ask.today - _FARTHEST <= day <= ask.today:
        raise Problem(422, f"day: at most {ask.today}, the last 50 years")
    question = ("as of", day, as_known, ask.today, whose, ask.model().version)
    snapshot = ask.figures.answers.get(
        ask.account_id, question, lambda: _read(ask, day, as_known=as_known, whose=whose)
    )
    segments = ask.value(snapshot)
    found = {one.segment: one for one in segments}
    return AsOfAnswer(
        **about(ask, snapshot),
        day=day,
        as_known=as_known,
        **whose.state,
        buyers=sum(one.contacts for one in segments),
        cards=[PastCard(group=g, contacts=sum(found[s].contacts for s in MEMBERS[g])) for g in CARDS],
        segments=segments,
    )


def _read(ask: Asked, day: date, *, as_known: bool, whose: Whose) -> list[PastSegment]:
    scope = scope_of(ask, whose)
    if as_known:
        told = read_known_transitions(ask.queries, scope, day, day)
        counts = {target: n for (source, target), n in told.items() if target != ERASED and source == target}
        return [
            PastSegment(segment=s, contacts=counts.get(s.value, 0), orders=None, revenue_minor=None)
            for s in CLASSIFIED
        ]
    base = read_base_as_of(ask.queries, scope, day)
    totals = {segment: base.get(segment, Totals()) for segment in CLASSIFIED}
    return [
        PastSegment(segment=s, contacts=t.contacts, orders=t.orders, revenue_minor=t.revenue_minor)
        for s, t in totals.items()
    ]
