"""The monitor as an app of its own, and where it goes in the process that owns the database.

`mount(app, parts)` puts it under `/` of the sink's app; everything it needs is in `parts`.
"""

from fastapi import APIRouter, FastAPI

from sinks.monitor import api, assets, error_pages
from sinks.monitor.pages import (
    activation,
    automations,
    builder,
    contacts,
    deliveries,
    endpoints,
    messaging,
    model,
    monitor,
    movement,
    password,
    past,
    preferences,
    rehearsals,
    results,
    rfm,
    rules,
    sending,
    sends,
    sets,
    sign_in,
    specialists_log,
    start,
    users,
)
from sinks.monitor.parts import Parts
from sinks.monitor.shield import Shield

ROUTERS: tuple[APIRouter, ...] = (
    assets.router,
    sign_in.router,
    preferences.router,
    password.router,
    start.router,
    monitor.router,
    contacts.router,
    sets.router,
    past.router,
    movement.router,
    model.router,
    rules.router,
    automations.router,
    builder.router,
    activation.router,
    results.router,
    rehearsals.router,
    specialists_log.router,
    deliveries.router,
    sending.router,
    sends.router,
    endpoints.router,
    messaging.router,
    users.router,
    rfm.router,
    *api.ROUTERS,
)
"""Every route of the monitor: API routers under /api/v1, pages beside them."""


def build_monitor(parts: Parts) -> FastAPI:
    """The app: routes, errors, and the shield around all of them."""
    app = FastAPI(
        title="Latido: the Success Monitor",
        version="1",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.parts = parts
    api.install(app, parts.queries)
    for router in ROUTERS:
        app.include_router(router)
    error_pages.install(app)
    app.add_middleware(Shield, settings=parts.settings)
    return app


def mount(app: FastAPI, parts: Parts) -> FastAPI:
    """Serve the monitor from `app`, behind the app's own routes; the monitor."""
    monitor = build_monitor(parts)
    app.mount("/", monitor)
    monitor.state.warming.start()
    return monitor


def stop(monitor: FastAPI) -> None:
    """End the live streams, so that the server need not wait for their readers. Call it first."""
    monitor.state.stopping.set()


def close(monitor: FastAPI) -> None:
    """Write the last audit rows and let go of what the monitor keeps. Call it when no request runs."""
    parts: Parts = monitor.state.parts
    monitor.state.warming.join()
    parts.audit.stop()
    parts.sessions.close()
