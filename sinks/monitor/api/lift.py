"""What an automation achieves: its arms, their difference, and how certain that is."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from schemas.automation import AUTOMATION, SEND
from sinks.monitor.api.automating import definition_of
from sinks.monitor.api.context import PROBLEMS, Ask, Asked
from sinks.monitor.api.lift_answers import LiftAnswer, LiftPartAnswer
from sinks.monitor.figures.lift import EPOCH, Question, read_lift
from sinks.monitor.figures.sequences import FLOOR

router = APIRouter(prefix="/api/v1", tags=["automations"], responses=PROBLEMS)

WINDOW = 14
"""Days after its first entry for which a contact is watched (REQUIREMENTS D)."""

Id = Annotated[str, Path(max_length=64)]
Window = Annotated[
    int, Query(ge=1, le=90, description="Days after its entry for which a contact is watched.")
]
Version = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Only who entered with this version.")]
Since = Annotated[date | None, Query(description="Only first entries from this day of the account on.")]


@router.get("/automations/{automation_id}/lift", response_model=LiftAnswer)
def lift(
    ask: Ask, automation_id: Id, window: Window = WINDOW, since: Since = None, version: Version = None
) -> Any:
    """Repurchase rate and revenue of who was treated and who was held back, by transition, and by split.

    There is no rolling period: the intervals hold at all times of a base that grows from a fixed day on.
    """
    return lift_answer(ask, definition_of(ask, AUTOMATION, automation_id).id, window, since, version)


@router.get("/sends/{send_id}/lift", response_model=LiftAnswer)
def send_lift(ask: Ask, send_id: Id, window: Window = WINDOW) -> Any:
    """The same of a manual send."""
    return lift_answer(ask, definition_of(ask, SEND, send_id).id, window, None, None)


def lift_answer(
    ask: Asked, automation_id: str, window: int, since: date | None, version: int | None
) -> LiftAnswer:
    """Everything from one read."""
    began = EPOCH if since is None else _start_of(ask, since)
    question = Question(automation_id, window, began, version)
    found = read_lift(ask.queries, ask.account_id, question, ask.now)
    return LiftAnswer(
        account=ask.account_id,
        automation_id=automation_id,
        currency=ask.currency,
        window_days=window,
        since=since,
        version=version,
        at=ask.now,
        floor=FLOOR,
        parts=[LiftPartAnswer.model_validate(part) for part in found],
    )


def _start_of(ask: Asked, day: date) -> datetime:
    """The day's first instant; before 1970 and after tomorrow there is nothing to tell apart."""
    if day <= EPOCH.date():
        return EPOCH
    known = min(day, ask.today + timedelta(days=1))
    return datetime.combine(known, time(), ask.scope.account.zone).astimezone(UTC)
