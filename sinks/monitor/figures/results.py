"""What automations and manual sends came to, counted from what they decided and what was delivered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from schemas.actions import ActionKind, Arm, DeliveryState
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.cursors import INT64, BadCursor, packed, unpacked


class Fate(StrEnum):
    """What became of a decision: a webhook by its delivery, anything else by what it is."""

    ENTERED = "entered"
    ASSIGNED = "assigned"
    DELIVERED = "delivered"
    PENDING = "pending"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DEFERRED = "deferred"
    SUPPRESSED = "suppressed"
    TAG = "tag"
    NOTHING = "nothing"
    MISSED = "missed"
    EXITED = "exited"


@dataclass(frozen=True, slots=True)
class Span:
    """Visits that began from `since` on and before `until`."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """Decisions of one automation, version, arm, fate and reason ("": none). `contacts` counts each once."""

    automation_id: str
    version: int
    arm: Arm
    fate: Fate
    reason: str
    actions: int
    contacts: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which decisions of which automations a list shows; None and () are all."""

    automations: tuple[str, ...]
    fates: tuple[Fate, ...] = ()
    reason: str | None = None
    arm: Arm | None = None
    version: int | None = None
    contact_id: str | None = None


@dataclass(frozen=True, slots=True)
class LogPage:
    """Rows of `actions_log`, each with its contact's name and the segment change behind it."""

    rows: Sequence[Mapping[str, Any]]
    next_cursor: str | None


def read_results(queries: Queries, account_id: str, automations: Sequence[str], span: Span) -> list[Tally]:
    """Every tally of some automations or sends."""
    rows = queries.rows("automation_results", account_id, **_bound(automations, span))
    return [
        Tally(
            row["automation_id"],
            row["automation_version"],
            Arm(row["arm"]),
            Fate(row["fate"]),
            row["why"],
            int(row["actions"]),
            int(row["contacts"]),
        )
        for row in rows
    ]


def read_log(
    queries: Queries, account_id: str, wanted: Wanted, span: Span, *, limit: int, cursor: str | None
) -> LogPage:
    """A page of decisions, the latest first; BadCursor."""
    at_ms, after_id = place_of(cursor) if cursor else (0, "")
    rows = queries.rows(
        "actions_log",
        account_id,
        **_bound(wanted.automations, span),
        fates=[fate.value for fate in wanted.fates],
        any_why=wanted.reason is None,
        why=wanted.reason or "",
        any_arm=wanted.arm is None,
        arm=wanted.arm.value if wanted.arm else "",
        any_version=wanted.version is None,
        version=wanted.version or 0,
        any_contact=wanted.contact_id is None,
        contact_id=wanted.contact_id or "",
        from_start=cursor is None,
        at_ms=at_ms,
        after_id=after_id,
        limit=limit + 1,
    )
    shown = rows[:limit]
    following = cursor_at(shown[-1]["due_at"], shown[-1]["action_id"]) if len(rows) > limit else None
    return LogPage(_explained(queries, account_id, shown), following)


def names_of(queries: Queries, account_id: str, contacts: Sequence[str]) -> dict[str, str | None]:
    """Names of contacts that are there; None for one without a name."""
    rows = queries.rows("names_of", account_id, contacts=sorted(set(contacts)))
    return {row["contact_id"]: row["personal_name"] for row in rows}


def cursor_at(at: datetime, action_id: str) -> str:
    """Where the next page starts."""
    return packed([milliseconds(at), action_id])


def milliseconds(at: datetime) -> int:
    """Of an instant, since 1970."""
    return round(at.timestamp() * 1000)


def place_of(cursor: str) -> tuple[int, str]:
    """What a cursor means; BadCursor."""
    match unpacked(cursor):
        case [int(at_ms), str(action_id)] if at_ms in INT64 and abs(at_ms) < 1 << 42:
            return at_ms, action_id
    raise BadCursor("it belongs to another list")


def _explained(
    queries: Queries, account_id: str, rows: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    contacts = [row["contact_id"] for row in rows]
    events = sorted({row["cause_event_id"] for row in rows if row["cause_event_id"]})
    names = names_of(queries, account_id, contacts) if rows else {}
    changes = (
        queries.rows("changes_named", account_id, contacts=sorted(set(contacts)), events=events)
        if events
        else []
    )
    by_id = {row["event_id"]: row for row in changes}
    return [
        {**row, "name": names.get(row["contact_id"]), "change": by_id.get(row["cause_event_id"] or "")}
        for row in rows
    ]


def _bound(automations: Sequence[str], span: Span) -> dict[str, Any]:
    return {
        "automations": list(automations),
        "since_ms": milliseconds(span.since),
        "until_ms": milliseconds(span.until),
        "nothing": "",
        "webhook": ActionKind.WEBHOOK.value,
        "pending": DeliveryState.PENDING.value,
    }
