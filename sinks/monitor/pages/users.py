"""Who may see the account: Administrators invite, change profiles, reset passwords and remove."""

from dataclasses import replace
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sinks.monitor.audit import Action, AuditEvent
from sinks.monitor.cookies import Cookie, Cookies
from sinks.monitor.pages.sign_in import address_of
from sinks.monitor.parts import Parts, parts_of
from sinks.monitor.passwords import new_password
from sinks.monitor.people import InvalidPerson, Person
from sinks.monitor.problems import NotFound, Problem
from sinks.monitor.rendering import language_of, link, render
from sinks.monitor.rights import Profile, Right
from sinks.monitor.scope import TOKEN_FIELD, Scope, form, having, renew_session

M = TypeVar("M", bound="_Strict")
router = APIRouter(include_in_schema=False)
Managing = Annotated[Scope, Depends(having(Right.MANAGE_USERS))]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Invitation(_Strict):
    """What the form of a new person holds."""

    email: str = Field(min_length=3, max_length=254)
    name: str = Field(min_length=1, max_length=100)
    profile: Profile


class Change(_Strict):
    """What a row's form holds. `version` is the one that the page showed."""

    email: str = Field(max_length=254)
    version: int
    profile: Profile


class Choice(_Strict):
    """A person, at the version that the page showed."""

    email: str = Field(max_length=254)
    version: int


@router.get("/users")
def show(request: Request, scope: Managing) -> Response:
    """Everybody of the account."""
    return _page(request, scope)


@router.post("/users/invite")
async def invite(request: Request, scope: Managing) -> Response:
    """A new person with a password that is shown once; somebody known just becomes a member."""
    wish = _read(Invitation, await form(request))
    return await run_in_threadpool(_invite, request, scope, wish)


@router.post("/users/profile")
async def change_profile(request: Request, scope: Managing) -> Response:
    """Another profile in this account; the person's sessions end."""
    wish = _read(Change, await form(request))
    return await run_in_threadpool(_change_profile, request, scope, wish)


@router.post("/users/remove")
async def remove(request: Request, scope: Managing) -> Response:
    """No longer a member of this account; the person's sessions end."""
    wish = _read(Choice, await form(request))
    return await run_in_threadpool(_remove, request, scope, wish)


@router.post("/users/password")
async def reset_password(request: Request, scope: Managing) -> Response:
    """A new password, shown once; the person's sessions end."""
    wish = _read(Choice, await form(request))
    return await run_in_threadpool(_reset_password, request, scope, wish)


def _invite(request: Request, scope: Scope, wish: Invitation) -> Response:
    parts, email = parts_of(request), wish.email.lower()
    known = parts.people.find(email)
    if known and scope.account_id in known.memberships:
        raise Problem(409, "this person is a member already")
    password = "" if known else new_password()
    fresh = (
        Person(email, wish.name, parts.passwords.hash(password), language_of(request)) if password else None
    )
    person = (known or fresh or scope.person).with_profile(scope.account_id, wish.profile)
    _save(request, scope, person, Action.USER_INVITED, profile=wish.profile)
    return _page(request, scope, shown_for=person, password=password)


def _change_profile(request: Request, scope: Scope, wish: Change) -> Response:
    person = _member(request, scope, wish).with_profile(scope.account_id, wish.profile)
    return _save(request, scope, person, Action.PROFILE_CHANGED, profile=wish.profile)


def _remove(request: Request, scope: Scope, wish: Choice) -> Response:
    person = _member(request, scope, wish).without(scope.account_id)
    return _save(request, scope, person, Action.USER_REMOVED)


def _reset_password(request: Request, scope: Scope, wish: Choice) -> Response:
    person = _member(request, scope, wish)
    if not may_reset(scope.person, person):
        raise Problem(403, "this person belongs to accounts that you do not administer")
    password = new_password()
    changed = person.with_password(parts_of(request).passwords.hash(password))
    _save(request, scope, changed, Action.PASSWORD_RESET)
    return _page(request, scope, shown_for=changed, password=password)


def may_reset(administrator: Person, person: Person) -> bool:
    """Only who administers every account of a person: else a password would open somebody else's account."""
    mine = administrator.memberships
    return all(mine.get(account) is Profile.ADMINISTRATOR for account in person.memberships)


def _member(request: Request, scope: Scope, wish: Choice | Change) -> Person:
    """The person at the version that the page showed; NotFound unless a member of the account."""
    person = parts_of(request).people.find(wish.email)
    if person is None or scope.account_id not in person.memberships:
        raise NotFound
    return replace(person, version=wish.version)


def _save(request: Request, scope: Scope, person: Person, action: Action, **detail: str) -> Response:
    parts = parts_of(request)
    _require_an_administrator(parts, scope.account_id, person)
    try:
        saved = parts.people.save(person, scope.person.email, parts.clock.now())
    except InvalidPerson as error:
        raise Problem(422, str(error)) from error
    event = AuditEvent(
        at=parts.clock.now(),
        action=action,
        actor=scope.person.email,
        account_id=scope.account_id,
        target=person.email,
        address=address_of(request),
        detail=detail,
    )
    parts.audit.record(event)
    response = RedirectResponse(link(scope, "/users"), 303)
    if saved.email == scope.person.email and scope.account_id in saved.accounts:
        session_id = renew_session(parts, scope.signed_in, saved, scope.account_id)
        Cookies(parts.settings).set(response, Cookie.SESSION, session_id)
    return response


def _require_an_administrator(parts: Parts, account_id: str, changed: Person) -> None:
    """An account keeps an Administrator, or nobody could let anyone in."""
    others = (p for p in parts.people.of_account(account_id) if p.email != changed.email)
    if not any(p.memberships.get(account_id) is Profile.ADMINISTRATOR for p in [changed, *others]):
        raise Problem(409, "an account keeps at least one Administrator")


def _read(kind: type[M], fields: dict[str, str]) -> M:
    """The form's fields; none that we did not ask for."""
    given = {name: value for name, value in fields.items() if name != TOKEN_FIELD}
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        raise Problem(422, "; ".join(f"{e['loc'][0]}: {e['msg']}" for e in error.errors()[:5])) from error


def _page(request: Request, scope: Scope, *, shown_for: Person | None = None, password: str = "") -> Response:
    members = parts_of(request).people.of_account(scope.account_id)
    context = {
        "members": [(member, may_reset(scope.person, member)) for member in members],
        "profiles": list(Profile),
        "shown_for": shown_for,
        "password": password,
    }
    return render(request, "users.html", context)
