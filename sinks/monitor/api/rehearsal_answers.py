"""Shapes of answers about what automations would have done. Revenue in minor units, as of now.

Margins: the figure is within so much of the true one, 95 times in 100; 0 where everybody was counted.
"""

from datetime import datetime

from pydantic import Field

from schemas.actions import ActionKind, ActionReason
from sinks.monitor.api.answers import Answer


class EstimateAnswer(Answer):
    """A number, and how far the true one may be from it."""

    number: int
    margin: int


class FiredAnswer(Answer):
    """Visits, contacts, their revenue, and messages that would have been sent."""

    entered: EstimateAnswer
    contacts: EstimateAnswer
    revenue_minor: EstimateAnswer
    messages: EstimateAnswer


class DecisionsAnswer(Answer):
    """How often this was decided."""

    kind: ActionKind
    reason: ActionReason | None
    decisions: EstimateAnswer


class RehearsalAnswer(Answer):
    """Of which span, and of how many contacts: one in `one_of`, 1 being all of them.

    Orders and interactions of the span come again at the instants at which they took place, each as it stands
    today; midnights and silences by the account's calendar. Automations are taken as active from `since` on,
    with re-entry, consent, quiet hours, caps, waits and holdout. Origin, tags and consent are those of today,
    every message counts as delivered, and manual sends are left out.
    """

    days: int
    since: datetime
    one_of: int = Field(examples=[1])
    contacts_replayed: int


class AutomationRehearsal(RehearsalAnswer):
    """What one automation would have done beside those that are active."""

    fired: FiredAnswer
    decisions: list[DecisionsAnswer]


class FiredBoth(Answer):
    """One active automation under the model in force and under the candidate."""

    automation_id: str
    name: str
    now: FiredAnswer
    then: FiredAnswer


class ModelRehearsal(RehearsalAnswer):
    """What the account's active automations would have done under both models, had each been in force.

    `automations_now`, `automations_then`: how many automations somebody would have entered.
    """

    automations_active: int
    automations_now: int
    automations_then: int
    now: FiredAnswer
    then: FiredAnswer
    automations: list[FiredBoth]
