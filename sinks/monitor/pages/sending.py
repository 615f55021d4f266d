"""Making a manual send: a form, a preview that is confirmed by typing the count, stop (B10)."""

import json
import uuid
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from schemas.automation import AUTOMATION, RULE, SEND, VARIABLES
from schemas.messages import PERSONAL
from sinks.monitor.action_words import CHANNELS
from sinks.monitor.api.automating import definition_of, endpoints_of
from sinks.monitor.api.context import Ask, Asked, Origin
from sinks.monitor.api.send_answers import SendWish
from sinks.monitor.api.sending import Grown, body_of, confirmed_send, send_preview, stopped_send
from sinks.monitor.authoring.drafts import clean_automation
from sinks.monitor.i18n import N_, translations
from sinks.monitor.pages.send_form import body_from, fields_from
from sinks.monitor.pages.showing import show
from sinks.monitor.problems import NotFound, Problem
from sinks.monitor.rendering import language_of, link
from sinks.monitor.rights import Right
from sinks.monitor.scope import Scope, form, having
from sinks.monitor.telling.automations import audience_words
from sinks.monitor.telling.teller import teller_of

router = APIRouter(include_in_schema=False)
Sending = Annotated[Scope, Depends(having(Right.SEND))]
PLACES = {
    "name": N_("Name"),
    "steps.0.endpoint": N_("Endpoint"),
    "steps.0.channel": N_("Channel"),
    "steps.0.template": N_("Message"),
    "audience.rule_id": N_("Rule"),
}
"""Fields of the form by their place in the send's body."""


@router.get("/sends/new")
def new(
    *,
    request: Request,
    ask: Ask,
    _scope: Sending,
    automation: Annotated[str, Query(max_length=64)] = "",
    of: Annotated[str, Query(max_length=40)] = "",
    rule_id: Annotated[str, Query(max_length=64)] = "",
    origin: Origin = None,
) -> Response:
    """A send that nobody has confirmed, filled with what is known."""
    given = definition_of(ask, AUTOMATION, automation) if automation else None
    fields = fields_from(given, of=of, rule_id=rule_id, origin=origin)
    return _form(request, ask, {**fields, "send_id": uuid.uuid4().hex})


@router.post("/sends/preview")
async def preview(request: Request, ask: Ask, _scope: Sending) -> Response:
    """Who would get it, what they would read, and the question for the count."""
    return await run_in_threadpool(_preview, request, ask, await form(request))


@router.post("/sends/confirm")
async def confirm(request: Request, ask: Ask, _scope: Sending) -> Response:
    """Send it, if the count was typed as it was shown."""
    return await run_in_threadpool(_confirm, request, ask, await form(request))


@router.post("/sends/stop")
async def stop(request: Request, ask: Ask, _scope: Sending) -> Response:
    """What waits is not sent any more."""
    return await run_in_threadpool(_stop, request, ask, (await form(request)).get("id", ""))


def _form(
    request: Request, ask: Asked, fields: Mapping[str, Any], problem: Problem | None = None, status: int = 200
) -> Response:
    rules = ask.parts.definitions.of_kind(RULE, ask.account_id)
    return show(
        request,
        ask,
        "send_new.html",
        fields=fields,
        problem=problem,
        rules=[(one.id, str(one.body.get("name") or one.id)) for one in rules],
        endpoints=sorted(endpoints_of(ask)),
        CHANNELS=CHANNELS,
        variables=[*PERSONAL, *VARIABLES],
        places={path: _said(request, text) for path, text in PLACES.items()},
        status=status,
    )


def _said(request: Request, text: str) -> str:
    return translations(language_of(request)).gettext(text)


def _preview(request: Request, ask: Asked, fields: Mapping[str, str]) -> Response:
    given = definition_of(ask, AUTOMATION, fields["automation"]) if fields.get("automation") else None
    send_id = _id_of(fields)
    try:
        body = body_of(SendWish.model_validate(body_from(fields, given)))
        return _shown(request, ask, send_id, body)
    except ValidationError as invalid:
        problem = Problem(422, "; ".join(one["msg"] for one in invalid.errors()[:5]))
    except NotFound:
        raise
    except Problem as refused:
        problem = refused
    return _form(request, ask, {**fields, "send_id": send_id}, problem, 422)


def _shown(
    request: Request,
    ask: Asked,
    send_id: str,
    body: dict[str, Any],
    *,
    wrong: str | None = None,
    grown: bool = False,
) -> Response:
    teller = teller_of(ask, ask.scope.person.language)
    return show(
        request,
        ask,
        "send_preview.html",
        found=send_preview(ask, body),
        send_id=send_id,
        body=body,
        audience=audience_words(teller, clean_automation(body)["audience"]),
        body_text=json.dumps(body, ensure_ascii=False),
        wrong=wrong,
        grown=grown,
        CHANNELS=CHANNELS,
        status=422 if wrong is not None or grown else 200,
    )


def _confirm(request: Request, ask: Asked, fields: Mapping[str, str]) -> Response:
    send_id, typed, shown = _id_of(fields), fields.get("typed", "").strip(), _number(fields.get("count", ""))
    try:
        body = body_of(SendWish.model_validate_json(fields.get("body", "")))
    except ValidationError as invalid:
        raise Problem(422, "the form cannot be read: start again") from invalid
    if shown is None or shown < 1 or _number(_digits(typed)) != shown:
        return _shown(request, ask, send_id, body, wrong=typed)
    try:
        found = confirmed_send(request, ask, send_id, {**body, "confirmed_count": shown}, shown)
    except Grown:
        return _shown(request, ask, send_id, body, grown=True)
    return RedirectResponse(link(ask.scope, f"/sends/{found.id}"), 303)


def _stop(request: Request, ask: Asked, send_id: str) -> Response:
    stopped_send(request, ask, definition_of(ask, SEND, send_id))
    return RedirectResponse(link(ask.scope, f"/sends/{send_id}"), 303)


def _id_of(fields: Mapping[str, str]) -> str:
    found = fields.get("send_id", "")
    try:
        if uuid.UUID(hex=found).hex == found:
            return found
    except ValueError as error:
        raise Problem(422, "send_id: the one that the form was given") from error
    raise Problem(422, "send_id: the one that the form was given")


def _digits(text: str) -> str:
    """A number as people write it: points, commas and spaces between thousands count for nothing."""
    return "".join(one for one in text if one not in ".,'  \u202f")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
