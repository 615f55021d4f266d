"""Shapes of answers about the base and its sales. Money in minor units, days as ISO dates, shares as 0..1."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from schemas.records import Segment
from sinks.monitor.figures.groups import Group
from sinks.monitor.figures.whose import Feeling


class Answer(BaseModel):
    """Base of all answers: built from objects with such attributes."""

    model_config = ConfigDict(from_attributes=True)


class AboutAccount(Answer):
    """Whose figures these are, and of which moment. `version` changes when any figure may have.

    `stale`: they could not be read anew and are those of `at`.
    """

    account: str
    currency: str
    as_of: date
    at: datetime
    version: str
    stale: bool = False


class Figures(Answer):
    """Contacts and their purchases. `share` is of all contacts with purchases."""

    contacts: int
    share: float | None
    orders: int
    revenue_minor: int
    revenue_share: float | None
    average_ticket_minor: int | None


class CardFigures(Figures):
    """One of the three cards: the sum of its segments."""

    group: Group
    segments: list[Segment]


class SegmentFigures(Figures):
    """One row of the table."""

    segment: Segment


class OfSome(AboutAccount):
    """Of an origin and a sentiment, as the request wrote them; null: of any."""

    origin: str | None = None
    sentiment: Feeling | None = None


class OriginFigures(Answer):
    """Contacts of one origin; null: unknown. `written` is what `origin=` takes."""

    origin: str | None
    written: str
    contacts: int


class MonitorAnswer(OfSome):
    """Cards, then the table in its fixed order, Sin compras last. Every card is the sum of its rows.

    `origins` count contacts of the asked sentiment, `sentiments` those of the asked origin.
    """

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "example": {
                "account": "demo",
                "currency": "USD",
                "as_of": "2026-11-22",
                "at": "2026-11-22T13:42:00Z",
                "version": "69659",
                "origin": None,
                "sentiment": None,
                "contacts": 120,
                "buyers": 100,
                "orders": 260,
                "revenue_minor": 1300000,
                "cards": [
                    {
                        "group": "best_customers",
                        "segments": ["champions", "loyal"],
                        "contacts": 12,
                        "share": 0.12,
                        "orders": 80,
                        "revenue_minor": 650000,
                        "revenue_share": 0.5,
                        "average_ticket_minor": 8125,
                    }
                ],
                "segments": [
                    {
                        "segment": "champions",
                        "contacts": 4,
                        "share": 0.04,
                        "orders": 50,
                        "revenue_minor": 450000,
                        "revenue_share": 0.346,
                        "average_ticket_minor": 9000,
                    }
                ],
                "origins": [{"origin": "shop", "written": "shop", "contacts": 120}],
                "other_origins_contacts": 0,
                "sentiments": {"positive": 20, "neutral": 30, "negative": 10, "no_data": 60},
            }
        },
    )

    contacts: int
    buyers: int
    orders: int
    revenue_minor: int
    cards: list[CardFigures]
    segments: list[SegmentFigures]
    origins: list[OriginFigures]
    other_origins_contacts: int
    sentiments: dict[Feeling, int]


class PeriodAnswer(Answer):
    """Days `from` to `to`, both included; `partial` while the last one runs."""

    model_config = ConfigDict(populate_by_name=True)

    name: str = Field(examples=["last_30_days"])
    first: date = Field(alias="from", examples=["2026-10-23"])
    last: date = Field(alias="to", examples=["2026-11-21"])
    days: int
    partial: bool


class SalesFigures(Answer):
    """Sales of a period; null is a mean over nobody. Recency in days, over buyers of the period and all."""

    recency_days: float | None
    recency_days_all: float | None
    orders: int
    average_ticket_minor: int | None
    revenue_minor: int
    buyers: int


class SalesChange(Answer):
    """Growth against the days before, as a share; null over zero or nothing."""

    recency_days: float | None
    recency_days_all: float | None
    orders: float | None
    average_ticket_minor: float | None
    revenue_minor: float | None
    buyers: float | None


class DayFigures(Answer):
    """One day."""

    day: date
    orders: int
    revenue_minor: int


class SalesAnswer(OfSome):
    """A period beside as many days immediately before, and its days one by one."""

    period: PeriodAnswer
    previous: PeriodAnswer
    sales: SalesFigures
    sales_before: SalesFigures
    change: SalesChange
    by_day: list[DayFigures]
