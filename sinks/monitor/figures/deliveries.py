"""The delivery log: how the delivery of each action stands, and every attempt at it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.actions import DeliveryState
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.results import Span, cursor_at, milliseconds, names_of, place_of


@dataclass(frozen=True, slots=True)
class Sought:
    """Which deliveries; None is any. The span is that of attempts."""

    span: Span
    automation_id: str | None = None
    contact_id: str | None = None
    endpoint_id: str | None = None
    state: DeliveryState | None = None
    action_id: str | None = None

    def parameters(self) -> dict[str, Any]:
        """As the queries bind them."""
        named = {
            "automation": self.automation_id,
            "contact": self.contact_id,
            "endpoint": self.endpoint_id,
            "action": self.action_id,
        }
        bound: dict[str, Any] = {
            "since_ms": milliseconds(self.span.since),
            "until_ms": milliseconds(self.span.until),
        }
        for name, value in named.items():
            bound |= {f"any_{name}": value is None, f"{name}_id": value or ""}
        return bound | {"any_state": self.state is None, "state": self.state.value if self.state else ""}


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """Rows of `deliveries` with `name` and `attempts`, and where the next page starts."""

    rows: Sequence[Mapping[str, Any]]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Health:
    """An endpoint over the past days. `failures` in a row since it last took something."""

    attempts: int
    delivered: int
    waiting: int
    failures: int
    last_at: datetime
    last_state: DeliveryState


def read_deliveries(
    queries: Queries, account_id: str, sought: Sought, *, limit: int, cursor: str | None
) -> DeliveryPage:
    """A page of actions, the one tried last first; BadCursor."""
    at_ms, after_id = place_of(cursor) if cursor else (0, "")
    rows = queries.rows(
        "deliveries",
        account_id,
        **sought.parameters(),
        from_start=cursor is None,
        at_ms=at_ms,
        after_id=after_id,
        limit=limit + 1,
    )
    shown = rows[:limit]
    following = cursor_at(shown[-1]["last_at"], shown[-1]["action_id"]) if len(rows) > limit else None
    return DeliveryPage(_told(queries, account_id, shown), following)


def read_health(queries: Queries, account_id: str, since: datetime) -> dict[str, Health]:
    """Endpoints that anything was sent to since then."""
    rows = queries.rows(
        "endpoints_health",
        account_id,
        since_ms=milliseconds(since),
        delivered=DeliveryState.DELIVERED.value,
        pending=DeliveryState.PENDING.value,
    )
    return {
        row["endpoint_id"]: Health(
            int(row["attempts"]),
            int(row["delivered"]),
            int(row["waiting"]),
            int(row["failures"]),
            row["last_at"],
            DeliveryState(row["last_state"]),
        )
        for row in rows
    }


def _told(queries: Queries, account_id: str, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    if not rows:
        return []
    names = names_of(queries, account_id, [row["contact_id"] for row in rows])
    attempts: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for one in queries.rows("delivery_attempts", account_id, actions=[row["action_id"] for row in rows]):
        attempts[one["action_id"]].append(one)
    return [
        {**row, "name": names.get(row["contact_id"]), "attempts": attempts[row["action_id"]]} for row in rows
    ]
