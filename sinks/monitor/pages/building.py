"""What the builder starts from, and what its templates name."""

from dataclasses import dataclass, replace
from typing import Any

from fastapi import Request

from schemas.automation import Exit, Status, StepKind, TriggerKind
from schemas.automation_steps import DEEPEST, LONGEST_ARM, LONGEST_TEMPLATE, MOST_ARMS, MOST_WEIGHT
from schemas.automation_templates import Template
from schemas.automation_templates import template as template_body
from schemas.records import Segment
from sinks.monitor.api.context import Asked
from sinks.monitor.authoring import automations as made
from sinks.monitor.authoring.drafts import UNITS, clean_automation
from sinks.monitor.authoring.rules import rule_of, rules_of
from sinks.monitor.figures.whose import Whose
from sinks.monitor.i18n import N_
from sinks.monitor.pages.editing import rule_names, teller
from sinks.monitor.people import Language
from sinks.monitor.problems import NotFound
from sinks.monitor.rendering import link
from sinks.monitor.telling import names
from sinks.monitor.telling.automations import audience_words, rule_words, step_words, trigger_words
from sinks.rules.audience import segments_of

FIRING = {
    "order": N_("a purchase"),
    "amendment": N_("a changed order"),
    "interaction": N_("an interaction"),
    "decay": N_("days of silence"),
}
WAITS = {"minutes": N_("minutes"), "hours": N_("hours"), "days": N_("days")}
ICONS = {
    StepKind.MESSAGE: "plane",
    StepKind.WAIT: "wait",
    StepKind.WAIT_FOR_PURCHASE: "cart",
    StepKind.BRANCH: "flow",
    StepKind.SPLIT: "split",
    StepKind.TAG: "tag",
    StepKind.NOTHING: "minus",
}


@dataclass(frozen=True, slots=True)
class Opened(made.Drafted):
    """An automation in the builder: as it is saved (`version` 0: not yet), with the draft as it is shown."""

    id: str
    version: int
    status: Status
    draft: dict[str, Any]

    def with_draft(self, draft: dict[str, Any]) -> "Opened":
        """The same with another draft."""
        return replace(self, draft=draft)


def new_draft(
    ask: Asked,
    language: Language,
    of: str,
    whose: Whose,
    rule_id: str,
    template: Template | None,
    *,
    specialist: bool,
) -> dict[str, Any]:
    """What a new automation starts from; NotFound for a group or rule that there is not.

    The audience of a card is its group, and whoever enters it begins; who gets it stays open (A9).
    """
    if template is not None:
        endpoints = made.endpoints_of(ask)
        only = endpoints[0] if len(endpoints) == 1 else ""
        return clean_automation(template_body(template, language.value, endpoint=only))
    try:
        segments = segments_of(of)
    except ValueError as error:
        raise NotFound from error
    body: dict[str, Any] = {"specialist": specialist, "audience": {"of": of, "origin": whose.origin}}
    if conditions := _conditions(whose):
        body["audience"]["rule"] = {"combinator": "and", "not": False, "rules": conditions}
    if rule_id:
        body["audience"]["rule_id"] = rule_of(ask, rule_id).id
        body["trigger"] = {"kind": TriggerKind.RULE, "rule_id": rule_id}
    elif of != "all":
        body["trigger"] = {"kind": TriggerKind.SEGMENT_ENTERED, "segments": list(segments)}
    return clean_automation(body)


def share(arms: list[dict[str, Any]], arm: dict[str, Any]) -> float | None:
    """How much of the contacts an arm gets; None while some weight is missing."""
    weights = [one["weight"] for one in arms]
    if not all(isinstance(weight, int) and weight > 0 for weight in weights):
        return None
    return float(arm["weight"] / sum(weights))


def _conditions(whose: Whose) -> list[dict[str, Any]]:
    """What a filter asks besides a named origin, as conditions of a rule."""
    found: list[dict[str, Any]] = []
    if whose.origin == "":
        found.append({"field": "origin", "operator": "null", "value": None})
    if whose.beside is not None:
        found.append({"field": "origin", "operator": "notNull", "value": None})
        found.append({"field": "origin", "operator": "notIn", "value": list(whose.beside)})
    if whose.sentiment is not None:
        found.append({"field": "sentiment", "operator": "=", "value": whose.sentiment.value})
    return found


def names_of(request: Request, ask: Asked, opened: Opened) -> dict[str, Any]:
    """What the templates of the builder name."""
    teller_ = teller(request, ask)
    return {
        **rule_names(ask),
        "shape": link(ask.scope, "/automations/shape"),
        "saved_rules": {one.id: one.name for one in rules_of(ask)},
        "endpoints": made.endpoints_of(ask),
        "hour": ask.scope.account.body.get("hour", 10),
        "in_words": {
            "audience": audience_words(teller_, opened.draft["audience"]),
            "trigger": trigger_words(teller_, opened.draft["trigger"]),
        },
        "step_words": lambda step: step_words(teller_, step),
        "rule_words": lambda rule: rule_words(teller_, rule),
        "TRIGGERS": names.TRIGGERS,
        "TriggerKind": TriggerKind,
        "STEPS": names.STEPS,
        "StepKind": StepKind,
        "ICONS": ICONS,
        "DEEPEST": DEEPEST,
        "LONGEST_TEMPLATE": LONGEST_TEMPLATE,
        "LONGEST_ARM": LONGEST_ARM,
        "MOST_ARMS": MOST_ARMS,
        "MOST_WEIGHT": MOST_WEIGHT,
        "share": share,
        "REENTRIES": names.REENTRIES,
        "EXITS": names.EXITS,
        "Exit": Exit,
        "FIRING": FIRING,
        "WAITS": WAITS,
        "UNITS": UNITS,
        "VARIABLES": names.VARIABLES,
        "ENTRIES": names.ENTRIES,
        "SEGMENT_NAMES": [segment.value for segment in Segment],
    }
