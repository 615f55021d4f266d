"""The API under /api/v1. Reads, but for the model, rules and automations."""

import threading

from fastapi import APIRouter, FastAPI

from sinks.clickhouse.queries import Queries
from sinks.monitor.api import (
    as_of,
    automations,
    contacts,
    live,
    model,
    monitor,
    movement,
    reports,
    rules,
    sentiment,
)
from sinks.monitor.figures.figures import Figures

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
    live.router,
)
"""In the order in which paths are matched."""


def install(app: FastAPI, queries: Queries) -> None:
    """Give the app what these routes keep between requests. Set `app.state.stopping` to end live streams."""
    app.state.figures = Figures.over(queries)
    app.state.writing = reports.Writing()
    app.state.stopping = threading.Event()
