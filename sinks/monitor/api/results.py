"""What an automation would do (preview), what came of it (results), and who is behind each figure."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from schemas.actions import ActionReason, Arm
from schemas.automation import AUTOMATION
from schemas.automation_json import InvalidAutomation, parse_automation, problems_of
from schemas.definitions import Definition
from sinks.monitor.api.automating import (
    Days,
    channel_answers,
    channels_of,
    definition_of,
    messages_of,
    messaging_of,
    sample_answer,
    saved_rule,
    span_of,
)
from sinks.monitor.api.contacts import Cursor, Limit
from sinks.monitor.api.context import PROBLEMS, Ask, Asked
from sinks.monitor.api.refusals import advised, refused
from sinks.monitor.api.rehearsing import DAYS as REPLAYED
from sinks.monitor.api.rehearsing import PatientDays, automation_rehearsal
from sinks.monitor.api.results_answers import (
    ActionAnswer,
    ActionsAnswer,
    FateAnswer,
    PartAnswer,
    PreviewAnswer,
    ProblemAnswer,
    ResultsAnswer,
)
from sinks.monitor.figures.audience import audience_of, read_reach, rule_of
from sinks.monitor.figures.cursors import BadCursor
from sinks.monitor.figures.reached import DAYS, Reached, read_reached
from sinks.monitor.figures.results import Fate, Span, Tally, Wanted, read_log, read_results
from sinks.monitor.problems import Problem

router = APIRouter(prefix="/api/v1", tags=["automations"], responses=PROBLEMS)
AutomationId = Annotated[str, Path(max_length=64)]


@router.get("/automations/{automation_id}/preview", response_model=PreviewAnswer)
def preview(ask: Ask, automation_id: AutomationId, days: PatientDays = REPLAYED) -> Any:
    """Whom it would have reached in the past 30 days, who is in its audience now, and one message.

    Besides: what it would have done in the past `days` days beside the active ones, with re-entry, consent,
    quiet hours and caps.
    """
    return preview_answer(ask, definition_of(ask, AUTOMATION, automation_id), days)


@router.get("/automations/{automation_id}/results", response_model=ResultsAnswer)
def results(ask: Ask, automation_id: AutomationId, days: Days = 30) -> Any:
    """Entered, delivered, failed, pending, deferred, suppressed and exited by reason, by arm and version."""
    return results_answer(ask, definition_of(ask, AUTOMATION, automation_id).id, days)


@router.get("/automations/{automation_id}/actions", response_model=ActionsAnswer)
def actions(
    *,
    ask: Ask,
    automation_id: AutomationId,
    days: Days = 30,
    fate: Annotated[Fate | None, Query(description="Only what came to this.")] = None,
    reason: Annotated[ActionReason | None, Query(description="Only for this reason.")] = None,
    arm: Annotated[Arm | None, Query(description="Only of this arm.")] = None,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Only of this version.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """The decisions behind a figure of the results."""
    of = (definition_of(ask, AUTOMATION, automation_id).id,)
    wanted = Wanted(of, (fate,) if fate else (), reason.value if reason else None, arm, version)
    return actions_answer(ask, wanted, span_of(ask, days), limit, cursor)


def preview_answer(ask: Asked, definition: Definition, days: int) -> PreviewAnswer:
    """For drafts too: what is missing is named, what is there is counted. 422 without an audience."""
    body, saved = definition.body, lambda rule_id: saved_rule(ask, rule_id)
    found = messages_of(body)
    try:
        rule = rule_of(audience_of(body), saved)
    except InvalidAutomation as invalid:
        raise refused(ask, invalid.problems) from invalid
    reach = read_reach(ask.queries, ask.account_id, rule, channels_of(found), ask.today)
    past = _reached(ask, definition)
    return PreviewAnswer(
        account=ask.account_id,
        automation_id=definition.id,
        version=definition.version,
        problems=[ProblemAnswer.model_validate(one) for one in advised(ask, problems_of(body))],
        contacts=reach.contacts,
        consent_counts=messaging_of(ask).legal_basis is None,
        channels=channel_answers(reach),
        sample=sample_answer(ask, rule, found),
        past_days=DAYS,
        past_contacts=past.contacts if past else None,
        basis=past.basis if past else None,
        rehearsal=automation_rehearsal(ask, definition, days),
    )


def results_answer(ask: Asked, automation_id: str, days: int) -> ResultsAnswer:
    """Everything from one read."""
    span = span_of(ask, days)
    tallies = read_results(ask.queries, ask.account_id, [automation_id], span)
    arms, versions = _split(tallies, lambda t: t.arm), _split(tallies, lambda t: t.version)
    return ResultsAnswer(
        account=ask.account_id,
        automation_id=automation_id,
        days=days,
        since=span.since,
        until=ask.now,
        fates=fates_of(tallies),
        arms=[PartAnswer(arm=arm, fates=fates_of(of)) for arm, of in sorted(arms.items(), reverse=True)],
        versions=[PartAnswer(version=v, fates=fates_of(of)) for v, of in sorted(versions.items())],
    )


def fates_of(tallies: Iterable[Tally]) -> list[FateAnswer]:
    """Sums by fate and reason, in the order of fates. A contact of two versions or arms counts in each."""
    order = list(Fate)
    sums = [
        FateAnswer(
            fate=fate,
            reason=ActionReason(reason) if reason else None,
            actions=sum(t.actions for t in of),
            contacts=sum(t.contacts for t in of),
        )
        for (fate, reason), of in _split(tallies, lambda t: (t.fate, t.reason)).items()
    ]
    return sorted(sums, key=lambda one: (order.index(one.fate), -one.actions))


def actions_answer(ask: Asked, wanted: Wanted, span: Span, limit: int, cursor: str | None) -> ActionsAnswer:
    """A page of decisions; 422 for a cursor of another list."""
    try:
        page = read_log(ask.queries, ask.account_id, wanted, span, limit=limit, cursor=cursor)
    except BadCursor as error:
        raise Problem(422, f"cursor: {error}") from error
    items = [
        ActionAnswer.model_validate({**row, "at": row["due_at"], "reason": row["why"] or None})
        for row in page.rows
    ]
    return ActionsAnswer(account=ask.account_id, items=items, next_cursor=page.next_cursor)


def _reached(ask: Asked, definition: Definition) -> Reached | None:
    """None for one that is not complete yet."""
    try:
        made = parse_automation(definition.body)
        return read_reached(
            ask.queries,
            ask.account_id,
            made,
            lambda rule_id: saved_rule(ask, rule_id),
            now=ask.now,
            today=ask.today,
        )
    except InvalidAutomation:
        return None


def _split(tallies: Iterable[Tally], key: Callable[[Tally], Any]) -> dict[Any, list[Tally]]:
    parts: dict[Hashable, list[Tally]] = defaultdict(list)
    for tally in tallies:
        parts[key(tally)].append(tally)
    return dict(parts)
