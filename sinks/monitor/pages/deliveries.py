"""The delivery log, and the button that sends an action again."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from schemas.actions import DeliveryState
from schemas.automation import AUTOMATION, SEND
from sinks.monitor.action_words import OUTCOMES, STATES
from sinks.monitor.api.automating import endpoints_of
from sinks.monitor.api.contacts import Cursor
from sinks.monitor.api.context import Ask, Asked
from sinks.monitor.api.deliveries import Seeking, deliveries_answer, sent_again
from sinks.monitor.pages.results import SPANS
from sinks.monitor.pages.showing import panel, show
from sinks.monitor.problems import Problem
from sinks.monitor.rendering import link
from sinks.monitor.rights import Right
from sinks.monitor.scope import Scope, form, having

router = APIRouter(include_in_schema=False)
PAGE = 50
Sending = Annotated[Scope, Depends(having(Right.SEND))]


@router.get("/deliveries")
def deliveries(
    request: Request, ask: Ask, seeking: Seeking, cursor: Cursor = None, resent: str = "", days: int = 30
) -> Response:
    """Every delivery with its attempts."""
    return show(
        request,
        ask,
        "deliveries.html",
        found=panel(lambda: deliveries_answer(ask, seeking, PAGE, cursor)),
        seeking=seeking,
        days=days,
        cursor=cursor,
        resent=resent[:64],
        names=names_of(ask),
        endpoints=sorted(endpoints_of(ask)),
        SPANS=SPANS,
        STATES=STATES,
        OUTCOMES=OUTCOMES,
        DeliveryState=DeliveryState,
    )


@router.post("/deliveries/resend")
async def resend(request: Request, ask: Ask, _scope: Sending) -> Response:
    """Send an action again, and back to it in the log."""
    fields = await form(request)
    return await run_in_threadpool(_resend, request, ask, fields.get("action", ""))


def names_of(ask: Asked) -> dict[str, dict[str, Any]]:
    """Automations and sends by id: what they are called, and whether they are sends."""
    found = [
        *ask.parts.definitions.of_kind(AUTOMATION, ask.account_id),
        *ask.parts.definitions.of_kind(SEND, ask.account_id),
    ]
    return {one.id: {"name": str(one.body.get("name") or ""), "is_send": one.kind == SEND} for one in found}


def _resend(request: Request, ask: Asked, action_id: str) -> Response:
    if len(action_id) > 64:
        raise Problem(422, "action: an id of the log")
    sent_again(request, ask, action_id)
    return RedirectResponse(link(ask.scope, "/deliveries", resent=action_id), 303)
