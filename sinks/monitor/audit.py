"""Who did what: one line in the log at once, one row in the table `audit` soon after. Neither is edited."""

import json
import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import polars as pl
import structlog

from sinks.clickhouse.database import Database

_FLUSH_SECONDS = 1.0
_MOST_WAITING = 10_000
_log = structlog.get_logger()


class Action(StrEnum):
    """What is worth a record."""

    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    SWITCH_ACCOUNT = "switch_account"
    EXPORT = "export"
    EDIT = "edit"
    SEND_CONFIRMED = "send_confirmed"
    SEND_STOPPED = "send_stopped"
    RESENT = "resent"
    ENDPOINT_CREATED = "endpoint_created"
    ENDPOINT_SWITCHED = "endpoint_switched"
    ENDPOINT_TESTED = "endpoint_tested"
    SECRET_ROTATED = "secret_rotated"  # noqa: S105 - the name of an action
    MESSAGES_SET = "messages_set"
    MODEL_PUBLISHED = "model_published"
    USER_INVITED = "user_invited"
    PROFILE_CHANGED = "profile_changed"
    USER_REMOVED = "user_removed"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of an action
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an action
    ERASE = "erase"


class Outcome(StrEnum):
    """How it ended."""

    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One act. `account_id` is empty where none was chosen; `detail` holds nothing secret or personal."""

    at: datetime
    action: Action
    actor: str
    account_id: str = ""
    target: str = ""
    outcome: Outcome = Outcome.DONE
    address: str = ""
    detail: Mapping[str, str | int] = field(default_factory=dict)


class AuditTrail(Protocol):
    """Where acts are recorded."""

    def record(self, event: AuditEvent) -> None:
        """Record one act; never in the way of it."""

    def stop(self) -> None:
        """Write what waits."""


class ClickHouseAudit:
    """Logs at once and inserts what came together, once a second. `stop` inserts the rest."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: queue.Queue[AuditEvent] = queue.Queue(_MOST_WAITING)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._flush_until_stopped, name="audit", daemon=True)
        self._thread.start()

    def record(self, event: AuditEvent) -> None:
        """Log, and queue for the table. With the database away for long, the log alone has it."""
        log_line(event)
        try:
            self._waiting.put_nowait(event)
        except queue.Full:
            _log.error("audit_table_behind", action=event.action.value)

    def stop(self) -> None:
        """Insert what waits."""
        self._stopping.set()
        self._thread.join(10 * _FLUSH_SECONDS)

    def _flush_until_stopped(self) -> None:
        pending: list[AuditEvent] = []
        while not (self._stopping.wait(_FLUSH_SECONDS) and self._waiting.empty()):
            pending += [self._waiting.get_nowait() for _ in range(self._waiting.qsize())]
            pending = self._inserted(pending)

    def _inserted(self, events: list[AuditEvent]) -> list[AuditEvent]:
        """Insert; what is still to be inserted."""
        if not events:
            return []
        try:
            self._database.insert("audit", _frame(events))
        except Exception as error:  # noqa: BLE001 - whatever the driver raises: the log has them, try again
            _log.warning("audit_table_away", waiting=len(events), error=str(error))
            return [] if self._stopping.is_set() else events[-_MOST_WAITING:]
        return []


def log_line(event: AuditEvent) -> None:
    """The act as one structured line."""
    _log.info(
        "audit",
        action=event.action.value,
        actor=event.actor,
        account_id=event.account_id,
        target=event.target,
        outcome=event.outcome.value,
        address=event.address,
        detail=dict(event.detail),
    )


def _frame(events: list[AuditEvent]) -> pl.DataFrame:
    rows = {
        "at": [e.at for e in events],
        "action": [e.action.value for e in events],
        "actor": [e.actor for e in events],
        "account_id": [e.account_id for e in events],
        "target": [e.target for e in events],
        "outcome": [e.outcome.value for e in events],
        "address": [e.address for e in events],
        "detail": [json.dumps(dict(e.detail), ensure_ascii=False, sort_keys=True) for e in events],
    }
    return pl.DataFrame(rows).with_columns(pl.col("at").cast(pl.Datetime("ms", "UTC")))
