"""Where figures lead: the contacts behind a flow, a period's sales, a preview's move."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from schemas.records import Segment
from sinks import periods
from sinks.monitor.api.contacts import Cursor, contact_row
from sinks.monitor.api.context import Ask, Asked, OfOrigin, OnlyOf
from sinks.monitor.api.model import candidate_view
from sinks.monitor.api.monitor import chosen_period
from sinks.monitor.api.movement import scope_of
from sinks.monitor.figures import sets
from sinks.monitor.figures.cursors import BadCursor
from sinks.monitor.figures.movement import NEW
from sinks.monitor.figures.whose import EVERYBODY, Feeling, Whose
from sinks.monitor.pages.model import BadCuts, candidate_of
from sinks.monitor.pages.movement import LONGEST
from sinks.monitor.pages.showing import panel, show
from sinks.monitor.problems import NotFound, Problem

router = APIRouter(include_in_schema=False)
PAGE = 50
YESTERDAY = timedelta(days=1)
Cuts = Annotated[str, Query(max_length=200)]
Place = Annotated[str, Query(max_length=30)]


@router.get("/contacts/moved")
def moved(
    *,
    request: Request,
    ask: Ask,
    first: Annotated[date, Query(alias="from")],
    last: Annotated[date, Query(alias="to")],
    source: Place,
    target: Place,
    known: bool = False,
    whose: OnlyOf,
    cursor: Cursor = None,
) -> Response:
    """Those of one cell of the movement; with one day for both, those who stood in a segment that day."""
    if not first <= last <= ask.today or last - first > LONGEST:
        raise Problem(422, "from and to: growing, up to today, five years at most")
    segment, begin = _segment(target), NEW if source == NEW else _segment(source)
    chosen = sets.moved(scope_of(ask, whose), first, last, begin, segment, as_known=known)
    about = {
        "kind": "moved",
        "source": begin,
        "target": segment,
        "first": first,
        "last": last,
        "known": known,
    }
    return _shown(request, ask, chosen, cursor, whose, about)


@router.get("/contacts/buyers")
def buyers(
    *,
    request: Request,
    ask: Ask,
    period: Annotated[periods.Preset | None, Query()] = None,
    first: Annotated[date | None, Query(alias="from")] = None,
    last: Annotated[date | None, Query(alias="to")] = None,
    whose: OnlyOf,
    cursor: Cursor = None,
) -> Response:
    """Those who bought in a period, by what they spent in it."""
    chosen = chosen_period(ask, period, first, last)
    about = {"kind": "buyers", "first": chosen.first, "last": chosen.last}
    return _shown(request, ask, sets.buyers(chosen, whose), cursor, whose, about)


@router.get("/contacts/talked")
def talked(
    *,
    request: Request,
    ask: Ask,
    period: Annotated[periods.Preset | None, Query()] = None,
    first: Annotated[date | None, Query(alias="from")] = None,
    last: Annotated[date | None, Query(alias="to")] = None,
    channel: Annotated[str | None, Query(max_length=200, description="Empty: none was named.")] = None,
    said: Feeling | None = None,
    whose: OnlyOf,
    cursor: Cursor = None,
) -> Response:
    """Those who said something in a period, by how often."""
    chosen = chosen_period(ask, period, first, last)
    about = {
        "kind": "talked",
        "first": chosen.first,
        "last": chosen.last,
        "channel": channel,
        "said": said,
    }
    return _shown(request, ask, sets.talked(chosen, channel, said, whose), cursor, whose, about)


@router.get("/contacts/felt")
def felt(
    *,
    request: Request,
    ask: Ask,
    day: date,
    segment: Segment,
    feeling: Feeling,
    whose: OfOrigin,
    cursor: Cursor = None,
) -> Response:
    """Those of a segment who felt so at the end of a past day."""
    if not YESTERDAY <= ask.today - day <= LONGEST:
        raise Problem(422, "day: before today, five years at most")
    about = {"kind": "felt", "day": day, "segment": segment.value, "feeling": feeling.value}
    chosen = sets.felt(ask.model(), day, segment, feeling, whose)
    return _shown(request, ask, chosen, cursor, whose, about)


@router.get("/contacts/preview")
def previewed(
    *,
    request: Request,
    ask: Ask,
    source: Segment,
    target: Segment,
    r: Cuts = "",
    f: Cuts = "",
    m: Cuts = "",
    preset: Annotated[str, Query(max_length=40)] = "",
    value_of: Annotated[str, Query(max_length=10)] = "",
    cursor: Cursor = None,
) -> Response:
    """Those whom another model would move."""
    try:
        view = candidate_view(ask, candidate_of(ask, r, f, m, preset, value_of))
    except (BadCuts, ValueError) as error:
        raise Problem(422, "each field takes four growing numbers") from error
    about = {"kind": "preview", "source": source.value, "target": target.value}
    return _shown(request, ask, sets.under(view, ask.today, source, target), cursor, EVERYBODY, about)


@router.get("/contacts/scores")
def scored(
    *,
    request: Request,
    ask: Ask,
    r: Annotated[int, Query(ge=1, le=5)],
    f: Annotated[int, Query(ge=1, le=5)],
    m: Annotated[int, Query(ge=1, le=5)],
    whose: OnlyOf,
    cursor: Cursor = None,
) -> Response:
    """Those of one cell of the map."""
    return _shown(
        request, ask, sets.scored((r, f, m), whose), cursor, whose, {"kind": "scores", "scores": (r, f, m)}
    )


def _shown(
    request: Request,
    ask: Asked,
    chosen: sets.ContactSet,
    cursor: str | None,
    whose: Whose,
    about: dict[str, Any],
) -> Response:
    page = panel(_reader(ask, chosen, cursor))
    return show(request, ask, "set.html", whose, about=about, page=page, cursor=cursor)


def _reader(ask: Asked, chosen: sets.ContactSet, cursor: str | None) -> Callable[[], dict[str, Any]]:
    def read() -> dict[str, Any]:
        try:
            page = (
                sets.read_set(ask.queries, ask.account_id, chosen, limit=PAGE, cursor=cursor)
                if cursor
                else ask.value(ask.figures.first_of_set(ask.account_id, chosen, PAGE))
            )
        except BadCursor as error:
            raise Problem(422, f"cursor: {error}") from error
        rows = [(contact_row(ask, row), row.get("bought"), row.get("spent")) for row in page.rows]
        return {"rows": rows, "next_cursor": page.next_cursor, "total": page.total}

    return read


def _segment(name: str) -> str:
    if name not in list(Segment):
        raise NotFound
    return name
