"""Which handler answers which error."""

import structlog
from fastapi import FastAPI, Request, Response

from sinks.clickhouse.database import AWAY
from sinks.monitor.parts import parts_of
from sinks.monitor.problems import (
    FORESEEN,
    NotSignedIn,
    as_problem,
    is_api,
    problem_response,
    sign_in_response,
)
from sinks.monitor.rendering import render_error
from sinks.monitor.shield import secure

_log = structlog.get_logger()


def install(app: FastAPI) -> None:
    """Let every error of the app be answered here."""
    for kind in FORESEEN:
        app.add_exception_handler(kind, _answer)
    app.add_exception_handler(NotSignedIn, _send_to_sign_in)
    app.add_exception_handler(Exception, _answer_unforeseen)


def _answer(request: Request, error: Exception) -> Response:
    problem = as_problem(error)
    if isinstance(error, AWAY):
        _log.warning("database_away", path=request.url.path, error=str(error)[:300])
    return problem_response(request, problem) if is_api(request) else render_error(request, problem)


def _send_to_sign_in(request: Request, _error: Exception) -> Response:
    return sign_in_response(request)


def _answer_unforeseen(request: Request, error: Exception) -> Response:
    """Runs outside the shield, hence the headers. The framework raises the error again, into the log."""
    response = _answer(request, error)
    secure(response.headers, parts_of(request).settings)
    return response
