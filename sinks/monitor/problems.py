"""Errors as answers: problem+json from the API (RFC 9457), a page elsewhere, or the way to sign in."""

from http import HTTPStatus
from urllib.parse import quote, urlsplit

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from schemas.definitions_topic import Conflict, DefinitionsUnavailable
from sinks.clickhouse.database import AWAY
from sinks.clickhouse.report import UnknownAccount
from sinks.periods import PeriodError


class Problem(Exception):
    """An answer that is an error: HTTP status, what went wrong, and more that a machine may read."""

    def __init__(self, status: int, detail: str = "", **more: object) -> None:
        super().__init__(detail)
        self.status, self.detail, self.more = status, detail, more


class NotSignedIn(Exception):
    """Nobody is signed in, or the session has ended."""


class NotFound(Problem):
    """There is no such thing, or it belongs to somebody else: which of the two is not said."""

    def __init__(self) -> None:
        super().__init__(HTTPStatus.NOT_FOUND, "there is nothing here for you")


class Forbidden(Problem):
    """The profile lacks the right."""

    def __init__(self) -> None:
        super().__init__(HTTPStatus.FORBIDDEN, "your profile does not allow this")


def is_api(request: Request) -> bool:
    """Whether a program asks."""
    return request.url.path.startswith("/api/")


def problem_response(request: Request, problem: Problem) -> Response:
    """Problem+json, or plain text before there is anything to render a page with."""
    if not is_api(request):
        return PlainTextResponse(f"{problem.status}: {problem.detail}\n", problem.status)
    title = HTTPStatus(problem.status).phrase
    body = {"type": "about:blank", "title": title, "status": problem.status, "detail": problem.detail}
    return JSONResponse(body | problem.more, problem.status, media_type="application/problem+json")


def sign_in_response(request: Request) -> Response:
    """401 to programs; people are sent to sign in, and back afterwards."""
    if is_api(request):
        return problem_response(request, Problem(HTTPStatus.UNAUTHORIZED, "sign in first"))
    if request.headers.get("hx-request"):
        current = urlsplit(request.headers.get("hx-current-url", "/"))
        back = current.path + (f"?{current.query}" if current.query else "")
        return Response(status_code=401, headers={"HX-Redirect": _sign_in(back)})
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(_sign_in(back if request.method == "GET" else "/"), 303)


def as_problem(error: Exception) -> Problem:
    """What the API says of an error; 500 for those that nobody foresaw."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        return Problem(error.status_code, "" if error.status_code == 404 else str(error.detail))
    if isinstance(error, RequestValidationError):
        return Problem(422, "; ".join(_fault(one) for one in error.errors()[:5]))
    if isinstance(error, Conflict):
        return Problem(409, "somebody else changed it meanwhile: look again", current_version=error.version)
    if isinstance(error, DefinitionsUnavailable):
        return Problem(503, "changes cannot be saved now: try again in a minute")
    if isinstance(error, AWAY):
        return Problem(503, "the database does not answer: try again in a minute")
    if isinstance(error, UnknownAccount):
        return NotFound()
    if isinstance(error, ClientDisconnect):
        return Problem(413, "the request is too large, or broke off")
    if isinstance(error, PeriodError):
        return Problem(422, str(error))
    return Problem(500, "something failed on our side; it has been logged")


FORESEEN: tuple[type[Exception], ...] = (
    Problem,
    HTTPException,
    RequestValidationError,
    Conflict,
    DefinitionsUnavailable,
    UnknownAccount,
    PeriodError,
    ClientDisconnect,
    *AWAY,
)


def _fault(fault: dict[str, object]) -> str:
    where = fault.get("loc")
    place = ".".join(str(part) for part in where) if isinstance(where, tuple) else ""
    return f"{place}: {fault.get('msg')}"


def _sign_in(back: str) -> str:
    return "/sign-in" if back == "/" else f"/sign-in?next={quote(back, safe='')}"
