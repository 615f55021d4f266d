"""Acts of routes, recorded with who asked from where."""

from fastapi import Request

from sinks.monitor.api.context import Asked
from sinks.monitor.audit import Action, AuditEvent


def record(request: Request, ask: Asked, action: Action, target: str, **detail: str | int) -> None:
    """One act of whoever asks; `detail` holds nothing secret or personal."""
    event = AuditEvent(
        at=ask.now,
        action=action,
        actor=ask.scope.person.email,
        account_id=ask.account_id,
        target=target,
        address=request.client.host if request.client else "unknown",
        detail=detail,
    )
    ask.parts.audit.record(event)
