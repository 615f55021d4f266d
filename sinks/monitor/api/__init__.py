"""The API under /api/v1. Reads only: nothing here changes anything."""

from fastapi import APIRouter

from sinks.monitor.api import contacts, monitor

ROUTERS: tuple[APIRouter, ...] = (monitor.router, contacts.router)
"""In the order in which paths are matched."""
