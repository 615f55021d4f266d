"""What is done with manual sends: previewed, confirmed once for each id, stopped (B10).

The contacts are fixed by the stream when it reads the confirmation; the rule that says who they are is
written into the send, so that a later edit of a saved rule changes nothing about it.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import Request

from schemas.automation import SEND, SendStatus
from schemas.automation_edits import confirmed, stopped
from schemas.automation_json import InvalidAutomation, parse_send
from schemas.definitions import Definition
from schemas.definitions_topic import Conflict, Edit
from sinks.monitor.api.automating import (
    channel_answers,
    channels_of,
    definition_of,
    endpoints_of,
    messages_of,
    messaging_of,
    rule_ids,
    sample_answer,
    saved_rule,
)
from sinks.monitor.api.context import Asked
from sinks.monitor.api.recording import record
from sinks.monitor.api.refusals import refused
from sinks.monitor.api.send_answers import SendPreviewAnswer, SendWish
from sinks.monitor.audit import Action
from sinks.monitor.figures.audience import audience_of, read_reach, rule_of, written_out
from sinks.monitor.figures.results import milliseconds
from sinks.monitor.problems import Problem

_MAY_GROW = 100
"""A base moves on while somebody types: by one in so many, the count that was shown still stands."""


class Grown(Problem):
    """More contacts match than were shown."""

    def __init__(self, contacts: int) -> None:
        super().__init__(409, "more contacts match by now: look at the new number", contacts=contacts)


def body_of(wish: SendWish) -> dict[str, Any]:
    """The wish as a definition's body."""
    return wish.model_dump(include={"name", "audience", "steps", "holdout_percent"})


def send_preview(ask: Asked, body: Mapping[str, Any]) -> SendPreviewAnswer:
    """Counted now; 422 says what is wrong with audience or steps."""
    try:
        confirmed({**body, "confirmed_count": 0}, 0, endpoints_of(ask), rule_ids(ask))
        rule = rule_of(audience_of(body), lambda rule_id: saved_rule(ask, rule_id))
    except InvalidAutomation as invalid:
        raise refused(ask, invalid.problems) from invalid
    found = messages_of(body)
    reach = read_reach(ask.queries, ask.account_id, rule, channels_of(found), ask.today)
    return SendPreviewAnswer(
        account=ask.account_id,
        contacts=reach.contacts,
        consent_counts=messaging_of(ask).legal_basis is None,
        channels=channel_answers(reach),
        sample=sample_answer(ask, rule, found),
        holdout_percent=body.get("holdout_percent") or 0,
    )


def confirmed_send(
    request: Request, ask: Asked, send_id: str, body: Mapping[str, Any], typed_count: int
) -> Definition:
    """The send of that id, made unless it is there. Problem 422 (InvalidAutomation), Grown."""
    known = ask.parts.definitions.get(ask.account_id, SEND, send_id)
    if known is not None:
        return known
    shown = body["confirmed_count"]
    try:
        made = confirmed(body, typed_count, endpoints_of(ask), rule_ids(ask))
        rule = rule_of(audience_of(body), lambda rule_id: saved_rule(ask, rule_id))
    except InvalidAutomation as invalid:
        raise refused(ask, invalid.problems) from invalid
    contacts = read_reach(ask.queries, ask.account_id, rule, (), ask.today).contacts
    if contacts > shown + shown // _MAY_GROW:
        raise Grown(contacts)
    fixed = {
        **made,
        "status": SendStatus.CONFIRMED.value,
        "meant": made.get("audience"),
        "audience": written_out(audience_of(body), lambda rule_id: saved_rule(ask, rule_id)),
        "confirmed_by": ask.scope.person.email,
        "confirmed_at_ms": milliseconds(ask.now),
    }
    try:
        parse_send(fixed)
        _edit(ask, send_id, 0, fixed)
    except InvalidAutomation as invalid:  # two rules that are too much together
        raise refused(ask, invalid.problems) from invalid
    except Conflict:  # the second click of two: the first one's send is the send
        return definition_of(ask, SEND, send_id)
    record(request, ask, Action.SEND_CONFIRMED, send_id, contacts=shown)
    return definition_of(ask, SEND, send_id)


def stopped_send(request: Request, ask: Asked, found: Definition) -> Definition:
    """The send, stopped; nothing more happens to one that was stopped before."""
    if found.body.get("status") == SendStatus.STOPPED:
        return found
    _edit(ask, found.id, found.version, stopped(found.body))
    record(request, ask, Action.SEND_STOPPED, found.id)
    return definition_of(ask, SEND, found.id)


def _edit(ask: Asked, send_id: str, base: int, body: Mapping[str, Any]) -> None:
    at_ms = milliseconds(ask.now)
    ask.parts.definitions.edit(Edit(ask.account_id, SEND, send_id, base, ask.scope.person.email, at_ms, body))
