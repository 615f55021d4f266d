"""Preview and results of an automation, and the decisions behind each figure."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from schemas.actions import ActionReason, Arm
from schemas.automation import AUTOMATION
from schemas.definitions import Definition
from sinks.monitor.action_words import ARMS, BASES, CHANNELS, FATES, REASONS
from sinks.monitor.api.automating import Days, definition_of, span_of
from sinks.monitor.api.contacts import Cursor
from sinks.monitor.api.context import Ask, Asked
from sinks.monitor.api.lift import WINDOW, Window, lift_answer
from sinks.monitor.api.results import actions_answer, preview_answer, results_answer
from sinks.monitor.authoring.drafts import clean_automation
from sinks.monitor.figures.results import Fate, Wanted
from sinks.monitor.pages.lifting import NAMES
from sinks.monitor.pages.showing import Id, panel, show
from sinks.monitor.problems import Problem
from sinks.monitor.rendering import link
from sinks.monitor.telling.automations import audience_words, trigger_words
from sinks.monitor.telling.teller import teller_of

router = APIRouter(include_in_schema=False)
PAGE = 50
SPANS = (7, 30, 90, 365)
LAST_VERSIONS = 20
"""As many are offered to choose from."""
EnteredWith = Annotated[str, Query(pattern=r"^[0-9]{0,9}$")]


@router.get("/automations/preview")
def preview(request: Request, ask: Ask, id_: Id) -> Response:
    """Whom it would have reached, who is in the audience now, and one message."""
    found = definition_of(ask, AUTOMATION, id_)
    try:
        answer = panel(lambda: preview_answer(ask, found, 0))
    except Problem as incomplete:
        if incomplete.status != 422:
            raise
        return RedirectResponse(link(ask.scope, "/automations/edit", id=id_, check="true"), 303)
    return show(
        request, ask, "preview.html", found=answer, about=about(ask, found), BASES=BASES, CHANNELS=CHANNELS
    )


@router.get("/automations/results")
def results(
    *,
    request: Request,
    ask: Ask,
    id_: Id,
    days: Days = 30,
    window: Window = WINDOW,
    version: EnteredWith = "",
) -> Response:
    """What came of it; what it achieves comes behind, for on a large base it takes some seconds."""
    found = definition_of(ask, AUTOMATION, id_)
    answer = panel(lambda: results_answer(ask, id_, days))
    return show(
        request,
        ask,
        "results.html",
        found=answer,
        about=about(ask, found),
        days=days,
        window=window,
        version=_number(version),
        SPANS=SPANS,
        **WORDS,
    )


@router.get("/automations/lift")
def lift(
    *,
    request: Request,
    ask: Ask,
    id_: Id,
    days: Days = 30,
    window: Window = WINDOW,
    version: EnteredWith = "",
) -> Response:
    """What it achieves, as a part of the page of results."""
    found = definition_of(ask, AUTOMATION, id_)
    return show(
        request,
        ask,
        "lift.html",
        lift=panel(lambda: lift_answer(ask, id_, window, None, _number(version))),
        about=about(ask, found),
        days=days,
        window=window,
        version=_number(version),
        versions=range(1, found.version + 1)[-LAST_VERSIONS:],
        **WORDS,
        **NAMES,
    )


@router.get("/automations/actions")
def actions(
    *,
    request: Request,
    ask: Ask,
    id_: Id,
    days: Days = 30,
    fate: Fate | None = None,
    reason: ActionReason | None = None,
    arm: Arm | None = None,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    cursor: Cursor = None,
) -> Response:
    """Who is behind a figure."""
    found = definition_of(ask, AUTOMATION, id_)
    wanted = Wanted((id_,), (fate,) if fate else (), reason.value if reason else None, arm, version)
    answer = panel(lambda: actions_answer(ask, wanted, span_of(ask, days), PAGE, cursor))
    return show(
        request,
        ask,
        "actions.html",
        found=answer,
        about=about(ask, found),
        wanted=wanted,
        days=days,
        cursor=cursor,
        **WORDS,
    )


def _number(version: str) -> int | None:
    return int(version) if version.strip("0") else None


def about(ask: Asked, found: Definition) -> dict[str, Any]:
    """What a page says of the automation or send itself."""
    body = found.body
    draft = clean_automation({**body, "audience": body.get("meant") or body.get("audience")})
    teller = teller_of(ask, ask.scope.person.language)
    return {
        "audience": audience_words(teller, draft["audience"]),
        "trigger": trigger_words(teller, draft["trigger"]),
        "id": found.id,
        "kind": found.kind,
        "name": str(body.get("name") or ""),
        "status": str(body.get("status") or ""),
        "specialist": body.get("specialist") is True,
        "version": found.version,
    }


WORDS: dict[str, Any] = {
    "FATES": FATES,
    "REASONS": REASONS,
    "ARMS": ARMS,
    "CHANNELS": CHANNELS,
    "Fate": Fate,
    "Arm": Arm,
}
"""What templates about actions know."""
