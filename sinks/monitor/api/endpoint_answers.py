"""Shapes of endpoints: what is asked of one, and how it does."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from schemas.actions import DeliveryState
from schemas.endpoint import LONGEST_URL, DisabledReason, EndpointStatus
from sinks.monitor.api.answers import Answer

ID = r"^[a-z0-9][a-z0-9_-]{0,62}$"


class NewEndpoint(BaseModel):
    """What is asked of a new one."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    id: str = Field(pattern=ID)
    url: str = Field(min_length=1, max_length=LONGEST_URL)
    description: str = Field("", max_length=500)


class HealthAnswer(Answer):
    """The past 7 days. `paused`: so many failures in a row that the dispatcher tries it seldom."""

    attempts: int
    delivered: int
    waiting: int
    failures: int
    last_at: datetime
    last_state: DeliveryState
    paused: bool


class EndpointAnswer(Answer):
    """One endpoint, without its secrets; `old_secret_until` while a rotation lasts."""

    id: str
    url: str
    description: str
    status: EndpointStatus
    disabled_reason: DisabledReason | None
    secret_since: datetime | None
    old_secret_until: datetime | None
    health: HealthAnswer | None


class EndpointsAnswer(Answer):
    """Every endpoint of the account, by id."""

    account: str
    items: list[EndpointAnswer]


class SecretAnswer(Answer):
    """The signing secret, this once."""

    id: str
    secret: str


class TestAnswer(Answer):
    """Under which id the delivery log shows the test event."""

    id: str
    action_id: str


class Switch(BaseModel):
    """On or off."""

    model_config = ConfigDict(extra="forbid")

    on: bool
