"""Movement between two days, the trend, and what silence will bring."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from schemas.records import Segment
from sinks.monitor.api.contacts import Cursor, Limit, contact_row
from sinks.monitor.api.context import PROBLEMS, Ask, Asked, OnlyOf, not_modified, tagged
from sinks.monitor.api.monitor import about
from sinks.monitor.api.movement_answers import (
    ForecastAnswer,
    ForecastContactsAnswer,
    ForecastMove,
    SegmentMove,
    Transition,
    TransitionsAnswer,
    TrendAnswer,
    TrendSeries,
)
from sinks.monitor.figures.cursors import packed, unpacked
from sinks.monitor.figures.groups import CLASSIFIED, SEGMENTS
from sinks.monitor.figures.movement import ERASED, NEW, Matrix, Scope
from sinks.monitor.figures.outlook import Window, read_forecast, read_forecast_contacts
from sinks.monitor.figures.whose import Whose
from sinks.monitor.problems import Problem

_LONGEST = timedelta(days=5 * 366)
router = APIRouter(prefix="/api/v1", tags=["movement"], responses=PROBLEMS)
Days = Annotated[int, Query(ge=1, le=365, description="How many days, tomorrow first.")]
Segments = Annotated[list[Segment], Query(description="Only these; absent: all.")]


@router.get("/transitions", response_model=TransitionsAnswer)
def transitions(
    *,
    request: Request,
    response: Response,
    ask: Ask,
    first: Annotated[date, Query(alias="from", examples=["2026-10-22"])],
    last: Annotated[date, Query(alias="to", examples=["2026-11-22"])],
    as_known: Annotated[bool, Query(description="By the changes as they were told, not restated.")] = False,
    whose: OnlyOf,
) -> Any:
    """From where to where contacts went between the ends of two days, `to` today at the latest."""
    if not first <= last <= ask.today or last - first > _LONGEST:
        raise Problem(422, f"from and to: growing, to at most {ask.today}, 5 years at most")
    snapshot = ask.figures.transitions(scope_of(ask, whose), first, last, as_known=as_known)
    if tagged(request, response, snapshot.version.rows, snapshot.begun_at, ask.today):
        return not_modified(response)
    matrix = ask.value(snapshot)
    return TransitionsAnswer(
        **about(ask, snapshot),
        **{"from": first, "to": last},
        as_known=as_known,
        **whose.state,
        new=_sum(matrix, source=NEW),
        erased=_sum(matrix, target=ERASED),
        moves=_moves(matrix),
        segments=[
            SegmentMove(
                segment=s,
                contacts_from=_sum(matrix, source=s.value),
                contacts_to=_sum(matrix, target=s.value),
            )
            for s in SEGMENTS
        ],
    )


@router.get("/trend", response_model=TrendAnswer)
def trend(
    *,
    request: Request,
    response: Response,
    ask: Ask,
    days: Annotated[int, Query(ge=2, le=731, description="How many days, today the last.")] = 90,
    whose: OnlyOf,
) -> Any:
    """Contacts by segment at the end of each day up to today."""
    first = ask.today - timedelta(days=days - 1)
    snapshot = ask.figures.trend(scope_of(ask, whose), first, ask.today)
    if tagged(request, response, snapshot.version.rows, snapshot.begun_at, ask.today):
        return not_modified(response)
    counts = ask.value(snapshot)
    return TrendAnswer(
        **about(ask, snapshot),
        **whose.state,
        days=list(counts),
        series=[
            TrendSeries(segment=segment, contacts=[of_day[segment] for of_day in counts.values()])
            for segment in CLASSIFIED
        ],
    )


@router.get("/forecast", response_model=ForecastAnswer)
def forecast(*, ask: Ask, whose: OnlyOf, days: Days = 7) -> Any:
    """How many contacts will change segment on which day if they stay silent."""
    window = _window(ask, days, whose)
    snapshot = ask.figures.answers.get(
        ask.account_id, window, lambda: read_forecast(ask.queries, ask.account_id, window)
    )
    moves = [
        ForecastMove(
            **{"from": row["segment"], "to": row["next_segment"]},
            day=row["day"],
            contacts=row["contacts"],
            revenue_minor=row["revenue"],
        )
        for row in ask.value(snapshot)
    ]
    contacts = sum(move.contacts for move in moves)
    return ForecastAnswer(
        **about(ask, snapshot), until=window.until, **whose.state, contacts=contacts, moves=moves
    )


@router.get("/forecast/contacts", response_model=ForecastContactsAnswer)
def forecast_contacts(
    *,
    ask: Ask,
    days: Days = 7,
    sources: Annotated[Segments, Query(alias="from")] = [],  # noqa: B006 - FastAPI copies it
    targets: Annotated[Segments, Query(alias="to")] = [],  # noqa: B006 - FastAPI copies it
    whose: OnlyOf,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """Who will change segment, from and to which, the soonest first."""
    window = _window(ask, days, whose)
    rows = read_forecast_contacts(
        ask.queries,
        ask.account_id,
        window,
        sources=sources or SEGMENTS,
        targets=targets or SEGMENTS,
        after=_place(cursor) if cursor else None,
        limit=limit + 1,
    )
    shown = rows[:limit]
    following = (
        packed([str(shown[-1]["next_segment_day"]), shown[-1]["contact_id"]]) if len(rows) > limit else None
    )
    return ForecastContactsAnswer(
        account=ask.account_id,
        currency=ask.currency,
        as_of=ask.today,
        at=ask.now,
        version=str(ask.figures.versions.of(ask.account_id).rows),
        until=window.until,
        items=[contact_row(ask, row) for row in shown],
        next_cursor=following,
    )


def scope_of(ask: Asked, whose: Whose) -> Scope:
    """The account on its day, under the model in force."""
    return Scope(ask.account_id, ask.today, ask.model(), whose)


def _window(ask: Asked, days: int, whose: Whose) -> Window:
    return Window(ask.today, ask.today + timedelta(days=days), whose)


def _sum(matrix: Matrix, source: str | None = None, target: str | None = None) -> int:
    return sum(n for (s, t), n in matrix.items() if source in (None, s) and target in (None, t))


def _moves(matrix: Matrix) -> list[Transition]:
    order = {name: place for place, name in enumerate([*(s.value for s in SEGMENTS), NEW, ERASED])}
    ranked = sorted(matrix.items(), key=lambda one: (order[one[0][0]], order[one[0][1]]))
    return [Transition(**{"from": s, "to": t, "contacts": n}) for (s, t), n in ranked]


def _place(cursor: str) -> tuple[date, str]:
    try:
        match unpacked(cursor):
            case [str(day), str(contact_id)]:
                return date.fromisoformat(day), contact_id
    except ValueError as error:
        raise Problem(422, "cursor: it is none of ours") from error
    raise Problem(422, "cursor: it is none of ours")
