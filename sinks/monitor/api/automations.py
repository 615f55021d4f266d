"""Automations and success specialist agents: drafted, activated and paused by Operators."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request

from schemas.automation import Status
from schemas.automation_json import InvalidAutomation
from schemas.automation_templates import Template, template
from sinks.monitor.api.authoring_answers import (
    AutomationAnswer,
    AutomationRow,
    AutomationsAnswer,
    Base,
    DraftEdit,
    DraftWish,
    ProblemsAnswer,
    ReachAnswer,
    StatusAnswer,
    TemplateAnswer,
    TemplatesAnswer,
)
from sinks.monitor.api.context import PROBLEM, PROBLEMS, Ask, Asked
from sinks.monitor.api.refusals import address_of, advised, refused
from sinks.monitor.authoring import automations as made
from sinks.monitor.authoring.audience import contacts_now
from sinks.monitor.authoring.automations import Saved
from sinks.monitor.authoring.drafts import clean_automation
from sinks.monitor.rights import Right
from sinks.monitor.scope import having
from sinks.monitor.telling.automations import audience_words, trigger_words
from sinks.monitor.telling.rules import Teller
from sinks.monitor.telling.teller import teller_of

router = APIRouter(prefix="/api/v1", tags=["automations"], responses=PROBLEMS)
_REFUSED: dict[int | str, dict[str, Any]] = {
    409: {"description": "Somebody changed it meanwhile, or its status does not allow it.", **PROBLEM},
    503: {"description": "Changes cannot be saved now.", **PROBLEM},
}
DRAFTING: dict[str, Any] = {
    "dependencies": [Depends(having(Right.DRAFT_AUTOMATIONS))],
    "responses": _REFUSED,
}
ACTIVATING: dict[str, Any] = {
    "dependencies": [Depends(having(Right.ACTIVATE_AUTOMATIONS))],
    "responses": _REFUSED,
}
Id = Annotated[str, Path(max_length=64)]


@router.get("/automations", response_model=AutomationsAnswer)
def automations(
    ask: Ask,
    status: Annotated[Status | None, Query(description="Only those; absent: all.")] = None,
    specialist: Annotated[bool | None, Query(description="Only specialists, or only others.")] = None,
) -> Any:
    """Every automation, specialists among them."""
    teller = teller_of(ask, ask.scope.person.language)
    items = [
        AutomationRow(**row_of(one, teller))
        for one in made.automations_of(ask)
        if status in (None, one.status) and specialist in (None, one.specialist)
    ]
    return AutomationsAnswer(account=ask.account_id, items=items)


@router.get("/automations/templates", response_model=TemplatesAnswer)
def templates(ask: Ask) -> Any:
    """What there is to start from."""
    language = ask.scope.person.language
    items = []
    for one in Template:
        body = template(one, language.value)
        items.append(
            TemplateAnswer(
                template=one.value, name=body["name"], specialist=body["specialist"], definition=body
            )
        )
    return TemplatesAnswer(items=items)


@router.post("/automations/problems", response_model=ProblemsAnswer)
def problems(ask: Ask, wish: DraftWish) -> Any:
    """What a definition that need not be saved lacks before it can be activated."""
    return ProblemsAnswer.model_validate({"problems": advised(ask, made.faults_of(ask, wish.definition))})


@router.post("/automations", response_model=AutomationAnswer, status_code=201, **DRAFTING)
def create(request: Request, ask: Ask, wish: DraftWish) -> Any:
    """A new draft; it may lack anything, and does nothing."""
    draft = clean_automation(wish.definition)
    id_, _ = made.save_automation(ask, None, 0, draft, address_of(request))
    return _answer(ask, made.automation_of(ask, id_), wish.definition)


@router.get("/automations/{automation_id}", response_model=AutomationAnswer)
def automation(ask: Ask, automation_id: Id) -> Any:
    """One automation."""
    found = made.automation_of(ask, automation_id)
    return _answer(ask, found, found.draft)


@router.get("/automations/{automation_id}/reach", response_model=ReachAnswer)
def reach(ask: Ask, automation_id: Id) -> Any:
    """How many contacts its audience holds now, and who enters from now on."""
    found = made.automation_of(ask, automation_id)
    teller = teller_of(ask, ask.scope.person.language)
    return ReachAnswer(
        contacts_now=contacts_now(ask, found.draft), who_enters=trigger_words(teller, found.draft["trigger"])
    )


@router.put("/automations/{automation_id}", response_model=AutomationAnswer, **DRAFTING)
def edit(request: Request, ask: Ask, automation_id: Id, wish: DraftEdit) -> Any:
    """Another version; of an active one it has to be complete. Contacts inside keep the one they entered."""
    draft = clean_automation(wish.definition)
    try:
        made.save_automation(ask, automation_id, wish.base_version, draft, address_of(request))
    except InvalidAutomation as invalid:
        raise refused(ask, invalid.problems) from invalid
    return _answer(ask, made.automation_of(ask, automation_id), wish.definition)


@router.delete("/automations/{automation_id}", status_code=204, **DRAFTING)
def remove(
    request: Request, ask: Ask, automation_id: Id, base_version: Annotated[int, Query(ge=1, lt=2**31)]
) -> None:
    """Throw it away, unless it is active."""
    made.remove_automation(ask, automation_id, base_version, address_of(request))


@router.post("/automations/{automation_id}/activate", response_model=StatusAnswer, **ACTIVATING)
def activate(request: Request, ask: Ask, automation_id: Id, wish: Base) -> Any:
    """Contacts enter from now on, nobody for what was before; 422 says what is missing."""
    try:
        version = made.activate(ask, automation_id, wish.base_version, address_of(request))
    except InvalidAutomation as invalid:
        raise refused(ask, invalid.problems) from invalid
    return StatusAnswer(id=automation_id, version=version, status=Status.ACTIVE)


@router.post("/automations/{automation_id}/pause", response_model=StatusAnswer, **ACTIVATING)
def pause(request: Request, ask: Ask, automation_id: Id, wish: Base) -> Any:
    """Nobody enters, and contacts inside leave at their next step."""
    version = made.pause(ask, automation_id, wish.base_version, address_of(request))
    return StatusAnswer(id=automation_id, version=version, status=Status.PAUSED)


def row_of(one: Saved, teller: Teller) -> dict[str, Any]:
    """An automation as a line of a list."""
    return {
        "id": one.id,
        "version": one.version,
        "name": one.name,
        "status": one.status,
        "specialist": one.specialist,
        "audience": audience_words(teller, one.draft["audience"]),
        "trigger": trigger_words(teller, one.draft["trigger"]),
        "author": one.author,
        "at": datetime.fromtimestamp(one.at_ms / 1000, UTC),
    }


def _answer(ask: Asked, found: Saved, definition: Mapping[str, Any]) -> AutomationAnswer:
    teller = teller_of(ask, ask.scope.person.language)
    told = advised(ask, made.faults_of(ask, definition))
    return AutomationAnswer.model_validate(
        {**row_of(found, teller), "definition": dict(found.draft), "problems": told}
    )
