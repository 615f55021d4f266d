"""Settings of all messages of an account: legal basis, quiet hours, caps. The Administrator's."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from schemas.automation import MESSAGING, SETTINGS
from schemas.definitions_topic import Edit
from sinks.monitor.api.answers import Answer
from sinks.monitor.api.automating import messaging_of
from sinks.monitor.api.context import PROBLEM, PROBLEMS, Ask, Asked
from sinks.monitor.api.recording import record
from sinks.monitor.audit import Action
from sinks.monitor.problems import Forbidden
from sinks.monitor.rights import Right
from sinks.monitor.scope import having

router = APIRouter(prefix="/api/v1", tags=["settings"], responses=PROBLEMS)
Hour = Annotated[int, Field(ge=0, le=23)]
_CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"description": "Somebody changed them meanwhile.", **PROBLEM},
    503: {"description": "Changes cannot be saved now.", **PROBLEM},
}


class Messages(BaseModel):
    """Full local hours, equal ones: never quiet. `account_cap` null: none. Without a basis consent counts."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    base_version: int = Field(ge=0, lt=2**31)
    legal_basis: str | None = Field(None, max_length=500)
    quiet_from: Hour = 21
    quiet_to: Hour = 9
    contact_cap: int = Field(3, ge=0, le=1_000)
    account_cap: int | None = Field(None, ge=0, le=1 << 31)


class MessagesAnswer(Answer):
    """Settings in force; `version` 0 while nobody has changed the usual ones."""

    account: str
    version: int
    legal_basis: str | None
    quiet_from: int
    quiet_to: int
    contact_cap: int
    account_cap: int | None


@router.get("/settings/messages", response_model=MessagesAnswer)
def messages(ask: Ask) -> Any:
    """What holds for every message of the account."""
    return messages_answer(ask)


@router.post(
    "/settings/messages",
    response_model=MessagesAnswer,
    responses=_CONFLICT,
    dependencies=[Depends(having(Right.EDIT_CAPS))],
)
def change(request: Request, ask: Ask, wish: Messages) -> Any:
    """Put others in force, from the next message on."""
    return changed(request, ask, wish)


def messages_answer(ask: Asked) -> MessagesAnswer:
    """As the stream sees them."""
    version = ask.parts.definitions.version(ask.account_id, SETTINGS, MESSAGING)
    return MessagesAnswer(account=ask.account_id, version=version, **messaging_of(ask)._asdict())


def changed(request: Request, ask: Asked, wish: Messages) -> MessagesAnswer:
    """Conflict if somebody else was quicker."""
    if not ask.scope.may(Right.EDIT_CONSENT):
        raise Forbidden
    body = wish.model_dump(exclude={"base_version"}) | {"legal_basis": wish.legal_basis or None}
    at_ms = round(ask.now.timestamp() * 1000)
    author = ask.scope.person.email
    ask.parts.definitions.edit(
        Edit(ask.account_id, SETTINGS, MESSAGING, wish.base_version, author, at_ms, body)
    )
    basis = "legal_basis" if body["legal_basis"] else "consent"
    record(request, ask, Action.MESSAGES_SET, MESSAGING, basis=basis)
    return messages_answer(ask)
