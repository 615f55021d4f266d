"""Rehearsals: the account's past lived through again, under its own or another model, with its automations.

One at a time for the whole process, in a thread of its own request: what waits longer is refused (503).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Query

from schemas.automation import AUTOMATION, MESSAGING, RULE, SETTINGS, Status
from schemas.automation_json import problems_of
from schemas.definitions import Definition
from schemas.rehearsal import Setting
from sinks.monitor.api.context import Asked
from sinks.monitor.api.rehearsal_answers import (
    AutomationRehearsal,
    DecisionsAnswer,
    EstimateAnswer,
    FiredAnswer,
    FiredBoth,
    ModelRehearsal,
)
from sinks.monitor.figures.fired import Estimate, Fired, Rehearsed, count
from sinks.monitor.figures.past import Span, Told, read_past
from sinks.monitor.problems import Problem

DAYS = 30
"""How many days before today a rehearsal begins, unless asked otherwise."""
PatientDays = Annotated[
    int,
    Query(
        alias="days",
        ge=0,
        le=90,
        description="Over how many days before today automations are replayed; 0: not at all.",
    ),
]
_PATIENCE_SECONDS = 20
_NOTHING = Estimate()
_NOBODY = Fired(_NOTHING, _NOTHING, _NOTHING, _NOTHING, (), {})


@dataclass(frozen=True, slots=True)
class Lived:
    """What came of one past: under the model in force, and under a candidate if there is one."""

    span: Span
    one_of: int
    contacts: int
    now: Rehearsed
    then: Rehearsed | None


def active_automations(ask: Asked) -> dict[str, Definition]:
    """Automations that are active and can run, by id."""
    found = ask.parts.definitions.of_kind(AUTOMATION, ask.account_id)
    return {
        one.id: one for one in found if one.body.get("status") == Status.ACTIVE and not problems_of(one.body)
    }


def lived(
    ask: Asked, days: int, candidate: Mapping[str, Any] | None = None, also: Definition | None = None
) -> Lived:
    """The past days again; kept while neither the account nor its definitions change.

    `also`: an automation that need not be active. Problem 503 while others are being computed.
    """
    made = active_automations(ask) | ({also.id: also} if also else {})
    bodies = {id_: dict(one.body) for id_, one in made.items()}
    setting = _setting(ask, bodies)
    question = ("lived", ask.today, days, repr(setting), repr(candidate))

    def compute() -> Lived:
        with _turn(ask):
            span = Span.of(days, ask.scope.account.zone, ask.now)
            told = read_past(ask.queries, ask.account_id, span)
            now = _rehearsed(ask, setting, told)
            then = _rehearsed(ask, replace(setting, model=candidate), told) if candidate is not None else None
            return Lived(span, told.one_of, len(told.past.contacts), now, then)

    return ask.value(ask.figures.answers.get(ask.account_id, question, compute))


def automation_rehearsal(ask: Asked, definition: Definition, days: int) -> AutomationRehearsal | None:
    """What an automation would have done; None for one that is not complete, or has no trigger of its own."""
    trigger = definition.body.get("trigger") or {}
    if not days or problems_of(definition.body) or trigger.get("kind") == "manual":
        return None
    found = lived(ask, days, also=definition)
    fired = found.now.automations.get(definition.id, _NOBODY)
    return AutomationRehearsal(
        **_about(found),
        fired=_figures(fired),
        decisions=[
            DecisionsAnswer(kind=kind, reason=reason, decisions=EstimateAnswer.model_validate(estimate))
            for (kind, reason), estimate in fired.decisions.items()
        ],
    )


def model_rehearsal(ask: Asked, candidate: Mapping[str, Any], days: int) -> ModelRehearsal | None:
    """What active automations would have done under another model; None for no days."""
    if not days:
        return None
    found = lived(ask, days, candidate)
    then = found.then or found.now
    active = active_automations(ask)
    return ModelRehearsal(
        **_about(found),
        automations_active=len(active),
        automations_now=found.now.fired,
        automations_then=then.fired,
        now=_figures(found.now.everything),
        then=_figures(then.everything),
        automations=[
            FiredBoth(
                automation_id=id_,
                name=str(one.body.get("name") or id_),
                now=_figures(found.now.automations.get(id_, _NOBODY)),
                then=_figures(then.automations.get(id_, _NOBODY)),
            )
            for id_, one in sorted(active.items())
        ],
    )


def _setting(ask: Asked, automations: Mapping[str, Mapping[str, Any]]) -> Setting:
    definitions, published = ask.parts.definitions, ask.published_model()
    messaging = definitions.get(ask.account_id, SETTINGS, MESSAGING)
    return Setting(
        ask.account_id,
        ask.scope.account.body,
        dict(published.body) if published else None,
        automations,
        {one.id: dict(one.body) for one in definitions.of_kind(RULE, ask.account_id)},
        dict(messaging.body) if messaging else None,
    )


def _rehearsed(ask: Asked, setting: Setting, told: Told) -> Rehearsed:
    """With the account's cap divided as its contacts are."""
    shared = replace(setting, share=told.one_of)
    return count(ask.parts.rehearsals.outcomes(shared, told.past), told)


@contextmanager
def _turn(ask: Asked) -> Iterator[None]:
    if not ask.figures.rehearsing.acquire(timeout=_PATIENCE_SECONDS):
        raise Problem(503, "others are being computed: try again in a moment")
    try:
        yield
    finally:
        ask.figures.rehearsing.release()


def _about(found: Lived) -> dict[str, Any]:
    return {
        "days": found.span.days,
        "since": datetime.fromtimestamp(found.span.since_ms / 1000, UTC),
        "one_of": found.one_of,
        "contacts_replayed": found.contacts,
    }


def _figures(fired: Fired) -> FiredAnswer:
    return FiredAnswer.model_validate(fired)
