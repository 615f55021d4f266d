"""The delivery log: each action with every attempt, as a file too; and sending one again."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BeforeValidator

from schemas.actions import DeliveryState
from sinks.monitor.api.automating import Days, span_of
from sinks.monitor.api.contacts import Cursor, Limit
from sinks.monitor.api.context import PROBLEM, PROBLEMS, Ask, Asked
from sinks.monitor.api.recording import record
from sinks.monitor.api.reports import dialect
from sinks.monitor.api.results_answers import DeliveriesAnswer, DeliveryAnswer, ResentAnswer
from sinks.monitor.audit import Action
from sinks.monitor.figures.cursors import BadCursor
from sinks.monitor.figures.deliveries import Sought, read_deliveries
from sinks.monitor.figures.export import Export, safety
from sinks.monitor.people import Language
from sinks.monitor.problems import NotFound, Problem
from sinks.monitor.rights import Right
from sinks.monitor.scope import having
from sinks.webhooks.book import NotSent

router = APIRouter(prefix="/api/v1", tags=["deliveries"], responses=PROBLEMS)
KEPT_DAYS = 90
COLUMNS = (
    "action_id", "contact_id", "automation_id", "source", "endpoint_id", "state", "outcome", "status",
    "tries", "last_at", "next_at", "detail",
)  # fmt: skip
Text = Annotated[str | None, Query(max_length=200)]
_AGAIN: dict[int | str, dict[str, Any]] = {
    409: {"description": "It is still under way, or no longer kept.", **PROBLEM}
}


def _or_none(value: object) -> object:
    return value or None


def sought(
    *,
    ask: Ask,
    days: Days = 30,
    automation: Text = None,
    contact: Text = None,
    endpoint: Text = None,
    state: Annotated[
        DeliveryState | None, BeforeValidator(_or_none), Query(description="Only those that stand so.")
    ] = None,
) -> Sought:
    """Which deliveries a request asks for; an empty text is any."""
    return Sought(span_of(ask, days), automation or None, contact or None, endpoint or None, state)


Seeking = Annotated[Sought, Depends(sought)]


@router.get("/deliveries", response_model=DeliveriesAnswer)
def deliveries(ask: Ask, seeking: Seeking, limit: Limit = 50, cursor: Cursor = None) -> Any:
    """A page of the log, by automation, contact, endpoint and state."""
    return deliveries_answer(ask, seeking, limit, cursor)


@router.get(
    "/deliveries.csv",
    response_class=StreamingResponse,
    dependencies=[Depends(having(Right.EXPORT))],
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def deliveries_csv(
    *,
    request: Request,
    ask: Ask,
    seeking: Seeking,
    lang: Annotated[Language | None, Query(description="Absent: the person's language.")] = None,
    raw: Annotated[bool, Query(description="For machines: commas, codes, nothing escaped.")] = False,
) -> StreamingResponse:
    """The log as a file; times in the account's zone."""
    export = _written(ask, seeking, lang or ask.scope.person.language, raw=raw)
    record(request, ask, Action.EXPORT, "deliveries", rows=export.contacts)
    headers = {
        "Content-Disposition": f'attachment; filename="latido-deliveries-{ask.today.isoformat()}.csv"',
        "Content-Length": str(export.size_bytes),
    }
    return StreamingResponse(export.pieces(), media_type="text/csv; charset=utf-8", headers=headers)


@router.post(
    "/deliveries/{action_id}/resend",
    response_model=ResentAnswer,
    responses=_AGAIN,
    dependencies=[Depends(having(Right.SEND))],
)
def resend(request: Request, ask: Ask, action_id: Annotated[str, Path(max_length=64)]) -> Any:
    """Send an action again under the same id; asking twice for the same round sends once."""
    return sent_again(request, ask, action_id)


def deliveries_answer(ask: Asked, seeking: Sought, limit: int, cursor: str | None) -> DeliveriesAnswer:
    """A page; 422 for a cursor of another list."""
    try:
        page = read_deliveries(ask.queries, ask.account_id, seeking, limit=limit, cursor=cursor)
    except BadCursor as error:
        raise Problem(422, f"cursor: {error}") from error
    items = [DeliveryAnswer.model_validate(row) for row in page.rows]
    return DeliveriesAnswer(account=ask.account_id, items=items, next_cursor=page.next_cursor)


def sent_again(request: Request, ask: Asked, action_id: str) -> ResentAnswer:
    """What the button does. NotFound; Problem 409 while it is under way, or if it is no longer kept."""
    seeking = Sought(span_of(ask, KEPT_DAYS))
    one = replace(seeking, action_id=action_id)
    page = read_deliveries(ask.queries, ask.account_id, one, limit=1, cursor=None)
    if not page.rows:
        raise NotFound
    row = page.rows[0]
    if row["state"] == DeliveryState.PENDING:
        raise Problem(409, "it is still under way: wait until it has ended")
    try:
        ask.parts.outbox.again(row["source_partition"], row["source_offset"], row["round"] + 1)
    except NotSent as error:
        raise Problem(409, str(error)) from error
    record(request, ask, Action.RESENT, action_id, round=row["round"] + 1)
    return ResentAnswer(action_id=action_id, round=row["round"] + 1)


def _written(ask: Asked, seeking: Sought, language: Language, *, raw: bool) -> Export:
    chosen = dialect(language, raw=raw)
    bound = {
        **seeking.parameters(),
        **safety(raw=raw),
        "pattern": "%Y-%m-%d %H:%i:%S",
        "zone": ask.scope.account.zone.key,
    }
    lines = ask.queries.csv_lines("deliveries_csv", ask.account_id, chosen.delimiter, **bound)
    return Export.of(COLUMNS, chosen, lines)
