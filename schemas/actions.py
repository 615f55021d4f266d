"""Names of the contract between automations and those who act for them: actions and their deliveries."""

import hashlib
from enum import StrEnum


class ActionSource(StrEnum):
    """`AutomationAction.source`."""

    AUTOMATION = "automation"
    SEND = "send"
    TEST = "test"


class ActionKind(StrEnum):
    """`AutomationAction.kind`; only `webhook` is sent, all are counted in results."""

    ENTERED = "entered"
    ASSIGNED = "assigned"
    WEBHOOK = "webhook"
    TAG = "tag"
    NOTHING = "nothing"
    DEFERRED = "deferred"
    SUPPRESSED = "suppressed"
    MISSED = "missed"
    CANCELLED = "cancelled"
    EXITED = "exited"


class ActionReason(StrEnum):
    """`AutomationAction.reason`."""

    NO_CONSENT = "no_consent"
    NO_ADDRESS = "no_address"
    CAP_CONTACT = "cap_contact"
    CAP_ACCOUNT = "cap_account"
    QUIET_HOURS = "quiet_hours"
    ENDPOINT_DISABLED = "endpoint_disabled"
    PURCHASED = "purchased"
    CONDITION_ENDED = "condition_ended"
    COMPLETED = "completed"
    PAUSED = "paused"
    STOPPED = "stopped"
    ERASED = "erased"
    MERGED = "merged"
    TOO_LATE = "too_late"
    REENTRY = "reentry"
    INSIDE = "inside"


class Arm(StrEnum):
    """`AutomationAction.arm`."""

    TREATED = "treated"
    HOLDOUT = "holdout"


class VariableType(StrEnum):
    """`ActionVariable.type`: how the text in `value` is to be read."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    INSTANT = "instant"
    MONEY = "money"


class DeliveryState(StrEnum):
    """`WebhookAttempt.state` and `WebhookDelivery.state`; all but `pending` end the round."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """`WebhookDelivery.outcome`: what one attempt came to, or why there was none."""

    DELIVERED = "delivered"
    STATUS = "status"
    REDIRECT = "redirect"
    GONE = "gone"
    THROTTLED = "throttled"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    TLS = "tls"
    PROTOCOL = "protocol"
    ADDRESS_REFUSED = "address_refused"
    URL_REFUSED = "url_refused"
    ENDPOINT_UNKNOWN = "endpoint_unknown"
    ENDPOINT_DISABLED = "endpoint_disabled"
    SECRET_MISSING = "secret_missing"  # noqa: S105 - a code, not a secret
    EXPIRED = "expired"
    STALE = "stale"
    OVERFLOW = "overflow"
    CANCELLED = "cancelled"
    UNUSABLE = "unusable"


TEST_CONTACT = "latido-test"


def action_id(account_id: str, automation_id: str, contact_id: str, visit: str, step: str) -> str:
    """The id of an action, which no retry, replay or restart changes; it holds no dot (Standard Webhooks)."""
    # Lengths keep apart what a separator inside an id would mix up.
    text = (
        f"{len(account_id)}:{account_id}{len(automation_id)}:{automation_id}"
        f"{len(contact_id)}:{contact_id}{len(visit)}:{visit}{len(step)}:{step}"
    )
    return f"act_{hashlib.sha256(text.encode()).hexdigest()[:32]}"
