"""The API under /api/v1. Reads and edits: whatever a page does, a program can."""

import threading

from fastapi import APIRouter, FastAPI

from sinks.clickhouse.queries import Queries
from sinks.monitor.api import (
    as_of,
    automations,
    contacts,
    deliveries,
    endpoints,
    lift,
    live,
    messaging,
    model,
    monitor,
    movement,
    reports,
    results,
    rules,
    sends,
    sentiment,
    specialists_log,
)
from sinks.monitor.figures.figures import Figures
from sinks.monitor.figures.warming import Warming

ROUTERS: tuple[APIRouter, ...] = (
    monitor.router,
    contacts.router,
    reports.router,
    movement.router,
    as_of.router,
    sentiment.router,
    model.router,
    rules.router,
    automations.router,
    results.router,
    lift.router,
    specialists_log.router,
    deliveries.router,
    sends.router,
    endpoints.router,
    messaging.router,
    live.router,
)
"""In the order in which paths are matched."""


def install(app: FastAPI, queries: Queries) -> None:
    """Give the app what these routes keep between requests. Set `app.state.stopping` to end live streams."""
    app.state.figures = Figures.over(queries)
    app.state.writing = reports.Writing()
    app.state.stopping = threading.Event()
    app.state.warming = Warming(app.state.figures, app.state.stopping)
