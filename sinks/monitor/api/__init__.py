"""The API under /api/v1. Reads only: nothing here changes anything."""

import threading

from fastapi import APIRouter, FastAPI

from sinks.clickhouse.queries import Queries
from sinks.monitor.api import contacts, live, model, monitor, movement, reports
from sinks.monitor.figures.figures import Figures

ROUTERS: tuple[APIRouter, ...] = (
    monitor.router,
    contacts.router,
    reports.router,
    movement.router,
    model.router,
    live.router,
)
"""In the order in which paths are matched."""


def install(app: FastAPI, queries: Queries) -> None:
    """Give the app what these routes keep between requests. Set `app.state.stopping` to end live streams."""
    app.state.figures = Figures.over(queries)
    app.state.writing = reports.Writing()
    app.state.stopping = threading.Event()
