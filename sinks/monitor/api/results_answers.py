"""Shapes of answers about what automations and sends would do, did, and delivered."""

from datetime import datetime

from pydantic import Field

from schemas.actions import ActionReason, Arm, DeliveryState, Outcome
from schemas.records import Cause, Segment
from sinks.monitor.api.answers import Answer
from sinks.monitor.api.rehearsal_answers import AutomationRehearsal
from sinks.monitor.figures.reached import Basis
from sinks.monitor.figures.results import Fate


class ProblemAnswer(Answer):
    """What is to be done at a place of the definition before it can run."""

    path: str
    advice: str


class ChannelAnswer(Answer):
    """Contacts of the audience who have not agreed to a channel; they get nothing by it."""

    channel: str
    without_consent: int


class SampleAnswer(Answer):
    """One message as one contact of the audience would get it."""

    contact_id: str
    name: str | None
    channel: str | None
    endpoint: str
    text: str | None


class ReachAnswer(Answer):
    """Who is meant now. `consent_counts` is false where the account has declared a legal basis."""

    account: str
    contacts: int
    consent_counts: bool
    channels: list[ChannelAnswer]
    sample: SampleAnswer | None


class PreviewAnswer(ReachAnswer):
    """What an automation would do. `past_contacts` of the past `past_days` days; null says `basis` why.

    `rehearsal` is null where no days were asked for, and for one that is not complete or not by itself.
    """

    automation_id: str
    version: int
    problems: list[ProblemAnswer]
    past_days: int
    past_contacts: int | None
    basis: Basis | None
    rehearsal: AutomationRehearsal | None


class FateAnswer(Answer):
    """How many decisions came to this, and of how many contacts."""

    fate: Fate
    reason: ActionReason | None
    actions: int
    contacts: int


class PartAnswer(Answer):
    """One version or one arm."""

    version: int | None = None
    arm: Arm | None = None
    fates: list[FateAnswer]


class ResultsAnswer(Answer):
    """What came of visits that began in the past `days` days; `fates` over all versions and arms."""

    account: str
    automation_id: str
    days: int
    since: datetime
    until: datetime
    fates: list[FateAnswer]
    arms: list[PartAnswer]
    versions: list[PartAnswer]


class MoveAnswer(Answer):
    """The segment change that began a visit."""

    from_segment: Segment
    to_segment: Segment
    cause: Cause


class ActionAnswer(Answer):
    """One decision: who decided what about whom, when and why."""

    action_id: str
    automation_id: str
    automation_version: int
    contact_id: str
    name: str | None
    fate: Fate
    reason: ActionReason | None
    arm: Arm
    step: str
    at: datetime
    triggered_at: datetime
    endpoint_id: str | None
    channel: str | None
    tag: str | None
    change: MoveAnswer | None


class ActionsAnswer(Answer):
    """A page of decisions, the latest first."""

    account: str
    items: list[ActionAnswer]
    next_cursor: str | None


class AttemptAnswer(Answer):
    """One attempt; `attempt` 0 is an end that no request came before."""

    round: int
    attempt: int
    state: DeliveryState
    outcome: Outcome
    status: int | None
    detail: str
    attempted_at: datetime
    took_ms: int
    next_at: datetime | None


class DeliveryAnswer(Answer):
    """How the delivery of an action stands. `tries` counts requests."""

    action_id: str
    contact_id: str
    name: str | None
    automation_id: str
    source: str
    endpoint_id: str
    test: bool
    state: DeliveryState
    outcome: Outcome
    status: int | None
    tries: int
    last_at: datetime
    next_at: datetime | None
    attempts: list[AttemptAnswer]


class DeliveriesAnswer(Answer):
    """A page of deliveries, the one tried last first."""

    account: str
    items: list[DeliveryAnswer]
    next_cursor: str | None


class ResentAnswer(Answer):
    """The action is on its way again, under the same id."""

    action_id: str
    round: int = Field(examples=[1])
