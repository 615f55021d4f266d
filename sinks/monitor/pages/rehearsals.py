"""What would have fired: parts of the previews of a model and of an automation, and the contacts behind them.

They take seconds on a large base, so pages ask for them when they are already on the screen.
"""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Request, Response
from pydantic import ValidationError

from schemas.actions import ActionKind
from schemas.automation import AUTOMATION
from sinks.monitor.action_words import REASONS
from sinks.monitor.api.automating import definition_of
from sinks.monitor.api.contacts import Cursor, contact_row
from sinks.monitor.api.context import Ask, Asked
from sinks.monitor.api.model import candidate_body, candidate_view
from sinks.monitor.api.rehearsing import DAYS, automation_rehearsal, lived, model_rehearsal
from sinks.monitor.figures.cursors import BadCursor
from sinks.monitor.figures.sets import read_those
from sinks.monitor.i18n import N_
from sinks.monitor.pages.model import BadCuts, candidate_of
from sinks.monitor.pages.showing import Failed, Id, OtherId, panel, show
from sinks.monitor.problems import Problem

T = TypeVar("T")
router = APIRouter(include_in_schema=False)
PAGE = 50
_BUSY = 503
KINDS: dict[ActionKind, str] = {
    ActionKind.ENTERED: N_("Entered"),
    ActionKind.ASSIGNED: N_("Dealt to an arm"),
    ActionKind.WEBHOOK: N_("Sent"),
    ActionKind.TAG: N_("Tagged"),
    ActionKind.NOTHING: N_("Nothing done"),
    ActionKind.DEFERRED: N_("Put off to the end of quiet hours"),
    ActionKind.SUPPRESSED: N_("Not sent"),
    ActionKind.MISSED: N_("Missed"),
    ActionKind.CANCELLED: N_("Cancelled before delivery"),
    ActionKind.EXITED: N_("Left"),
}
Cuts = Annotated[str, Query(max_length=200, description="Four growing numbers.")]
Preset = Annotated[str, Query(max_length=40)]
ValueOf = Annotated[str, Query(max_length=10)]
Days = Annotated[int, Query(ge=1, le=90)]


@router.get("/model/rehearsal")
def of_model(
    *,
    request: Request,
    ask: Ask,
    r: Cuts = "",
    f: Cuts = "",
    m: Cuts = "",
    preset: Preset = "",
    value_of: ValueOf = "",
    days: Days = DAYS,
) -> Response:
    """What active automations would have done under another model."""
    candidate = _candidate(ask, r, f, m, preset, value_of) or {}
    found = _unless_busy(lambda: model_rehearsal(ask, candidate, days))
    asked = {"r": r, "f": f, "m": m, "preset": preset, "value_of": value_of}
    return show(request, ask, "rehearsal_model.html", found=found, asked=asked, back="/model")


@router.get("/automations/rehearsal")
def of_automation(request: Request, ask: Ask, id_: Id, days: Days = DAYS) -> Response:
    """What an automation would have done."""
    definition = definition_of(ask, AUTOMATION, id_)
    found = _unless_busy(lambda: automation_rehearsal(ask, definition, days))
    return show(
        request,
        ask,
        "rehearsal_automation.html",
        found=found,
        id=id_,
        back="/automations/preview",
        KINDS=KINDS,
        REASONS=REASONS,
    )


@router.get("/contacts/fired")
def fired(
    *,
    request: Request,
    ask: Ask,
    automation: OtherId,
    days: Days = DAYS,
    r: Cuts = "",
    f: Cuts = "",
    m: Cuts = "",
    preset: Preset = "",
    value_of: ValueOf = "",
    cursor: Cursor = None,
) -> Response:
    """Who would have entered an automation, under the model in force or, with cuts, under another."""
    definition = definition_of(ask, AUTOMATION, automation)
    candidate = _candidate(ask, r, f, m, preset, value_of)
    page = _unless_busy(lambda: _page(ask, definition, days, candidate, cursor))
    about = {
        "kind": "fired",
        "automation": automation,
        "name": str(definition.body.get("name") or automation),
        "candidate": candidate is not None,
        "days": days,
        "one_of": 1 if isinstance(page, Failed) else page["one_of"],
    }
    return show(request, ask, "set.html", about=about, page=page, cursor=cursor)


def _page(
    ask: Asked, definition: Any, days: int, candidate: dict[str, Any] | None, cursor: str | None
) -> dict[str, Any]:
    """A page of the contacts, as `set.html` shows it."""
    found = lived(ask, days, candidate, definition if candidate is None else None)
    of = found.now if candidate is None or found.then is None else found.then
    own = of.automations.get(definition.id)
    try:
        page = read_those(
            ask.queries, ask.account_id, own.contact_ids if own else (), limit=PAGE, cursor=cursor
        )
    except BadCursor as error:
        raise Problem(422, f"cursor: {error}") from error
    rows = [(contact_row(ask, row), None, None) for row in page.rows]
    return {"rows": rows, "next_cursor": page.next_cursor, "total": page.total, "one_of": found.one_of}


def _candidate(ask: Asked, r: str, f: str, m: str, preset: str, value_of: str) -> dict[str, Any] | None:
    """The body of the candidate; None if nothing is asked for. Problem 422."""
    if not any((r, f, m, preset, value_of)):
        return None
    try:
        candidate = candidate_of(ask, r, f, m, preset, value_of)
    except (BadCuts, ValidationError) as error:
        raise Problem(422, "each field takes four growing numbers") from error
    candidate_view(ask, candidate)
    return candidate_body(ask, candidate)


def _unless_busy(compute: Callable[[], T]) -> T | Failed:
    """A panel; also while others are being computed."""
    try:
        return panel(compute)
    except Problem as problem:
        if problem.status != _BUSY:
            raise
        return Failed()
