"""The form of a manual send: fields from an automation or a link, and a body from fields."""

from collections.abc import Mapping
from typing import Any

from schemas.automation_edits import send_of
from schemas.definitions import Definition
from sinks.monitor.api.automating import messages_of

PLAIN = ("name", "of", "origin", "rule_id", "automation", "endpoint", "channel", "template", "holdout")


def fields_from(given: Definition | None, *, of: str, rule_id: str, origin: str | None) -> dict[str, Any]:
    """What the form starts with. Steps of an automation that has a message are sent as they are."""
    fields: dict[str, Any] = {**dict.fromkeys(PLAIN, ""), "of": of or "all", "rule_id": rule_id}
    fields |= {"origin": origin or "", "holdout": "0"}
    if given is None:
        return fields
    audience = given.body.get("audience")
    audience = audience if isinstance(audience, Mapping) else {}
    steps = messages_of(given.body)
    return fields | {
        "name": str(given.body.get("name") or ""),
        "of": str(audience.get("of") or "all"),
        "origin": str(audience.get("origin") or ""),
        "rule_id": str(audience.get("rule_id") or ""),
        "automation": given.id if steps else "",
        "holdout": str(given.body.get("holdout_percent") or 0),
        "messages": [one._asdict() for one in steps],
    }


def body_from(fields: Mapping[str, str], given: Definition | None) -> dict[str, Any]:
    """The send that the form describes, not checked yet."""
    name = fields.get("name", "").strip()
    if given is not None:
        made = send_of(given.body, 0)
        return {
            "name": name or made["name"] or "",
            "audience": made["audience"],
            "steps": made["steps"] or [],
            "holdout_percent": made["holdout_percent"],
        }
    message = {name: fields.get(name, "").strip() or None for name in ("endpoint", "channel", "template")}
    return {
        "name": name,
        "audience": {
            "of": fields.get("of", "") or "all",
            "origin": fields.get("origin") or None,
            "rule_id": fields.get("rule_id") or None,
        },
        "steps": [{"kind": "message", **message}],
        "holdout_percent": _percent(fields.get("holdout", "")),
    }


def _percent(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
