"""How many contacts an audience holds now: the number that activation states (A9)."""

from collections.abc import Mapping
from typing import Any

from schemas.automation_json import InvalidAutomation, parse_send
from schemas.rules import Group
from sinks.monitor.api.context import Asked
from sinks.monitor.authoring.rules import count_rule, groups_of
from sinks.rules.audience import UnknownRule, audience_rule

_ONE_STEP = [{"kind": "nothing"}]


def audience_group(ask: Asked, audience: Any) -> Group | None:
    """The audience as one rule; None while it cannot be told, because something in it is missing or wrong."""
    try:
        parsed = parse_send({"name": "-", "audience": audience, "steps": _ONE_STEP}).audience
        return audience_rule(parsed, groups_of(ask).get)
    except (InvalidAutomation, UnknownRule):
        return None


def contacts_now(ask: Asked, draft: Mapping[str, Any]) -> int | None:
    """Contacts in the audience of a draft now; None while it cannot be told."""
    group = audience_group(ask, draft.get("audience"))
    return None if group is None else count_rule(ask, group)
