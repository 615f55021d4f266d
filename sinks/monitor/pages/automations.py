"""*Automatizaciones* and *Agentes especialistas* (B5, B9): one engine, two lists; pausing, throwing away."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from schemas.automation import Status
from schemas.automation_templates import Template, template
from sinks.monitor.api.automations import row_of
from sinks.monitor.api.context import Ask, Asked
from sinks.monitor.api.refusals import address_of
from sinks.monitor.authoring import automations as made
from sinks.monitor.pages.editing import teller, version_of
from sinks.monitor.pages.showing import show
from sinks.monitor.rendering import language_of, link
from sinks.monitor.rights import Right
from sinks.monitor.scope import Scope, form, having
from sinks.monitor.telling.names import STATUSES

router = APIRouter(include_in_schema=False)
Drafting = Annotated[Scope, Depends(having(Right.DRAFT_AUTOMATIONS))]
Activating = Annotated[Scope, Depends(having(Right.ACTIVATE_AUTOMATIONS))]
Chosen = Annotated[Status | None, Query()]


@router.get("/automations")
def automations(request: Request, ask: Ask, status: Chosen = None, removed: bool = False) -> Response:
    """Marketing automations: for many, by group or rule."""
    return _list(request, ask, status, specialist=False, removed=removed)


@router.get("/specialists")
def specialists(request: Request, ask: Ask, status: Chosen = None, removed: bool = False) -> Response:
    """Success specialist agents: directed actions by profile and sentiment."""
    return _list(request, ask, status, specialist=True, removed=removed)


@router.post("/automations/pause")
async def pause(request: Request, ask: Ask, _scope: Activating) -> Response:
    """Let nobody enter any more."""
    fields = await form(request)
    id_, base = fields.get("id", ""), version_of(fields)
    await run_in_threadpool(made.pause, ask, id_, base, address_of(request))
    return RedirectResponse(link(ask.scope, "/automations/edit", id=id_, done="paused"), 303)


@router.post("/automations/remove")
async def remove(request: Request, ask: Ask, _scope: Drafting) -> Response:
    """Throw away what is not active."""
    fields = await form(request)
    id_, base = fields.get("id", ""), version_of(fields)
    specialist = await run_in_threadpool(_remove, ask, id_, base, address_of(request))
    return RedirectResponse(
        link(ask.scope, "/specialists" if specialist else "/automations", removed="true"), 303
    )


def _remove(ask: Asked, id_: str, base: int, address: str) -> bool:
    """Whether what was removed is a specialist."""
    specialist = made.automation_of(ask, id_).specialist
    made.remove_automation(ask, id_, base, address)
    return specialist


def _list(
    request: Request, ask: Asked, status: Status | None, *, specialist: bool, removed: bool
) -> Response:
    teller_ = teller(request, ask)
    everything = [one for one in made.automations_of(ask) if one.specialist == specialist]
    rows = [row_of(one, teller_) for one in everything if status in (None, one.status)]
    return show(
        request,
        ask,
        "automations.html",
        rows=rows,
        counts={one: sum(1 for row in everything if row.status is one) for one in Status},
        total=len(everything),
        chosen=status,
        specialist=specialist,
        removed=removed,
        templates=_templates(request, specialist=specialist),
        STATUSES=STATUSES,
    )


def _templates(request: Request, *, specialist: bool) -> list[dict[str, Any]]:
    found = [template(one, language_of(request).value) for one in Template]
    return [one for one in found if one["specialist"] == specialist]
