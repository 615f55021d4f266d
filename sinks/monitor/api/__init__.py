"""The API under /api/v1. Reads only: nothing here changes anything."""

from fastapi import APIRouter, FastAPI

from sinks.clickhouse.queries import Queries
from sinks.monitor.api import contacts, monitor, reports
from sinks.monitor.figures.figures import Figures

ROUTERS: tuple[APIRouter, ...] = (monitor.router, contacts.router, reports.router)
"""In the order in which paths are matched."""


def install(app: FastAPI, queries: Queries) -> None:
    """Give the app what these routes keep between requests."""
    app.state.figures = Figures.over(queries)
    app.state.writing = reports.Writing()
