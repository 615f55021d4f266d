"""Sends, endpoints and deliveries of an account, to be asked for by their ids."""

import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta

from schemas.actions import ActionKind, DeliveryState, Outcome
from schemas.automation import SEND
from schemas.definitions_topic import Edit
from tests.fixtures.acted import decided, store, tried
from tests.fixtures.monitor import Monitor
from tests.integration.monitor.access_table import Names

NOWHERE = "q7x1n"
"""An account that does not exist: an id of it is one of nobody."""
STEPS = [{"kind": "nothing"}]


def _send(monitor: Monitor, account: str) -> str:
    send = uuid.uuid4().hex
    if account != NOWHERE:
        body = {"name": "N", "status": "confirmed", "audience": {"of": "all"}, "steps": STEPS}
        monitor.parts.definitions.edit(Edit(account, SEND, send, 0, "test", 0, body))
    return send


def _endpoint(monitor: Monitor, account: str) -> str:
    endpoint = f"e{uuid.uuid4().hex[:8]}"
    if account != NOWHERE:
        monitor.parts.endpoints.create(account, endpoint, "http://127.0.0.1:9/", "", "test")
    return endpoint


def _delivery(monitor: Monitor, account: str) -> str:
    """One that failed, of an action that the log no longer holds."""
    at = monitor.now - timedelta(days=1)
    action = decided(account, "gone", uuid.uuid4().hex, ActionKind.WEBHOOK, at)
    if account != NOWHERE:
        failed = tried(action, 1, DeliveryState.FAILED, Outcome.TIMEOUT, source_offset=1_000_000)
        store(monitor.database, [action], [failed])
    return str(action["action_id"])


ITEMS: Mapping[Names, Callable[[Monitor, str], str]] = {
    Names.SEND: _send,
    Names.ENDPOINT: _endpoint,
    Names.DELIVERY: _delivery,
}
