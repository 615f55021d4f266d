"""Shapes of manual sends: wishes, and what became of them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from schemas.automation import SendStatus
from sinks.monitor.api.answers import Answer
from sinks.monitor.api.results_answers import FateAnswer, ReachAnswer

SEND_ID = r"^[0-9a-f]{32}$"


class SendWish(BaseModel):
    """A send that nobody has confirmed: audience and steps as in automations (`schemas.automation`)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "name": "Offer",
                "audience": {"of": "champions"},
                "steps": [{"kind": "message", "endpoint": "crm", "channel": "whatsapp", "template": "Hi"}],
            }
        },
    )

    name: str = Field(max_length=120)
    audience: dict[str, Any] = Field(default_factory=dict)
    steps: list[dict[str, Any]] = Field(max_length=50)
    holdout_percent: int = Field(0, ge=0, le=50)


class Confirmation(SendWish):
    """The send that goes out. One id is one send, however often it is confirmed."""

    send_id: str = Field(pattern=SEND_ID)
    confirmed_count: int = Field(ge=1, description="The number that the preview showed.")
    typed_count: int = Field(description="The number as the person typed it.")


class SendPreviewAnswer(ReachAnswer):
    """Who would get it now; `holdout_percent` of them get nothing, to compare."""

    holdout_percent: int


class Stage(StrEnum):
    """How far a send has come."""

    STARTING = "starting"
    SENDING = "sending"
    DONE = "done"
    STOPPED = "stopped"


class SendAnswer(Answer):
    """One manual send; `fates` by what came of it."""

    account: str
    send_id: str
    version: int
    name: str
    status: SendStatus
    stage: Stage
    confirmed_count: int
    confirmed_by: str
    confirmed_at: datetime
    fates: list[FateAnswer]


class SendsAnswer(Answer):
    """Every manual send of the account, the last first."""

    account: str
    items: list[SendAnswer]
