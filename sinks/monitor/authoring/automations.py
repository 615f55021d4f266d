"""Automations of an account: drafts are free, only what can run is activated, nothing is lost by an edit.

What an Operator does here (A2, A9): draft, activate, pause. Activating fires nothing for the past; *enviar
ahora* is a manual send of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.automation import AUTOMATION, Status, TriggerKind
from schemas.automation_edits import activated, confirmed, paused, send_of
from schemas.automation_json import InvalidAutomation
from schemas.definitions import Definition
from schemas.endpoint import KIND as ENDPOINT
from schemas.rule_json import Problem as Fault
from sinks.monitor.api.context import Asked
from sinks.monitor.authoring.drafts import answered, clean_automation, entry_of
from sinks.monitor.authoring.fields import mapping
from sinks.monitor.authoring.rules import groups_of
from sinks.monitor.authoring.saving import Kept, all_of, found, keep, new_id
from sinks.monitor.problems import Problem


class Drafted:
    """What can be read off a draft in the builder's shape."""

    __slots__ = ()
    draft: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What it is called; may be empty."""
        return str(self.draft["name"])

    @property
    def specialist(self) -> bool:
        """Whether it is a success specialist agent (B9)."""
        return bool(self.draft["specialist"])

    @property
    def entry(self) -> str:
        """Who gets it: now, from_now, both, or nothing while that is open."""
        return entry_of(self.draft)


@dataclass(frozen=True, slots=True)
class Saved(Drafted):
    """An automation as it is defined. `draft` is its body in the builder's shape."""

    id: str
    version: int
    status: Status
    draft: Mapping[str, Any]
    author: str
    at_ms: int


def automations_of(ask: Asked) -> list[Saved]:
    """Every automation of the account, the one changed last first."""
    return [_saved(one) for one in all_of(ask, AUTOMATION)]


def automation_of(ask: Asked, id_: str) -> Saved:
    """One automation; NotFound."""
    return _saved(found(ask, AUTOMATION, id_))


def save_automation(
    ask: Asked, id_: str | None, base: int, draft: Mapping[str, Any], address: str
) -> tuple[str, int]:
    """Id and version. New ones are drafts; active ones have to be complete (InvalidAutomation). Conflict."""
    if id_ is None:
        chosen = new_id(ask, AUTOMATION)
        return chosen, keep(
            ask, Kept(AUTOMATION, chosen, 0, {**draft, "status": Status.DRAFT.value}), address
        )
    known = found(ask, AUTOMATION, id_)
    status = status_of(known.body)
    body = {**known.body, **draft, "status": status.value}
    if status is Status.ACTIVE:
        _require_complete(ask, body)
    return id_, keep(ask, Kept(AUTOMATION, id_, base, body), address)


def activate(ask: Asked, id_: str, base: int, address: str, entry: str = "") -> int:
    """Let contacts enter from now on; the version. InvalidAutomation if something is missing, Conflict.

    `entry`: what the person answered to the question of who gets it, if that is to be kept.
    """
    known = found(ask, AUTOMATION, id_)
    _require_complete(ask, known.body)
    body = {**known.body, **(answered(entry) if entry else {}), "status": Status.ACTIVE.value}
    return keep(ask, Kept(AUTOMATION, id_, base, body), address)


def pause(ask: Asked, id_: str, base: int, address: str) -> int:
    """Let nobody enter; whoever is inside leaves at the next step. Problem 409 unless active, Conflict."""
    known = found(ask, AUTOMATION, id_)
    if status_of(known.body) is not Status.ACTIVE:
        raise Problem(409, "only an active automation can be paused")
    return keep(ask, Kept(AUTOMATION, id_, base, paused(known.body)), address)


def remove_automation(ask: Asked, id_: str, base: int, address: str) -> None:
    """Throw it away; Problem 409 while it is active, Conflict."""
    known = found(ask, AUTOMATION, id_)
    if status_of(known.body) is Status.ACTIVE:
        raise Problem(409, "pause the automation first")
    keep(ask, Kept(AUTOMATION, id_, base, None), address)


def faults_of(ask: Asked, draft: Mapping[str, Any]) -> tuple[Fault, ...]:
    """What is to be done before it can be activated; empty if nothing."""
    try:
        activated(draft, endpoints_of(ask), groups_of(ask))
    except InvalidAutomation as invalid:
        return invalid.problems
    return ()


def send_faults_of(ask: Asked, draft: Mapping[str, Any]) -> tuple[Fault, ...]:
    """What is to be done before it can be sent once, by hand: the trigger does not matter then."""
    try:
        confirmed(send_of(draft, 0), 0, endpoints_of(ask), groups_of(ask))
    except InvalidAutomation as invalid:
        return invalid.problems
    return ()


def entry_faults_of(draft: Mapping[str, Any]) -> tuple[Fault, ...]:
    """What the page asks besides: who gets it (A9), and whether the trigger goes with that."""
    entry = entry_of(draft)
    if not entry:
        return (Fault("entry", "choose who gets it"),)
    if entry != "now" and mapping(draft.get("trigger")).get("kind") == TriggerKind.MANUAL:
        return (Fault("entry", "without a trigger it can only be sent now"),)
    return ()


def endpoints_of(ask: Asked) -> list[str]:
    """Ids of the account's endpoints."""
    return [one.id for one in ask.parts.definitions.of_kind(ENDPOINT, ask.account_id)]


def status_of(body: Mapping[str, Any]) -> Status:
    """The status; a body without one is a draft."""
    status = body.get("status")
    return Status(status) if status in tuple(Status) else Status.DRAFT


def _require_complete(ask: Asked, body: Mapping[str, Any]) -> None:
    faults = faults_of(ask, body)
    if faults:
        raise InvalidAutomation(faults)


def _saved(one: Definition) -> Saved:
    return Saved(one.id, one.version, status_of(one.body), clean_automation(one.body), one.author, one.at_ms)
