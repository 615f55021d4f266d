"""Language, colours, and the account at work."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from sinks.monitor.accounts import find_account
from sinks.monitor.audit import Action, AuditEvent
from sinks.monitor.cookies import Cookie, Cookies, Theme, token_fits
from sinks.monitor.pages.sign_in import address_of, safe_path
from sinks.monitor.parts import parts_of
from sinks.monitor.people import Language
from sinks.monitor.problems import Forbidden, NotFound, Problem
from sinks.monitor.rendering import render
from sinks.monitor.scope import (
    SignedIn,
    find_signed_in,
    form,
    renew_session,
    sent_token,
    signed_in,
)

router = APIRouter(include_in_schema=False)


@router.post("/preferences")
async def prefer(request: Request) -> Response:
    """Set language or colours for this browser; the language of somebody signed in becomes her own."""
    fields, token = await form(request), await sent_token(request)
    return await run_in_threadpool(_prefer, request, fields, token)


def _prefer(request: Request, fields: dict[str, str], token: str) -> Response:
    parts, cookies = parts_of(request), Cookies(parts_of(request).settings)
    who = find_signed_in(request)
    if not token_fits(who.session_id if who else cookies.read(request, Cookie.VISITOR), token):
        raise Problem(403, "the form has expired: reload the page and send it again")
    response = RedirectResponse(safe_path(fields.get("next", "/")), 303)
    if fields.get("theme") in list(Theme):
        cookies.set(response, Cookie.THEME, fields["theme"])
    if fields.get("language") in list(Language):
        language = Language(fields["language"])
        cookies.set(response, Cookie.LANGUAGE, language.value)
        if who is not None and who.person.language is not language:
            parts.people.save(who.person.speaking(language), who.person.email, parts.clock.now())
    return response


@router.get("/accounts")
def accounts(request: Request, who: Annotated[SignedIn, Depends(signed_in)]) -> Response:
    """The accounts of the person, to choose one."""
    parts = parts_of(request)
    found = [find_account(parts.definitions, account_id) for account_id in who.person.accounts]
    if not found:
        raise Forbidden
    views = sorted((view for view in found if view), key=lambda view: view.name.casefold())
    return render(request, "accounts.html", {"accounts": views, "last": who.session.account_id})


@router.post("/accounts")
async def switch(request: Request, who: Annotated[SignedIn, Depends(signed_in)]) -> Response:
    """Make an account the one at work: the session gets a new id."""
    account_id = (await form(request)).get("account", "")
    return await run_in_threadpool(_switch, request, who, account_id)


def _switch(request: Request, who: SignedIn, account_id: str) -> Response:
    parts = parts_of(request)
    if account_id not in who.person.accounts or find_account(parts.definitions, account_id) is None:
        raise NotFound
    response = RedirectResponse(f"/?account={account_id}", 303)
    session_id = renew_session(parts, who, who.person, account_id)
    Cookies(parts.settings).set(response, Cookie.SESSION, session_id)
    event = AuditEvent(
        parts.clock.now(), Action.SWITCH_ACCOUNT, who.person.email, account_id, address=address_of(request)
    )
    parts.audit.record(event)
    return response
