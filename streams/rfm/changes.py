"""What the fold says happened."""

from enum import StrEnum
from typing import NamedTuple

from streams.rfm.segments import Cause, Segment


class Origin(NamedTuple):
    """Why a contact is being rescored. `at_ms`: arrival of the record, or the due instant of the day."""

    cause: Cause
    at_ms: int
    effective_day: int
    historical: bool = False
    event_id: str | None = None
    order_id: str | None = None


class Change(NamedTuple):
    """One segment change; the fields of SegmentChange in its order, save that days are numbers."""

    event_id: str
    account_id: str
    contact_id: str
    seq: int
    from_segment: Segment
    to_segment: Segment
    cause: Cause
    why: str
    cause_event_id: str | None
    cause_order_id: str | None
    effective_day: int
    occurred_at: int
    historical: bool
    r_before: int
    f_before: int
    m_before: int
    r: int
    f: int
    m: int
    model_version: int
    orders: int
    revenue_minor: int
    average_ticket_minor: int | None
    currency: str
    first_order_day: int | None
    last_order_day: int | None
    interactions: int
    origin: str | None
    next_segment: Segment | None
    next_segment_day: int | None


class Milestone(NamedTuple):
    """So many days since the last purchase; the fields of Milestone in its order, days as numbers."""

    event_id: str
    account_id: str
    contact_id: str
    days: int
    last_order_day: int
    effective_day: int
    occurred_at: int
    missed: bool
    segment: Segment
    r: int
    f: int
    m: int
    orders: int
    revenue_minor: int
    currency: str


class StepKind(StrEnum):
    """What happened to an account that the input log alone does not tell."""

    OPENED = "opened"
    DAY = "day"
    MODEL = "model"
    MILESTONES = "milestones"
    REMOVED = "removed"


class Step(NamedTuple):
    """One such event: the calendar opened or moved, a model was adopted, milestones of `day` were
    announced, a contact was removed."""

    account_id: str
    kind: StepKind
    time_zone: str
    day: int
    model_version: int
    contact_id: str | None = None
