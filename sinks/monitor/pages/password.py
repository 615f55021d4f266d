"""One's own password: the present one proves who asks, and every other session of the person ends."""

from math import ceil
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from sinks.monitor.audit import Action, AuditEvent, Outcome
from sinks.monitor.authenticator import Credentials, Refused, TryLater
from sinks.monitor.cookies import Cookie, Cookies
from sinks.monitor.pages.sign_in import address_of
from sinks.monitor.parts import parts_of
from sinks.monitor.passwords import LONGEST, SHORTEST, WeakPassword
from sinks.monitor.rendering import render
from sinks.monitor.scope import SignedIn, form, renew_session, signed_in

router = APIRouter(include_in_schema=False)
Who = Annotated[SignedIn, Depends(signed_in)]


@router.get("/password")
def show(request: Request, who: Who, changed: bool = False) -> Response:  # noqa: ARG001 - demands a sign-in
    """The form."""
    return _form(request, changed=changed)


@router.post("/password")
async def change(request: Request, who: Who) -> Response:
    """Another password, if the present one is right."""
    return await run_in_threadpool(_change, request, who, await form(request))


def _change(request: Request, who: SignedIn, fields: dict[str, str]) -> Response:
    parts, wish = parts_of(request), fields.get("new", "")
    if wish != fields.get("again", ""):
        return _form(request, 422, wrong="again")
    credentials = Credentials(who.person.email, fields.get("present", ""), address_of(request))
    try:
        person = parts.authenticator.authenticate(credentials, parts.clock.now())
        kept = parts.passwords.hash(wish)
    except TryLater as refusal:
        return _form(request, 429, wait=ceil(refusal.wait.total_seconds()))
    except Refused:
        _record(request, who, Outcome.REFUSED)
        return _form(request, 422, wrong="present")
    except WeakPassword:
        return _form(request, 422, wrong="weak")
    saved = parts.people.save(person.with_password(kept), person.email, parts.clock.now())
    _record(request, who, Outcome.DONE)
    response = RedirectResponse("/password?changed=true", 303)
    session_id = renew_session(parts, who, saved, who.session.account_id)
    Cookies(parts.settings).set(response, Cookie.SESSION, session_id)
    return response


def _form(
    request: Request, status: int = 200, *, wrong: str = "", wait: int = 0, changed: bool = False
) -> Response:
    context = {"wrong": wrong, "wait": wait, "changed": changed, "shortest": SHORTEST, "longest": LONGEST}
    response = render(request, "password.html", context, status)
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


def _record(request: Request, who: SignedIn, outcome: Outcome) -> None:
    parts = parts_of(request)
    event = AuditEvent(
        parts.clock.now(),
        Action.PASSWORD_CHANGED,
        who.person.email,
        target=who.person.email,
        outcome=outcome,
        address=address_of(request),
    )
    parts.audit.record(event)
