"""Where webhooks go: the definition of kind `endpoint`.

The body as JSON::

    {"url": "https://hooks.example/latido", "description": "...", "status": "active",
     "disabled_reason": null,
     "secrets": [{"id": "s1", "sealed": "...", "created_at_ms": 0, "until_ms": null}],
     "limits": {"timeout_seconds": 15, "in_flight": 8, "per_second": 50}}

Secrets are sealed (`sinks.webhooks.sealing`). During a rotation two are live, the newest first; one whose
`until_ms` has passed signs no more.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

KIND = "endpoint"
LONGEST_URL = 2_000


class EndpointStatus(StrEnum):
    """`disabled` endpoints get nothing: their actions go to the dead letters at once."""

    ACTIVE = "active"
    DISABLED = "disabled"


class DisabledReason(StrEnum):
    """Who disabled it."""

    GONE = "gone"
    OPERATOR = "operator"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Secret(_Part):
    """One signing secret, encrypted."""

    id: str = Field(min_length=1, max_length=64)
    sealed: str = Field(min_length=1, max_length=512)
    created_at_ms: int
    until_ms: int | None = None


class Limits(_Part):
    """What the receiver can take."""

    timeout_seconds: float = Field(15.0, ge=1, le=30)
    in_flight: int = Field(8, ge=1, le=64)
    per_second: int = Field(50, ge=1, le=1_000)


class Endpoint(_Part):
    """The body of the definition."""

    url: str = Field(min_length=1, max_length=LONGEST_URL)
    description: str = Field("", max_length=500)
    status: EndpointStatus = EndpointStatus.ACTIVE
    disabled_reason: DisabledReason | None = None
    secrets: tuple[Secret, ...] = Field((), max_length=4)
    limits: Limits = Limits()

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        """From a definition's body; pydantic's ValidationError, a ValueError, if it is none."""
        return cls.model_validate_json(json.dumps(dict(body)))

    def body(self) -> dict[str, Any]:
        """As a definition's body."""
        return self.model_dump(mode="json")

    def disabled(self, reason: DisabledReason) -> Self:
        """The same, switched off."""
        return self.model_copy(update={"status": EndpointStatus.DISABLED, "disabled_reason": reason})

    def live_secrets(self, now_ms: int) -> list[Secret]:
        """Those that sign now, newest first."""
        live = [one for one in self.secrets if one.until_ms is None or now_ms < one.until_ms]
        return sorted(live, key=lambda one: one.created_at_ms, reverse=True)
