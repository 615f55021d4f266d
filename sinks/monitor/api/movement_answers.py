"""Shapes of answers about movement: what was, what changed, what will."""

from datetime import date

from pydantic import Field

from schemas.records import Segment
from sinks.monitor.api.answers import AboutAccount, Answer, OfSome
from sinks.monitor.api.contact_answers import ContactRow


class Transition(Answer):
    """Contacts that were in `from` (a segment, or `new`) and are in `to` (a segment, or `erased`)."""

    source: str = Field(alias="from", examples=["champions"])
    target: str = Field(alias="to", examples=["need_attention"])
    contacts: int


class SegmentMove(Answer):
    """A segment at both ends."""

    segment: Segment
    contacts_from: int
    contacts_to: int


class TransitionsAnswer(OfSome):
    """Between the ends of two days. Summed by `from` it is the base then, by `to` the base afterwards."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    as_known: bool
    new: int
    erased: int
    moves: list[Transition]
    segments: list[SegmentMove]


class TrendSeries(Answer):
    """Contacts of a segment, one number a day."""

    segment: Segment
    contacts: list[int]


class TrendAnswer(OfSome):
    """Contacts with purchases by segment at the end of each day, restated from the ledger."""

    days: list[date]
    series: list[TrendSeries]


class ForecastMove(Answer):
    """Contacts that change on a day if they stay silent, and what they have spent."""

    day: date
    source: Segment = Field(alias="from")
    target: Segment = Field(alias="to")
    contacts: int
    revenue_minor: int


class ForecastAnswer(OfSome):
    """The days after today."""

    until: date
    contacts: int
    moves: list[ForecastMove]


class ForecastContactsAnswer(AboutAccount):
    """Who they are, the soonest first; `next_cursor` is null on the last page."""

    until: date
    items: list[ContactRow]
    next_cursor: str | None
