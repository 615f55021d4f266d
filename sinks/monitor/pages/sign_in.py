"""Signing in and out."""

from math import ceil
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from sinks.monitor.audit import Action, AuditEvent, Outcome
from sinks.monitor.authenticator import Credentials, Refused, TryLater
from sinks.monitor.cookies import Cookie, Cookies, token_fits
from sinks.monitor.parts import Parts, parts_of
from sinks.monitor.people import Person
from sinks.monitor.problems import Problem
from sinks.monitor.rendering import render
from sinks.monitor.scope import SignedIn, begin_session, find_signed_in, form, sent_token, signed_in

router = APIRouter(include_in_schema=False)

_LONGEST_ADDRESS = 254


@router.get("/sign-in")
def show(request: Request, back: Annotated[str, Query(alias="next", max_length=2000)] = "/") -> Response:
    """The form; whoever is signed in goes on."""
    if find_signed_in(request):
        return RedirectResponse(safe_path(back), 303)
    return _form(request, back=safe_path(back))


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Check, and begin a session under an id that nobody knew before."""
    fields, token = await form(request), await sent_token(request)
    visitor = Cookies(parts_of(request).settings).read(request, Cookie.VISITOR)
    if not token_fits(visitor, token):
        raise Problem(403, "the form has expired: reload the page and send it again")
    return await run_in_threadpool(_sign_in, request, fields)


def _sign_in(request: Request, fields: dict[str, str]) -> Response:
    parts = parts_of(request)
    back = safe_path(fields.get("next", "/"))
    email = fields.get("email", "")[:_LONGEST_ADDRESS].strip().lower()
    credentials = Credentials(email, fields.get("password", ""), address_of(request))
    try:
        person = parts.authenticator.authenticate(credentials, parts.clock.now())
    except (Refused, TryLater) as refusal:
        _record(parts, Action.SIGN_IN, email, Outcome.REFUSED, request)
        wait = ceil(refusal.wait.total_seconds()) if isinstance(refusal, TryLater) else 0
        response = _form(request, back=back, email=email, failed=not wait, wait=wait)
        response.status_code = 429 if wait else 401
        if wait:
            response.headers["Retry-After"] = str(wait)
        return response
    _record(parts, Action.SIGN_IN, email, Outcome.DONE, request)
    return _begin(request, parts, person, back)


def _begin(request: Request, parts: Parts, person: Person, back: str) -> Response:
    cookies = Cookies(parts.settings)
    parts.sessions.end(cookies.read(request, Cookie.SESSION))
    account_id = next(iter(person.accounts), "")
    response = RedirectResponse(back, 303)
    cookies.set(response, Cookie.SESSION, begin_session(parts, person, account_id))
    cookies.clear(response, Cookie.VISITOR)
    return response


@router.post("/sign-out")
def sign_out(request: Request, who: Annotated[SignedIn, Depends(signed_in)]) -> Response:
    """End the session, here and in the browser."""
    parts = parts_of(request)
    parts.sessions.end(who.session_id)
    _record(parts, Action.SIGN_OUT, who.person.email, Outcome.DONE, request)
    response = RedirectResponse("/sign-in", 303)
    Cookies(parts.settings).clear(response, Cookie.SESSION)
    return response


def address_of(request: Request) -> str:
    """Address of the client; behind a proxy, the one that uvicorn takes from the proxies it trusts."""
    return request.client.host if request.client else "unknown"


def safe_path(path: str) -> str:
    """A path of ours to go back to; anything that could lead elsewhere is the start page."""
    plain = path.isprintable() and "\\" not in path
    return path if plain and path.startswith("/") and not path.startswith("//") else "/"


def _form(request: Request, **context: object) -> Response:
    return render(request, "sign_in.html", {"email": "", "failed": False, "wait": 0, **context})


def _record(parts: Parts, action: Action, actor: str, outcome: Outcome, request: Request) -> None:
    at = parts.clock.now()
    parts.audit.record(AuditEvent(at, action, actor, outcome=outcome, address=address_of(request)))
