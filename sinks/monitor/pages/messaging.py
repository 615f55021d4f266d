"""Settings of all messages: legal basis, quiet hours, caps. The Administrator's."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from sinks.monitor.api.context import Ask, Asked
from sinks.monitor.api.messaging import Messages, changed, messages_answer
from sinks.monitor.pages.showing import show
from sinks.monitor.problems import Problem
from sinks.monitor.rendering import link
from sinks.monitor.rights import Right
from sinks.monitor.scope import Scope, form, having

router = APIRouter(include_in_schema=False)
Setting = Annotated[Scope, Depends(having(Right.EDIT_CONSENT))]


@router.get("/messages")
def messages(request: Request, ask: Ask, _scope: Setting, saved: bool = False) -> Response:
    """What holds now."""
    return _page(request, ask, saved=saved)


@router.post("/messages/save")
async def save(request: Request, ask: Ask, _scope: Setting) -> Response:
    """Put others in force."""
    return await run_in_threadpool(_save, request, ask, await form(request))


def _save(request: Request, ask: Asked, fields: Mapping[str, str]) -> Response:
    if fields.get("basis") == "legal" and not fields.get("legal_basis", "").strip():
        return _page(request, ask, unstated=True)
    try:
        changed(request, ask, Messages.model_validate(_given(fields)))
    except ValidationError as invalid:
        places = ", ".join(str(one["loc"][0]) for one in invalid.errors() if one["loc"])
        raise Problem(422, f"{places}: whole numbers within their bounds") from invalid
    return RedirectResponse(link(ask.scope, "/messages", saved="true"), 303)


def _page(request: Request, ask: Asked, *, saved: bool = False, unstated: bool = False) -> Response:
    found, status = messages_answer(ask), 422 if unstated else 200
    return show(request, ask, "messaging.html", status=status, found=found, saved=saved, unstated=unstated)


def _given(fields: Mapping[str, str]) -> dict[str, Any]:
    basis = fields.get("legal_basis", "").strip() if fields.get("basis") == "legal" else ""
    return {
        "base_version": fields.get("version", ""),
        "legal_basis": basis or None,
        "quiet_from": fields.get("quiet_from", ""),
        "quiet_to": fields.get("quiet_to", ""),
        "contact_cap": fields.get("contact_cap", ""),
        "account_cap": fields.get("account_cap", "").strip() or None,
    }
