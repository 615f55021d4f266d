"""Manual sends: every one with what came of it; confirmed by typing the count, stopped (B10)."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request

from schemas.automation import SEND, SendStatus
from schemas.automation_edits import longest_wait_ms
from schemas.automation_json import parse_send
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
_BEGINS_WITHIN = timedelta(minutes=1)
"""After that, whoever has not entered does not match any more."""
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
    up_to = _data_up_to(ask)
    fates = ((one, fates_of(t for t in tallies if t.automation_id == one.id)) for one in last)
    return SendsAnswer(
        account=ask.account_id, items=[_answer(ask, one, found, up_to) for one, found in fates]
    )


def send_answer(ask: Asked, found: Definition) -> SendAnswer:
    """One, as it stands."""
    fates = fates_of(read_results(ask.queries, ask.account_id, [found.id], span_of_send(ask, found)))
    return _answer(ask, found, fates, _data_up_to(ask))


def _data_up_to(ask: Asked) -> datetime | None:
    return ask.figures.freshness.read(ask.queries, ask.parts.progress, ask.now).data_up_to


def span_of_send(ask: Asked, found: Definition) -> Span:
    """Since it was confirmed."""
    return Span(_instant(_confirmed_ms(found)), ask.now + timedelta(minutes=1))


def count_of(fates: list[FateAnswer], *which: Fate) -> int:
    """Decisions that came to one of these."""
    return sum(one.actions for one in fates if one.fate in which)


def _answer(ask: Asked, found: Definition, fates: list[FateAnswer], up_to: datetime | None) -> SendAnswer:
    status = SendStatus(found.body.get("status", SendStatus.CONFIRMED))
    return SendAnswer(
        account=ask.account_id,
        send_id=found.id,
        version=found.version,
        name=str(found.body.get("name") or ""),
        status=status,
        stage=stage_of(found, status, fates, up_to),
        confirmed_count=_confirmed_count(found),
        confirmed_by=str(found.body.get("confirmed_by") or found.author),
        confirmed_at=_instant(_confirmed_ms(found)),
        fates=fates,
    )


def stage_of(found: Definition, status: SendStatus, fates: list[FateAnswer], up_to: datetime | None) -> Stage:
    """As far as decisions are known, which is up to an instant, if that is known.

    Whoever ends at once leaves no word of the end: where steps wait, only time tells that nobody is inside.
    """
    if status is SendStatus.STOPPED:
        return Stage.STOPPED
    entered, left = count_of(fates, Fate.ENTERED), count_of(fates, Fate.EXITED)
    confirmed_at = _instant(_confirmed_ms(found))
    since = (up_to or confirmed_at) - confirmed_at
    if entered < _confirmed_count(found) and since < _BEGINS_WITHIN:
        return Stage.SENDING if fates else Stage.STARTING
    waits = timedelta(milliseconds=longest_wait_ms(parse_send(found.body).steps))
    inside = left < entered and waits and since < waits + _BEGINS_WITHIN
    return Stage.SENDING if inside or count_of(fates, Fate.PENDING, Fate.DEFERRED) else Stage.DONE


def _confirmed_count(found: Definition) -> int:
    return int(found.body.get("confirmed_count") or 0)


def _confirmed_ms(found: Definition) -> int:
    return int(found.body.get("confirmed_at_ms") or found.at_ms)


def _instant(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)
