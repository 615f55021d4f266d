"""How the base moved, how it grew, what silence will bring, and where it stands on the map."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from schemas.records import Segment
from sinks.monitor.api.contacts import Cursor
from sinks.monitor.api.context import Ask, OnlyOf
from sinks.monitor.api.movement import forecast, forecast_contacts, scope_of
from sinks.monitor.figures.groups import CLASSIFIED, SEGMENTS
from sinks.monitor.figures.movement import ERASED, NEW, Matrix
from sinks.monitor.figures.score_map import read_score_map
from sinks.monitor.i18n import N_, translations
from sinks.monitor.pages.showing import Failed, panel, show
from sinks.monitor.rendering import language_of
from sinks.monitor.words import SEGMENTS as NAMES

router = APIRouter(include_in_schema=False)
LONGEST = timedelta(days=5 * 366)
TREND_DAYS = (30, 90, 180, 365, 548)
OUTSIDE = {NEW: N_("New contacts"), ERASED: N_("Erased")}
"""Where contacts of the matrix come from or go to besides segments."""
FORECAST_DAYS = (7, 14, 30, 60, 90)


@router.get("/movement")
def movement(
    *,
    request: Request,
    ask: Ask,
    first: Annotated[date | None, Query(alias="from")] = None,
    last: Annotated[date | None, Query(alias="to")] = None,
    known: bool = False,
    whose: OnlyOf,
) -> Response:
    """From where to where contacts went between the ends of two days."""
    end = last or ask.today
    begin = first or end - timedelta(days=30)
    refused = not begin <= end <= ask.today or end - begin > LONGEST
    if refused:
        begin, end = ask.today - timedelta(days=30), ask.today
    found = panel(
        lambda: ask.value(ask.figures.transitions(scope_of(ask, whose), begin, end, as_known=known))
    )
    context: dict[str, Any] = {"first": begin, "last": end, "known": known, "refused": refused}
    if not isinstance(found, Failed):
        context |= _tables(request, found)
    return show(request, ask, "movement.html", whose, matrix=found, **context)


@router.get("/trend")
def trend(
    *, request: Request, ask: Ask, whose: OnlyOf, days: Annotated[int, Query(ge=2, le=731)] = 90
) -> Response:
    """Contacts by segment at the end of each day."""
    first = ask.today - timedelta(days=days - 1)
    found = panel(lambda: ask.value(ask.figures.trend(scope_of(ask, whose), first, ask.today)))
    chart: dict[str, Any] = {}
    if not isinstance(found, Failed):
        chart = {
            "days": [day.isoformat() for day in found],
            "series": [
                {
                    "segment": s,
                    "name": _name(request, s),
                    "contacts": [of_day[s] for of_day in found.values()],
                }
                for s in CLASSIFIED
            ],
        }
    choices = sorted({*TREND_DAYS, days})
    return show(
        request, ask, "trend.html", whose, days=days, choices=choices, found=found, chart=chart, first=first
    )


@router.get("/forecast")
def outlook(
    *,
    request: Request,
    ask: Ask,
    days: Annotated[int, Query(ge=1, le=365)] = 7,
    source: Annotated[Segment | None, Query(alias="from")] = None,
    target: Annotated[str, Query(alias="to", max_length=30)] = Segment.AT_RISK.value,
    whose: OnlyOf,
    cursor: Cursor = None,
) -> Response:
    """Who changes segment if nothing happens: into At Risk within a week, unless asked otherwise."""
    wanted = Segment(target) if target in list(Segment) else None
    moves = panel(lambda: forecast(ask=ask, days=days, whose=whose))
    rows = panel(
        lambda: forecast_contacts(
            ask=ask,
            days=days,
            sources=[source] if source else [],
            targets=[wanted] if wanted else [],
            whose=whose,
            cursor=cursor,
        )
    )
    return show(
        request,
        ask,
        "forecast.html",
        whose,
        days=days,
        choices=sorted({*FORECAST_DAYS, days}),
        source=source,
        target=wanted,
        moves=moves,
        summary=[] if isinstance(moves, Failed) else _summary(moves),
        rows=rows,
        cursor=cursor,
        SEGMENT_LIST=CLASSIFIED,
    )


@router.get("/map")
def score_map(request: Request, ask: Ask, whose: OnlyOf) -> Response:
    """Recency by frequency and value: where the base stands."""
    cells = panel(lambda: read_score_map(ask.queries, ask.account_id, whose))
    model = ask.model()
    chart: list[dict[str, Any]] = []
    if not isinstance(cells, Failed):
        by_scores = {cell.scores: cell for cell in cells}
        for scores, segment in sorted(model.cells.items()):
            cell = by_scores.get(scores)
            chart.append(
                {
                    "r": scores[0],
                    "f": scores[1],
                    "m": scores[2],
                    "segment": cell.segment if cell else segment,
                    "name": _name(request, cell.segment if cell else segment),
                    "contacts": cell.contacts if cell else 0,
                    "revenue_minor": cell.revenue_minor if cell else 0,
                }
            )
    return show(request, ask, "map.html", whose, cells=cells, chart=chart, nobody=not any_contacts(chart))


def any_contacts(chart: list[dict[str, Any]]) -> bool:
    """Whether anybody stands on the map."""
    return any(one["contacts"] for one in chart)


def _tables(request: Request, matrix: Matrix) -> dict[str, Any]:
    """The matrix as a table in the order of segments, and as the links of a flow."""
    sources = [s.value for s in SEGMENTS if any(a == s for a, _ in matrix)]
    targets = [s.value for s in SEGMENTS if any(b == s for _, b in matrix)]
    sources += [NEW] if any(a == NEW for a, _ in matrix) else []
    targets += [ERASED] if any(b == ERASED for _, b in matrix) else []
    moved = sum(n for (a, b), n in matrix.items() if a != b)
    links = [{"source": a, "target": b, "contacts": n} for (a, b), n in sorted(matrix.items()) if n]
    words = translations(language_of(request)).gettext
    names = {s.value: words(NAMES[s]) for s in SEGMENTS} | {
        NEW: words(OUTSIDE[NEW]),
        ERASED: words(OUTSIDE[ERASED]),
    }
    return {
        "sources": sources,
        "targets": targets,
        "moved": moved,
        "everybody": sum(matrix.values()),
        "chart": {"links": links, "sources": sources, "targets": targets, "names": names},
        "names": names,
    }


def _summary(moves: Any) -> list[dict[str, Any]]:
    """Moves of all days by (from, to), the largest first."""
    sums: dict[tuple[Segment, Segment], list[int]] = {}
    for move in moves.moves:
        one = sums.setdefault((move.source, move.target), [0, 0])
        one[0] += move.contacts
        one[1] += move.revenue_minor
    ranked = sorted(sums.items(), key=lambda pair: -pair[1][0])
    return [{"source": a, "target": b, "contacts": n, "revenue_minor": v} for (a, b), (n, v) in ranked]


def _name(request: Request, segment: Segment) -> str:
    return translations(language_of(request)).gettext(NAMES[segment])
