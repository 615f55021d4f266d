"""Activation (A9): says what it would do, with both numbers, and does it only then.

*Enviar ahora* is a manual send of its own, made at `/sends/new`; whoever enters from now on is the
automation's.
"""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from schemas.automation_json import InvalidAutomation
from sinks.monitor.api.context import Ask, Asked
from sinks.monitor.api.refusals import address_of
from sinks.monitor.authoring import automations as made
from sinks.monitor.authoring.audience import contacts_now
from sinks.monitor.authoring.drafts import ENTRIES, answered
from sinks.monitor.pages.automations import Activating
from sinks.monitor.pages.builder import problems_of
from sinks.monitor.pages.building import Opened, names_of
from sinks.monitor.pages.editing import version_of
from sinks.monitor.pages.showing import Id, panel, show
from sinks.monitor.problems import Problem
from sinks.monitor.rendering import link
from sinks.monitor.scope import form

router = APIRouter(include_in_schema=False)


@router.get("/automations/activate")
def confirm(
    request: Request,
    ask: Ask,
    _scope: Activating,
    id_: Id,
) -> Response:
    """What activating would do; back to the builder while something is missing."""
    found = made.automation_of(ask, id_)
    if problems_of(ask, {**found.draft, **_as_if_answered(found.entry)}):
        return RedirectResponse(link(ask.scope, "/automations/edit", id=id_, check="true"), 303)
    opened = Opened(found.id, found.version, found.status, dict(found.draft))
    return show(
        request,
        ask,
        "activate.html",
        one=opened,
        draft=opened.draft,
        contacts=panel(lambda: contacts_now(ask, found.draft)),
        **names_of(request, ask, opened),
    )


@router.post("/automations/activate")
async def activate(request: Request, ask: Ask, _scope: Activating) -> Response:
    """Let contacts enter, or go on to the manual send, or both."""
    return await run_in_threadpool(_activate, request, ask, await form(request))


def _activate(request: Request, ask: Asked, fields: dict[str, str]) -> Response:
    found = made.automation_of(ask, fields.get("id", ""))
    entry = fields.get("entry") or found.entry
    if entry not in ENTRIES:
        raise Problem(422, "entry: now, from_now or both")
    send = link(ask.scope, "/sends/new", automation=found.id)
    if entry == "now":
        return RedirectResponse(send, 303)
    try:
        made.activate(ask, found.id, version_of(fields), address_of(request), entry)
    except InvalidAutomation:
        return RedirectResponse(link(ask.scope, "/automations/edit", id=found.id, check="true"), 303)
    if entry == "both":
        return RedirectResponse(send, 303)
    return RedirectResponse(link(ask.scope, "/automations/edit", id=found.id, done="activated"), 303)


def _as_if_answered(entry: str) -> dict[str, Any]:
    """The question of who gets it may also be answered on this page."""
    return {} if entry else answered("from_now")
