"""*Crear automatización* (A9): a draft whose audience is a group; it asks who gets it and does nothing yet.

A draft is a definition of kind `automation` with status `draft`, stored at its first save. Its body: `name`,
`status`, `audience` {`of`: a group or segment, `origin`}, `send_now` and `from_now` (null until answered).
"""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from schemas.definitions import Definition
from schemas.definitions_topic import Edit
from sinks.monitor.api.context import Ask, Asked, Origin
from sinks.monitor.figures.groups import segments_of
from sinks.monitor.i18n import N_
from sinks.monitor.pages.showing import Failed, panel, show
from sinks.monitor.problems import NotFound, Problem
from sinks.monitor.rendering import link
from sinks.monitor.rights import Right
from sinks.monitor.scope import Scope, form, having

router = APIRouter(include_in_schema=False)
KIND, DRAFT = "automation", "draft"
Drafting = Annotated[Scope, Depends(having(Right.DRAFT_AUTOMATIONS))]
ENTRIES = {
    "now": N_("Send now"),
    "from_now": N_("Who enters from now on"),
    "both": N_("Both"),
}
"""Who gets it; nothing is preselected."""


@router.get("/automations")
def drafts(request: Request, ask: Ask, saved: Annotated[str, Query(max_length=64)] = "") -> Response:
    """Every draft of the account, the one changed last first."""
    found = ask.parts.definitions.of_kind(KIND, ask.account_id)
    rows = sorted((_row(one) for one in found), key=lambda row: row["at_ms"], reverse=True)
    return show(request, ask, "automations.html", rows=rows, saved=saved, ENTRIES=ENTRIES)


@router.get("/automations/new")
def new(
    request: Request,
    ask: Ask,
    _scope: Drafting,
    of: Annotated[str, Query(max_length=40)],
    origin: Origin = None,
) -> Response:
    """A draft that nobody has saved yet."""
    empty = {"id": "", "version": 0, "name": "", "of": of, "origin": origin, "entry": "", "at_ms": 0}
    return _page(request, ask, empty)


@router.get("/automations/draft")
def draft(
    request: Request,
    ask: Ask,
    _scope: Drafting,
    id: Annotated[str, Query(max_length=64)],  # noqa: A002
    saved: bool = False,
) -> Response:
    """A draft that was saved."""
    return _page(request, ask, _row(_found(ask, id)), saved=saved)


@router.post("/automations/save")
async def save(request: Request, ask: Ask, _scope: Drafting) -> Response:
    """Keep a draft; Conflict if somebody else changed it since this page was read."""
    return await run_in_threadpool(_save, ask, await form(request))


@router.post("/automations/remove")
async def remove(request: Request, ask: Ask, _scope: Drafting) -> Response:
    """Throw a draft away."""
    return await run_in_threadpool(_remove, ask, await form(request))


def _page(request: Request, ask: Asked, row: dict[str, Any], *, saved: bool = False) -> Response:
    segments = _segments(row["of"])
    count = panel(lambda: ask.figures.base(ask.account_id).value.of(segments, row["origin"]).contacts)
    contacts = None if isinstance(count, Failed) else count
    return show(request, ask, "automation.html", draft=row, contacts=contacts, saved=saved, ENTRIES=ENTRIES)


def _save(ask: Asked, fields: dict[str, str]) -> Response:
    of, entry, origin = fields.get("of", ""), fields.get("entry", ""), fields.get("origin")
    _segments(of)
    if entry not in ("", *ENTRIES):
        raise Problem(422, "entry: now, from_now or both")
    known = fields.get("id", "")
    if known:
        _found(ask, known)
    body = {
        "name": fields.get("name", "").strip()[:120],
        "status": DRAFT,
        "audience": {"of": of, "origin": origin},
        "send_now": entry in ("now", "both") if entry else None,
        "from_now": entry in ("from_now", "both") if entry else None,
    }
    draft_id = known or uuid.uuid4().hex
    _edit(ask, draft_id, _version(fields) if known else 0, body)
    return RedirectResponse(link(ask.scope, "/automations/draft", id=draft_id, saved="true"), 303)


def _remove(ask: Asked, fields: dict[str, str]) -> Response:
    found = _found(ask, fields.get("id", ""))
    _edit(ask, found.id, _version(fields), None)
    return RedirectResponse(link(ask.scope, "/automations"), 303)


def _edit(ask: Asked, draft_id: str, base: int, body: dict[str, Any] | None) -> None:
    at_ms = int(ask.now.timestamp() * 1000)
    edit = Edit(ask.account_id, KIND, draft_id, base, ask.scope.person.email, at_ms, body)
    ask.parts.definitions.edit(edit)


def _found(ask: Asked, draft_id: str) -> Definition:
    found = ask.parts.definitions.get(ask.account_id, KIND, draft_id)
    if found is None:
        raise NotFound
    return found


def _row(definition: Definition) -> dict[str, Any]:
    body = definition.body
    audience = body.get("audience") or {}
    now, later = body.get("send_now"), body.get("from_now")
    entry = "both" if now and later else "now" if now else "from_now" if later else ""
    return {
        "id": definition.id,
        "version": definition.version,
        "name": body.get("name") or "",
        "of": str(audience.get("of", "all")),
        "origin": audience.get("origin"),
        "entry": entry,
        "at_ms": definition.at_ms,
    }


def _segments(of: str) -> Any:
    try:
        return segments_of(of)
    except KeyError as error:
        raise NotFound from error


def _version(fields: dict[str, str]) -> int:
    text = fields.get("version", "")
    if not text.isascii() or not text.isdigit():
        raise Problem(422, "version: the one that the page showed")
    return int(text)
