"""Definitions of an account, found and saved by whoever asks; every edit is recorded."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.definitions import Definition
from schemas.definitions_topic import Edit
from sinks.monitor.api.context import Asked
from sinks.monitor.audit import Action, AuditEvent
from sinks.monitor.problems import NotFound, Problem

MOST_OF_A_KIND = 1_000


@dataclass(frozen=True, slots=True)
class Kept:
    """What is to be kept, of which version it is an edit (0: a new one); `body` None removes it."""

    kind: str
    id: str
    base_version: int
    body: Mapping[str, Any] | None


def found(ask: Asked, kind: str, id_: str) -> Definition:
    """The definition in force; NotFound if there is none in this account."""
    definition = ask.parts.definitions.get(ask.account_id, kind, id_)
    if definition is None:
        raise NotFound
    return definition


def all_of(ask: Asked, kind: str) -> list[Definition]:
    """Every definition of a kind, the one changed last first."""
    of_account = ask.parts.definitions.of_kind(kind, ask.account_id)
    return sorted(of_account, key=lambda one: one.at_ms, reverse=True)


def new_id(ask: Asked, kind: str) -> str:
    """An id nobody has; Problem 409 if the account has too many already."""
    if len(ask.parts.definitions.of_kind(kind, ask.account_id)) >= MOST_OF_A_KIND:
        raise Problem(409, f"an account has at most {MOST_OF_A_KIND} of them: remove some first")
    return uuid.uuid4().hex


def keep(ask: Asked, wish: Kept, address: str) -> int:
    """Save or remove; the version in force afterwards. Conflict, DefinitionsUnavailable."""
    at_ms = int(ask.now.timestamp() * 1000)
    author = ask.scope.person.email
    edit = Edit(ask.account_id, wish.kind, wish.id, wish.base_version, author, at_ms, wish.body)
    version = ask.parts.definitions.edit(edit)
    status = "removed" if wish.body is None else str(wish.body.get("status") or "saved")
    ask.parts.audit.record(
        AuditEvent(
            at=ask.now,
            action=Action.EDIT,
            actor=author,
            account_id=ask.account_id,
            target=wish.id,
            address=address,
            detail={"kind": wish.kind, "version": version, "status": status},
        )
    )
    return version
