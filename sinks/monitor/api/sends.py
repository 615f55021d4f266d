"""Manual sends (B10): previewed, confirmed by typing the count, once for each id, stopped.

The contacts are fixed by the stream when it reads the confirmation; the rule that says who they are is
written into the send, so that a later edit of a saved rule changes nothing about it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request

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
from sinks.monitor.api.context import PROBLEM, PROBLEMS, Ask, Asked
from sinks.monitor.api.recording import record
from sinks.monitor.api.refusals import refused
from sinks.monitor.api.results import fates_of
from sinks.monitor.api.results_answers import FateAnswer
from sinks.monitor.api.send_answers import (
    SEND_ID,
    Confirmation,
    SendAnswer,
    SendPreviewAnswer,
    SendsAnswer,
    SendWish,
    Stage,
)
from sinks.monitor.audit import Action
from sinks.monitor.figures.audience import audience_of, read_reach, rule_of, written_out
from sinks.monitor.figures.results import Fate, Span, read_results
from sinks.monitor.problems import Problem
from sinks.monitor.rights import Right
from sinks.monitor.scope import having

router = APIRouter(prefix="/api/v1", tags=["sends"], responses=PROBLEMS)
SendId = Annotated[str, Path(pattern=SEND_ID)]
_MOST_SENDS = 200
_MAY_GROW = 100
"""A base moves on while somebody types: by one in so many, the count that was shown still stands."""
_CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"description": "The number of contacts has grown, or it was changed meanwhile.", **PROBLEM},
    503: {"description": "Changes cannot be saved now.", **PROBLEM},
}


class Grown(Problem):
    """More contacts match than were shown."""

    def __init__(self, contacts: int) -> None:
        super().__init__(409, "more contacts match by now: look at the new number", contacts=contacts)


@router.get("/sends", response_model=SendsAnswer)
def sends(ask: Ask) -> Any:
    """Every manual send and what came of it."""
    return sends_answer(ask)


@router.post("/sends/preview", response_model=SendPreviewAnswer)
def preview(ask: Ask, wish: SendWish) -> Any:
    """How many it would go to, how many of them have not agreed, and one message."""
    return send_preview(ask, body_of(wish))


@router.post(
    "/sends", response_model=SendAnswer, responses=_CONFLICT, dependencies=[Depends(having(Right.SEND))]
)
def confirm(request: Request, ask: Ask, wish: Confirmation) -> Any:
    """Send it. The same id again answers with the send that there is."""
    body = body_of(wish) | {"confirmed_count": wish.confirmed_count}
    return send_answer(ask, confirmed_send(request, ask, wish.send_id, body, wish.typed_count))


@router.get("/sends/{send_id}", response_model=SendAnswer)
def send(ask: Ask, send_id: SendId) -> Any:
    """One manual send."""
    return send_answer(ask, definition_of(ask, SEND, send_id))


@router.post(
    "/sends/{send_id}/stop",
    response_model=SendAnswer,
    responses=_CONFLICT,
    dependencies=[Depends(having(Right.SEND))],
)
def stop(request: Request, ask: Ask, send_id: SendId) -> Any:
    """Stop it: what waits is not sent any more, what is delivered stays so."""
    return send_answer(ask, stopped_send(request, ask, definition_of(ask, SEND, send_id)))


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
        "confirmed_at_ms": _milliseconds(ask.now),
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


def sends_answer(ask: Asked) -> SendsAnswer:
    """The last ones, with one read for all of them."""
    found = ask.parts.definitions.of_kind(SEND, ask.account_id)
    last = sorted(found, key=_confirmed_ms, reverse=True)[:_MOST_SENDS]
    if not last:
        return SendsAnswer(account=ask.account_id, items=[])
    span = Span(_instant(_confirmed_ms(last[-1])), ask.now + timedelta(minutes=1))
    tallies = read_results(ask.queries, ask.account_id, [one.id for one in last], span)
    return SendsAnswer(
        account=ask.account_id,
        items=[_answer(ask, one, fates_of(t for t in tallies if t.automation_id == one.id)) for one in last],
    )


def send_answer(ask: Asked, found: Definition) -> SendAnswer:
    """One, as it stands."""
    return _answer(
        ask, found, fates_of(read_results(ask.queries, ask.account_id, [found.id], span_of_send(ask, found)))
    )


def span_of_send(ask: Asked, found: Definition) -> Span:
    """Since it was confirmed."""
    return Span(_instant(_confirmed_ms(found)), ask.now + timedelta(minutes=1))


def count_of(fates: list[FateAnswer], *which: Fate) -> int:
    """Decisions that came to one of these."""
    return sum(one.actions for one in fates if one.fate in which)


def _answer(ask: Asked, found: Definition, fates: list[FateAnswer]) -> SendAnswer:
    status = SendStatus(found.body.get("status", SendStatus.CONFIRMED))
    return SendAnswer(
        account=ask.account_id,
        send_id=found.id,
        version=found.version,
        name=str(found.body.get("name") or ""),
        status=status,
        stage=_stage(status, fates),
        confirmed_count=int(found.body.get("confirmed_count") or 0),
        confirmed_by=str(found.body.get("confirmed_by") or found.author),
        confirmed_at=_instant(_confirmed_ms(found)),
        fates=fates,
    )


def _stage(status: SendStatus, fates: list[FateAnswer]) -> Stage:
    if status is SendStatus.STOPPED:
        return Stage.STOPPED
    if not fates:
        return Stage.STARTING
    entered, told = count_of(fates, Fate.ENTERED), sum(one.actions for one in fates)
    waiting = count_of(fates, Fate.PENDING, Fate.DEFERRED) or told < 2 * entered
    return Stage.SENDING if waiting else Stage.DONE


def _edit(ask: Asked, send_id: str, base: int, body: Mapping[str, Any]) -> None:
    at_ms = _milliseconds(ask.now)
    ask.parts.definitions.edit(Edit(ask.account_id, SEND, send_id, base, ask.scope.person.email, at_ms, body))


def _confirmed_ms(found: Definition) -> int:
    return int(found.body.get("confirmed_at_ms") or found.at_ms)


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _instant(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)
