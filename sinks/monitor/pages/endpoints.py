"""Endpoints: made, tested, rotated and switched by Administrators."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from sinks.monitor.action_words import STATES
from sinks.monitor.api.context import Ask, Asked
from sinks.monitor.api.endpoint_answers import NewEndpoint, SecretAnswer
from sinks.monitor.api.endpoints import (
    created,
    endpoints_answer,
    rotated,
    switched,
    tested,
)
from sinks.monitor.pages.showing import panel, show
from sinks.monitor.problems import NotFound, Problem
from sinks.monitor.rendering import link
from sinks.monitor.rights import Right
from sinks.monitor.scope import Scope, form, having

router = APIRouter(include_in_schema=False)
Managing = Annotated[Scope, Depends(having(Right.MANAGE_ENDPOINTS))]


@router.get("/endpoints")
def endpoints(request: Request, ask: Ask, _scope: Managing) -> Response:
    """All of them."""
    return _page(request, ask)


@router.post("/endpoints/create")
async def create(request: Request, ask: Ask, _scope: Managing) -> Response:
    """A new one; the page shows its secret this once."""
    return await run_in_threadpool(_create, request, ask, await form(request))


@router.post("/endpoints/rotate")
async def rotate(request: Request, ask: Ask, _scope: Managing) -> Response:
    """A new secret; the page shows it this once."""
    return await run_in_threadpool(_rotate, request, ask, (await form(request)).get("id", ""))


@router.post("/endpoints/test")
async def test(request: Request, ask: Ask, _scope: Managing) -> Response:
    """Send a test event, and on to the log."""
    return await run_in_threadpool(_test, request, ask, (await form(request)).get("id", ""))


@router.post("/endpoints/switch")
async def switch(request: Request, ask: Ask, _scope: Managing) -> Response:
    """On or off."""
    return await run_in_threadpool(_switch, request, ask, await form(request))


def _create(request: Request, ask: Asked, fields: Mapping[str, str]) -> Response:
    given = {name: fields.get(name, "") for name in ("id", "url", "description")}
    try:
        return _page(request, ask, secret=created(request, ask, NewEndpoint.model_validate(given)))
    except ValidationError:
        problem = Problem(422, "id: small letters, digits, - and _")
    except NotFound:
        raise
    except Problem as refused:
        problem = refused
    return _page(request, ask, problem=problem, given=given)


def _rotate(request: Request, ask: Asked, endpoint_id: str) -> Response:
    return _page(request, ask, secret=rotated(request, ask, endpoint_id))


def _test(request: Request, ask: Asked, endpoint_id: str) -> Response:
    tested(request, ask, endpoint_id)
    return RedirectResponse(link(ask.scope, "/deliveries", endpoint=endpoint_id, days=7), 303)


def _switch(request: Request, ask: Asked, fields: Mapping[str, str]) -> Response:
    switched(request, ask, fields.get("id", ""), on=fields.get("on") == "yes")
    return RedirectResponse(link(ask.scope, "/endpoints"), 303)


def _page(
    request: Request,
    ask: Asked,
    *,
    secret: SecretAnswer | None = None,
    problem: Problem | None = None,
    given: Mapping[str, str] | None = None,
) -> Response:
    return show(
        request,
        ask,
        "endpoints.html",
        found=panel(lambda: endpoints_answer(ask)),
        secret=secret,
        problem=problem,
        given=given or {"id": "", "url": "", "description": ""},
        STATES=STATES,
        status=problem.status if problem else 200,
    )
