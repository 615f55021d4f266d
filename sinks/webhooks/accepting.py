"""What a record of automation-actions.v1 asks for."""

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from schemas.actions import ActionKind
from schemas.codec import Codec
from schemas.wire import BadRecord
from sinks.webhooks.lanes import Job
from sinks.webhooks.ledger import Incoming
from sinks.webhooks.payload import Action
from sinks.webhooks.retrying import STALE_MS

# It becomes a header and part of what is signed, where a dot would be ambiguous.
_ACTION_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ALWAYS = ("action_id", "account_id", "contact_id", "kind")
_TO_SEND = ("endpoint_id", "automation_id", "source", "due_at", "triggered_at", "test", "historical")


class Demand(Enum):
    """What is to be done with a record."""

    SEND = auto()
    REFUSE_STALE = auto()
    CANCEL = auto()
    NOTHING = auto()
    UNREADABLE = auto()


@dataclass(frozen=True, slots=True)
class Asked:
    """A record, judged."""

    demand: Demand
    action: Action | None = None
    detail: str = ""


def judge(codec: Codec, incoming: Incoming, now_ms: int) -> Asked:
    """Read a record and say what it asks for; RegistryUnavailable."""
    try:
        action = codec.decode_one("automation_action", incoming.value or b"")
    except BadRecord as error:
        return Asked(Demand.UNREADABLE, detail=str(error))
    missing = _missing(action)
    if missing:
        return Asked(Demand.UNREADABLE, detail=f"without {', '.join(missing)}")
    if not _ACTION_ID.fullmatch(action["action_id"]):
        return Asked(Demand.UNREADABLE, detail="action_id holds more than letters, digits, _ and -")
    if action["kind"] == ActionKind.CANCELLED:
        return Asked(Demand.CANCEL, action)
    if action["kind"] != ActionKind.WEBHOOK or action["historical"]:
        return Asked(Demand.NOTHING, action)
    if not incoming.round and action["due_at"] < now_ms - STALE_MS:
        return Asked(Demand.REFUSE_STALE, action)
    return Asked(Demand.SEND, action)


def _missing(action: dict[str, Any]) -> list[str]:
    wanted = [*_ALWAYS, *(_TO_SEND if action["kind"] == ActionKind.WEBHOOK else ())]
    return [name for name in wanted if action[name] is None]


def job_of(partition: int, incoming: Incoming, action: Action, now_ms: int, first_at_ms: int) -> Job:
    """The action as what waits to be sent."""
    return Job(
        partition=partition,
        offset=incoming.offset,
        action_id=action["action_id"],
        account_id=action["account_id"],
        contact_id=action["contact_id"],
        endpoint_id=action["endpoint_id"],
        round=incoming.round,
        accepted_at_ms=now_ms,
        next_at_ms=first_at_ms,
        value=incoming.value or b"",
    )
