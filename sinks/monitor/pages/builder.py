"""The builder of automations: audience, trigger, steps, limits. A draft may lack anything and does nothing.

The form's names are paths into the automation's JSON. Parts come and go on the server (`/automations/shape`),
so that what is shown, saved and refused is one and the same draft.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from schemas.automation import Status
from schemas.automation_json import InvalidAutomation
from schemas.automation_templates import Template
from schemas.definitions_topic import Conflict
from schemas.rule_json import Problem as Fault
from sinks.monitor.api.context import Ask, Asked, OnlyOf
from sinks.monitor.api.refusals import address_of
from sinks.monitor.authoring import automations as made
from sinks.monitor.authoring.audience import contacts_now
from sinks.monitor.authoring.drafts import clean_automation, entry_of
from sinks.monitor.authoring.fields import tree
from sinks.monitor.authoring.shaping import reshape
from sinks.monitor.pages.automations import Drafting
from sinks.monitor.pages.building import Opened, names_of, new_draft
from sinks.monitor.pages.editing import digits_of, places, told, version_of
from sinks.monitor.pages.showing import Id, OtherId, panel, show
from sinks.monitor.rendering import language_of, link
from sinks.monitor.scope import form

router = APIRouter(include_in_schema=False)
DONE = ("saved", "activated", "paused")


@router.get("/automations/new")
def new(
    *,
    request: Request,
    ask: Ask,
    _scope: Drafting,
    of: Annotated[str, Query(max_length=40)] = "all",
    whose: OnlyOf,
    rule: OtherId = "",
    template: Annotated[Template | None, Query()] = None,
    specialist: bool = False,
) -> Response:
    """A draft that nobody has saved yet; from a card or a row its audience is that group as filtered (A9)."""
    draft = new_draft(ask, language_of(request), of, whose, rule, template, specialist=specialist)
    return _page(request, ask, Opened("", 0, Status.DRAFT, draft))


@router.get("/automations/edit")
def edit(
    *,
    request: Request,
    ask: Ask,
    _scope: Drafting,
    id_: Id,
    done: Annotated[str, Query(max_length=20)] = "",
    check: bool = False,
) -> Response:
    """A saved one. `check`: say what is missing before it can be activated."""
    found = made.automation_of(ask, id_)
    opened = Opened(found.id, found.version, found.status, dict(found.draft))
    faults = problems_of(ask, opened.draft) if check else ()
    return _page(request, ask, opened, faults=faults, done=done if done in DONE else "")


@router.post("/automations/shape")
async def shape(request: Request, ask: Ask, _scope: Drafting) -> Response:
    """The form again, with a part more or less."""
    return await run_in_threadpool(_shape, request, ask, await form(request))


@router.post("/automations/count")
async def count(request: Request, ask: Ask, _scope: Drafting) -> Response:
    """How many contacts the audience of the form holds now."""
    return await run_in_threadpool(_counted, request, ask, await form(request))


@router.post("/automations/save")
async def save(request: Request, ask: Ask, _scope: Drafting) -> Response:
    """Keep it; then, if that was asked for, on to its activation. A conflict gives the form back as typed."""
    return await run_in_threadpool(_save, request, ask, await form(request))


def problems_of(ask: Asked, draft: dict[str, Any]) -> tuple[Fault, ...]:
    """What the builder asks for before activation: for a single send by hand, no trigger."""
    entry = made.entry_faults_of(draft)
    if not entry and entry_of(draft) == "now":
        return made.send_faults_of(ask, draft)
    return (*made.faults_of(ask, draft), *entry)


def _shape(request: Request, ask: Asked, fields: dict[str, str]) -> Response:
    opened = _opened(ask, fields)
    draft, focus = reshape(opened.draft, fields.get("do", "refresh:"))
    return _page(request, ask, opened.with_draft(draft), focus=focus, fragment=True)


def _counted(request: Request, ask: Asked, fields: dict[str, str]) -> Response:
    draft = _opened(ask, fields).draft
    return show(request, ask, "audience_count.html", contacts=panel(lambda: contacts_now(ask, draft)))


def _save(request: Request, ask: Asked, fields: dict[str, str]) -> Response:
    opened = _opened(ask, fields)
    try:
        id_, _ = made.save_automation(
            ask, opened.id or None, opened.version, opened.draft, address_of(request)
        )
    except InvalidAutomation as invalid:
        return _page(request, ask, opened, faults=invalid.problems, status=422)
    except Conflict:
        return _page(request, ask, opened, conflict=True, status=409)
    if fields.get("then") != "activate":
        return RedirectResponse(link(ask.scope, "/automations/edit", id=id_, done="saved"), 303)
    if problems_of(ask, opened.draft):
        return RedirectResponse(link(ask.scope, "/automations/edit", id=id_, check="true"), 303)
    return RedirectResponse(link(ask.scope, "/automations/activate", id=id_), 303)


def _page(
    request: Request,
    ask: Asked,
    opened: Opened,
    *,
    faults: tuple[Fault, ...] = (),
    focus: str = "",
    conflict: bool = False,
    done: str = "",
    fragment: bool = False,
    status: int = 200,
) -> Response:
    response = show(
        request,
        ask,
        "builder_form.html" if fragment else "builder.html",
        one=opened,
        draft=opened.draft,
        advice=told(request, faults),
        places=places(request, faults),
        focus=focus,
        conflict=conflict,
        done=done,
        contacts=panel(lambda: contacts_now(ask, opened.draft)),
        **names_of(request, ask, opened),
    )
    response.status_code = status
    return response


def _opened(ask: Asked, fields: dict[str, str]) -> Opened:
    id_ = fields.get("id", "")
    status = Status.DRAFT
    if id_:
        status = made.automation_of(ask, id_).status
    draft = clean_automation(tree(fields), digits_of(ask))
    return Opened(id_, version_of(fields), status, draft)
