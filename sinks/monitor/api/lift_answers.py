"""Shapes of answers about what an automation achieves."""

from datetime import date, datetime

from pydantic import Field

from schemas.actions import Arm
from schemas.records import Segment
from sinks.monitor.api.answers import Answer
from sinks.monitor.figures.arms import Verdict
from sinks.monitor.figures.lift import Slice


class SideAnswer(Answer):
    """An arm. Of the `contacts`, whose window has closed, `buyers` bought in it; the window of `running`
    others is still open, and they count for nothing yet. `split_arm` is null for the holdout, and where no
    split is looked at."""

    arm: Arm
    split_arm: str | None
    contacts: int
    running: int
    buyers: int
    revenue_minor: int
    repurchase_rate: float | None
    revenue_per_contact_minor: float | None


class EffectAnswer(Answer):
    """`one` less `other`: the difference of their means, and between `low` and `high` the interval, null
    until there are enough contacts and purchases. `relative`: 0.2 is 20 % more. `more` and `less` are
    conclusive, the other verdicts are not. `missing_purchases`: equal ones, until there is an interval."""

    difference: float | None
    low: float | None
    high: float | None
    relative: float | None
    verdict: Verdict
    missing_purchases: int


class ComparisonAnswer(Answer):
    """Two arms. `level`: the probability that the interval holds the truth at all times at once, however
    often it is looked at; arms of a split share 0.05. `missing_contacts` of the smaller arm."""

    one: SideAnswer
    other: SideAnswer
    level: float
    repurchase: EffectAnswer
    revenue_minor: EffectAnswer
    missing_contacts: int


class LiftPartAnswer(Answer):
    """All entries, those by one transition, or those who reached one split."""

    slice: Slice
    from_segment: Segment | None
    to_segment: Segment | None
    split: str | None
    sides: list[SideAnswer]
    comparisons: list[ComparisonAnswer]


class LiftAnswer(Answer):
    """What both arms of an automation bought within `window_days` of their first entry since `since` (null:
    ever), with `version` or any (null)."""

    account: str
    automation_id: str
    currency: str
    window_days: int
    since: date | None
    version: int | None
    at: datetime
    floor: int = Field(description="Contacts an arm has at least before a verdict.")
    parts: list[LiftPartAnswer]
