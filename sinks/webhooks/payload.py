"""What a receiver gets: one JSON object, the same bytes at every attempt."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from schemas.actions import VariableType
from schemas.messages import render

ACTION_TYPE, TEST_TYPE = "latido.automation.action", "latido.endpoint.test"
Action = Mapping[str, Any]
"""A decoded record of schema `automation_action`."""


def payload(action: Action) -> bytes:
    """The body: `type`, `timestamp`, `data` (Standard Webhooks). ValueError if a variable is not its type."""
    variables = {one["variable"]: one for one in action["variables"] or () if one}
    data = {
        "account_id": action["account_id"],
        "contact_id": action["contact_id"],
        "automation_id": action["automation_id"],
        "automation_version": action["automation_version"],
        "source": action["source"],
        "step": action["step"],
        "cause_event_id": action["cause_event_id"],
        "channel": action["channel"],
        "message": _message(action, {name: one["value"] for name, one in variables.items()}),
        "variables": {name: _typed(one["type"], one["value"]) for name, one in variables.items()},
        "currency": action["currency"],
        "contact": {name: value for name, value in (action["personal"] or {}).items() if value is not None},
    }
    whole = {
        "type": TEST_TYPE if action["test"] else ACTION_TYPE,
        "timestamp": instant(action["due_at"]),
        "data": data,
    }
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def instant(at_ms: int) -> str:
    """RFC 3339, UTC, to the millisecond."""
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _message(action: Action, values: Mapping[str, str | None]) -> str | None:
    template = action["message_template"]
    if template is None:
        return None
    personal = {f"personal.{name}": value for name, value in (action["personal"] or {}).items()}
    return render(template, {**values, **personal})


def _typed(kind: str, value: str | None) -> Any:
    if value is None:
        return None
    match VariableType(kind):
        case VariableType.INTEGER | VariableType.MONEY:
            return int(value)
        case VariableType.DECIMAL:
            return float(value)
        case VariableType.BOOLEAN:
            return {"true": True, "false": False}[value]
    return value
