"""Manual sends: every one with what came of it; confirmed by typing the count, stopped (B10)."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request

from schemas.automation import SEND, SendStatus
from schemas.definitions import Definition
from sinks.monitor.api.automating import (
    definition_of,
)
from sinks.monitor.api.context import PROBLEM, PROBLEMS, Ask, Asked
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
from sinks.monitor.api.sending import body_of, confirmed_send, send_preview, stopped_send
from sinks.monitor.figures.results import Fate, Span, read_results
from sinks.monitor.rights import Right
from sinks.monitor.scope import having

router = APIRouter(prefix="/api/v1", tags=["sends"], responses=PROBLEMS)
SendId = Annotated[str, Path(pattern=SEND_ID)]
_MOST_SENDS = 200
_CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"description": "The number of contacts has grown, or it was changed meanwhile.", **PROBLEM},
    503: {"description": "Changes cannot be saved now.", **PROBLEM},
}


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
    entered = count_of(fates, Fate.ENTERED)
    told = sum(one.actions for one in fates if one.fate is not Fate.ASSIGNED)
    waiting = count_of(fates, Fate.PENDING, Fate.DEFERRED) or told < 2 * entered
    return Stage.SENDING if waiting else Stage.DONE


def _confirmed_ms(found: Definition) -> int:
    return int(found.body.get("confirmed_at_ms") or found.at_ms)


def _instant(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)
