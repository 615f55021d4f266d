"""An account in which automations, an agent and manual sends have been at work."""

from datetime import timedelta
from typing import Any

from schemas.actions import ActionKind, ActionReason, Arm, DeliveryState, Outcome
from schemas.automation import AUTOMATION, RULE, SEND
from schemas.definitions_topic import Edit
from sinks.clickhouse.database import Database
from tests.fixtures.acted import Row, decided, store, tried
from tests.fixtures.monitor import START
from tests.fixtures.shops import HOSTILE, LIVELY, Lively

AT = START - timedelta(hours=2)
MESSAGE = {
    "kind": "message",
    "endpoint": "crm",
    "channel": "whatsapp",
    "template": "¡Hola {{personal.name}}!",
}
LAST_CHANGES = (
    "SELECT contact_id, argMax(event_id, seq) AS event_id FROM segment_changes "
    "WHERE account_id = {account:String} GROUP BY contact_id"
)
A_RETURN = (
    "SELECT max(event_id) AS event_id FROM segment_changes "
    "WHERE account_id = {account:String} AND from_segment = 'at_risk' AND to_segment = 'loyal'"
)
SEND_ID = "0" * 31 + "1"
RULE_BODY = {"combinator": "and", "rules": [{"field": "segment", "operator": "=", "value": "champions"}]}
AUTOMATIONS: dict[str, dict[str, Any]] = {
    "winback": {
        "name": "Reactivación a los 30 días",
        "status": "active",
        "audience": {"of": "all"},
        "trigger": {"kind": "segment_entered", "segments": ["at_risk", "need_attention", "about_to_sleep"]},
        "steps": [MESSAGE],
    },
    "compared": {
        "name": "Dos textos, y un grupo de control",
        "status": "active",
        "audience": {"of": "all"},
        "trigger": {"kind": "segment_entered", "segments": ["at_risk"]},
        "holdout_percent": 25,
        "steps": [
            {
                "kind": "split",
                "name": "Asunto",
                "arms": [
                    {"name": "Corto", "weight": 50, "steps": [MESSAGE]},
                    {"name": "Largo", "weight": 50, "steps": [MESSAGE]},
                ],
            }
        ],
    },
    "effective": {
        "name": "Un efecto que se ve",
        "status": "active",
        "audience": {"of": "all"},
        "trigger": {"kind": "segment_entered", "segments": ["recent"]},
        "holdout_percent": 30,
        "steps": [MESSAGE],
    },
    "unfinished": {"name": HOSTILE, "status": "draft", "audience": {"of": "best_customers"}},
    "champions": {
        "name": "Oferta para campeones",
        "status": "active",
        "specialist": True,
        "trigger": {"kind": "rule", "rule": RULE_BODY},
        "steps": [MESSAGE],
    },
}
SENT = {
    "name": "Aviso de temporada",
    "status": "confirmed",
    "audience": {"of": "all"},
    "steps": [MESSAGE],
    "confirmed_count": 12,
    "confirmed_by": "ana@example.com",
    "confirmed_at_ms": int(AT.timestamp() * 1000),
}


def act(lively: Lively, database: Database) -> None:
    """Define and store all of it."""
    definitions = lively.monitor.parts.definitions
    if definitions.get(LIVELY, SEND, SEND_ID) is not None:
        return
    lively.monitor.parts.endpoints.create(LIVELY, "crm", "http://127.0.0.1:9/hooks", "CRM", "test")
    for id_, body in AUTOMATIONS.items():
        definitions.edit(Edit(LIVELY, AUTOMATION, id_, 0, "test", 0, body))
    definitions.edit(Edit(LIVELY, RULE, "vip", 0, "test", 0, {"name": "Campeones de hoy", "rule": RULE_BODY}))
    definitions.edit(Edit(LIVELY, SEND, SEND_ID, 0, "test", 0, SENT))
    for automation_id in ("winback", "champions", SEND_ID):
        store(database, *_visits(automation_id))
    store(database, _compared())
    store(database, _effective(database))


def _compared() -> list[Row]:
    """Everybody of the shop entered some weeks ago, the last ones a few days ago: a quarter is held back."""
    actions: list[Row] = []
    for number in range(1, 401):
        contact, days = f"CLI-{number:05}", 3 if number > 360 else 60 - number % 30
        arm = Arm.HOLDOUT if number % 4 == 0 else Arm.TREATED
        about: dict[str, Any] = {"arm": arm.value, "split": None, "split_arm": None}
        at = AT - timedelta(days=days)
        actions.append(decided(LIVELY, "compared", contact, ActionKind.ENTERED, at, **about))
        dealt = {**about, "split": "Asunto", "split_arm": "Corto" if number % 2 else "Largo", "step": "1"}
        actions.append(decided(LIVELY, "compared", contact, ActionKind.ASSIGNED, at, **dealt))
    return actions


def _effective(database: Database) -> list[Row]:
    """Everybody of the shop by its last segment change, beside others who never buy."""
    changes = {row["contact_id"]: row["event_id"] for row in database.rows(LAST_CHANGES, {"account": LIVELY})}
    at = AT - timedelta(days=120)
    treated = [
        decided(LIVELY, "effective", contact, ActionKind.ENTERED, at, cause_event_id=event)
        for contact, event in sorted(changes.items())
    ]
    [event] = [row["event_id"] for row in database.rows(A_RETURN, {"account": LIVELY})]
    held: dict[str, Any] = {"arm": Arm.HOLDOUT.value, "cause_event_id": event}
    others = [decided(LIVELY, "effective", f"X-{n}", ActionKind.ENTERED, at, **held) for n in range(180)]
    return treated + others


def _visits(automation_id: str) -> tuple[list[Row], list[Row]]:
    source: dict[str, Any] = {"source": "send"} if automation_id == SEND_ID else {}
    actions: list[Row] = []
    attempts: list[Row] = []
    for number in range(1, 13):
        contact, at = f"CLI-{number:05}", AT + timedelta(seconds=number)
        arm: dict[str, Any] = {"arm": Arm.HOLDOUT.value} if number > 10 else {}
        actions.append(decided(LIVELY, automation_id, contact, ActionKind.ENTERED, at, **source, **arm))
        if number > 10:
            actions.append(
                decided(LIVELY, automation_id, contact, ActionKind.NOTHING, at, step="1", **source, **arm)
            )
        elif number > 8:
            reason = ActionReason.NO_CONSENT if number == 9 else ActionReason.CAP_CONTACT
            actions.append(
                decided(LIVELY, automation_id, contact, ActionKind.SUPPRESSED, at, reason, step="1", **source)
            )
        elif number == 8:
            quiet = ActionReason.QUIET_HOURS
            actions.append(decided(LIVELY, automation_id, contact, ActionKind.DEFERRED, at, quiet, **source))
        else:
            webhook = decided(LIVELY, automation_id, contact, ActionKind.WEBHOOK, at, **source)
            actions.append(webhook)
            attempts += _attempts(webhook, number)
    return actions, attempts


def _attempts(webhook: Row, number: int) -> list[Row]:
    if number == 1:
        return [
            tried(webhook, 1, DeliveryState.PENDING, Outcome.STATUS, status=500, detail=HOSTILE),
            tried(webhook, 2, DeliveryState.FAILED, Outcome.TIMEOUT),
        ]
    if number == 2:
        return [tried(webhook, 1, DeliveryState.PENDING, Outcome.CONNECTION)]
    return [tried(webhook, 1, DeliveryState.DELIVERED, Outcome.DELIVERED)] if number < 7 else []
