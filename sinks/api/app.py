"""The HTTP app of the process that owns the database.

`build_app` is the seam: whatever else this process serves adds its routers to the app it returns.
"""

import secrets
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import SecretStr

from schemas.metrics import Metrics
from sinks.api import internal
from sinks.clickhouse.database import Database
from sinks.clickhouse.progress import Progress
from sinks.clickhouse.queries import Queries
from sinks.clickhouse.report import Reports, UnknownAccount
from sinks.clock import Clock
from sinks.periods import PeriodError

_SILENT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Services:
    """What routes use; `app.state.services`."""

    database: Database
    queries: Queries
    reports: Reports
    progress: Progress
    clock: Clock


def build_app(
    database: Database, progress: Progress, metrics: Metrics, *, clock: Clock, token: SecretStr | None
) -> FastAPI:
    """The app: health, metrics, and /internal behind the token."""
    app = FastAPI(title="Latido", openapi_url=None)
    queries = Queries(database)
    app.state.services = Services(database, queries, Reports(queries, clock), progress, clock)
    app.include_router(internal.router, dependencies=[Depends(_bearer(token))])
    app.add_exception_handler(UnknownAccount, _unknown_account)
    app.add_exception_handler(PeriodError, _bad_period)

    @app.get("/healthz")
    def healthz() -> Response:
        alive = progress.silent_seconds < _SILENT_SECONDS
        return PlainTextResponse("ok" if alive else "the sink stands still", 200 if alive else 503)

    @app.get("/readyz")
    def readyz() -> Response:
        ready = progress.ready
        return PlainTextResponse("ok" if ready else "not assigned, or inserts fail", 200 if ready else 503)

    @app.get("/metrics")
    def scrape() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return app


_OURSELVES = frozenset({"127.0.0.1", "::1", "localhost"})


def _bearer(token: SecretStr | None) -> Any:
    def check(request: Request, authorization: Annotated[str, Header()] = "") -> None:
        # Without a token only loopback is served, and a foreign name that resolves to it is not loopback.
        if token is None and request.url.hostname not in _OURSELVES:
            raise HTTPException(403, "the API has no token: it answers on loopback only")
        expected = f"Bearer {token.get_secret_value()}" if token else ""
        if expected and not secrets.compare_digest(authorization.encode(), expected.encode()):
            raise HTTPException(401, "a bearer token is needed", {"WWW-Authenticate": "Bearer"})

    return check


def _unknown_account(_request: Request, error: Exception) -> Response:
    return JSONResponse({"detail": f"no account {error}"}, 404)


def _bad_period(_request: Request, error: Exception) -> Response:
    return JSONResponse({"detail": str(error)}, 422)
