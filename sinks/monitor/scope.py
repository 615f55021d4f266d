"""Who asks, for which account, with which rights: the one way by which a route learns it.

The account stands in the URL (`?account=`), so that a permalink opens what its sender saw and two tabs may
show two accounts. It only names: what counts are the memberships of the person of the session, as definitions
have them at this very request. An account of somebody else answers exactly as one that does not exist.
Without `account`, it is the one chosen last in this session. No GET changes anything.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import Depends, Query, Request
from fastapi.concurrency import run_in_threadpool

from sinks.monitor.accounts import AccountView, find_account
from sinks.monitor.cookies import Cookie, Cookies, csrf_token, token_fits
from sinks.monitor.parts import Parts, parts_of
from sinks.monitor.people import Person
from sinks.monitor.problems import Forbidden, NotFound, NotSignedIn, Problem
from sinks.monitor.rights import RIGHTS, Profile, Right
from sinks.monitor.sessions import Session
from sinks.monitor.shield import SAFE_METHODS

TOKEN_FIELD = "csrf"  # noqa: S105 - the name of a form field
TOKEN_HEADER = "x-csrf-token"  # noqa: S105 - the name of a header
_MOST_FIELDS = 5_000


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person with a session that holds."""

    person: Person
    session: Session
    session_id: str

    @property
    def token(self) -> str:
        """What forms of this session carry."""
        return csrf_token(self.session_id)


@dataclass(frozen=True, slots=True)
class Scope:
    """A person in an account. Every query takes its account from here."""

    signed_in: SignedIn
    account: AccountView
    profile: Profile

    @property
    def account_id(self) -> str:
        """The account that everything asked for belongs to."""
        return self.account.id

    @property
    def person(self) -> Person:
        """Who asks."""
        return self.signed_in.person

    def may(self, right: Right) -> bool:
        """Whether the profile has a right."""
        return right in RIGHTS[self.profile]


async def form(request: Request) -> dict[str, str]:
    """Fields of an urlencoded form; the last of a repeated name counts. Empty for anything else."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return {}
    try:
        text = (await request.body()).decode()
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError as error:
        raise Problem(400, "the form cannot be read") from error


async def sent_token(request: Request) -> str:
    """The CSRF token of an unsafe request: a header, or a field of its form."""
    return request.headers.get(TOKEN_HEADER) or (await form(request)).get(TOKEN_FIELD, "")


def find_signed_in(request: Request) -> SignedIn | None:
    """Who is signed in, if the session still holds."""
    parts = parts_of(request)
    session_id = Cookies(parts.settings).read(request, Cookie.SESSION)
    session = parts.sessions.find(session_id, parts.clock.now()) if session_id else None
    if session is None:
        return None
    person = parts.people.find(session.email)
    if person is None or person.stamp != session.stamp:
        parts.sessions.end(session_id)
        return None
    return SignedIn(person, session, session_id)


async def signed_in(request: Request) -> SignedIn:
    """Who is signed in; NotSignedIn. An unsafe method without the session's token is refused here."""
    found = await run_in_threadpool(find_signed_in, request)
    if found is None:
        raise NotSignedIn
    if request.method not in SAFE_METHODS and not token_fits(found.session_id, await sent_token(request)):
        raise Problem(403, "the form has expired: reload the page and send it again")
    request.state.signed_in = found
    return found


async def scope(
    request: Request,
    who: Annotated[SignedIn, Depends(signed_in)],
    account: Annotated[
        str | None, Query(max_length=64, description="The account; else the last chosen")
    ] = None,
) -> Scope:
    """The person in the account; NotFound for a foreign account, Forbidden for other profiles."""
    chosen = _account_id(who, account)
    found = find_account(parts_of(request).definitions, chosen) if chosen in who.person.memberships else None
    if found is None:
        raise NotFound
    result = Scope(who, found, who.person.memberships[chosen])
    if not result.may(Right.READ):
        raise Forbidden
    request.state.scope = result
    return result


def having(right: Right) -> Callable[..., Coroutine[Any, Any, Scope]]:
    """The dependency of a route that needs more than reading: `Depends(having(Right.EXPORT))`."""

    async def allowed(found: Annotated[Scope, Depends(scope)]) -> Scope:
        if not found.may(right):
            raise Forbidden
        return found

    return allowed


Reading = Annotated[Scope, Depends(scope)]
"""A route's parameter of this type makes it one for Administrators and Operators of the account."""


def _account_id(who: SignedIn, named: str | None) -> str:
    if named is not None:
        return named
    if not who.person.accounts:
        raise Forbidden
    last = who.session.account_id
    return last if last in who.person.accounts else who.person.accounts[0]


def begin_session(parts: Parts, person: Person, account_id: str) -> str:
    """A session for somebody who has just proved who she is; its id."""
    now = parts.clock.now()
    return parts.sessions.begin(Session(person.email, account_id, person.stamp, now, now))


def renew_session(parts: Parts, who: SignedIn, person: Person, account_id: str) -> str:
    """The same session under a new id, the old one dead; it ends no later for that."""
    parts.sessions.end(who.session_id)
    now = parts.clock.now()
    return parts.sessions.begin(Session(person.email, account_id, person.stamp, who.session.began, now))
