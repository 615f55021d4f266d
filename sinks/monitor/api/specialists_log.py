"""The action log of the success specialist agents (B9): which did what to whom, when and why."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from schemas.automation import AUTOMATION
from schemas.definitions import Definition
from sinks.monitor.api.automating import Days, span_of
from sinks.monitor.api.contacts import Cursor, Limit
from sinks.monitor.api.context import PROBLEMS, Ask, Asked
from sinks.monitor.api.results import actions_answer
from sinks.monitor.api.results_answers import ActionsAnswer
from sinks.monitor.figures.results import Fate, Wanted
from sinks.monitor.problems import NotFound

router = APIRouter(prefix="/api/v1", tags=["automations"], responses=PROBLEMS)
ACTS = (
    Fate.DELIVERED, Fate.PENDING, Fate.FAILED, Fate.CANCELLED, Fate.TAG, Fate.NOTHING, Fate.SUPPRESSED,
    Fate.DEFERRED,
)  # fmt: skip
"""What an agent does, or is kept from doing; that somebody entered or left is no act."""


@router.get("/specialists/log", response_model=ActionsAnswer)
def specialists_log(
    *,
    ask: Ask,
    agent: Annotated[str | None, Query(max_length=64, description="Only of this agent.")] = None,
    contact: Annotated[str | None, Query(max_length=200, description="Only about this contact.")] = None,
    fate: Annotated[Fate | None, Query(description="Only what came to this.")] = None,
    days: Days = 30,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """A page of what the agents did, the latest first."""
    return log_answer(ask, agent, contact, fate, days, limit, cursor)


def specialists_of(ask: Asked) -> dict[str, Definition]:
    """The account's specialist agents by id."""
    found = ask.parts.definitions.of_kind(AUTOMATION, ask.account_id)
    return {one.id: one for one in found if one.body.get("specialist") is True}


def log_answer(
    ask: Asked,
    agent: str | None,
    contact: str | None,
    fate: Fate | None,
    days: int,
    limit: int,
    cursor: str | None,
) -> ActionsAnswer:
    """NotFound for an agent that is none."""
    known = specialists_of(ask)
    if agent and agent not in known:
        raise NotFound
    chosen = (agent,) if agent else tuple(known)
    wanted = Wanted(chosen, (fate,) if fate else ACTS, contact_id=contact or None)
    return actions_answer(ask, wanted, span_of(ask, days), limit, cursor)
