"""Shapes of answers about contacts. Money in minor units of the account's currency; ages in days."""

from datetime import date, datetime
from enum import StrEnum

from pydantic import Field

from schemas.records import Cause, Segment
from sinks.monitor.api.answers import AboutAccount, Answer


class Scores(Answer):
    """R, F and V (m) from 1 to 5; 0 without purchases."""

    r: int
    f: int
    m: int


class ContactRow(Scores):
    """One line of a list."""

    contact_id: str
    name: str | None
    email: str | None
    phone: str | None
    origin: str | None
    segment: Segment
    last_purchase_date: date | None
    days_since: int | None
    orders: int
    average_ticket_minor: int | None
    revenue_minor: int
    next_segment: Segment | None
    next_segment_date: date | None


class ContactsAnswer(AboutAccount):
    """A page. `next_cursor` is null on the last one; `total` is counted for the first page only."""

    items: list[ContactRow]
    next_cursor: str | None
    total: int | None


class ItemAnswer(Answer):
    """One line of an order."""

    sku: str
    name: str | None
    category: str | None
    quantity: float
    total_minor: int


class OrderAnswer(Answer):
    """One order as it stands; `counted` says whether it is a purchase, `net_minor` what it counts for."""

    order_id: str
    number: str | None
    channel: str | None
    status: str
    placed_at: datetime | None
    day: date | None
    total_minor: int
    refunded_minor: int
    net_minor: int
    counted: bool
    items: list[ItemAnswer]


class ChangeAnswer(Answer):
    """One segment change and why. `why` is in the account's language."""

    seq: int
    from_segment: Segment
    to_segment: Segment
    cause: Cause
    why: str
    order_id: str | None
    effective_date: date | None
    occurred_at: datetime | None
    historical: bool
    before: Scores
    after: Scores
    model_version: int


class FavouriteAnswer(Answer):
    """A product or category by what was spent on it; `orders` is null for categories."""

    name: str
    quantity: float
    total_minor: int
    orders: int | None


class SentimentAnswer(Answer):
    """`no_data` without interactions; else the mean from -1 to 1, newer ones counting more."""

    sentiment: str = Field(examples=["positive"])
    mean: float | None
    interactions: int


class TakesAnswer(Answer):
    """So many purchases today, together of at least so much, make this contact a Champion; 0: any amount."""

    purchases: int
    amount_minor: int


class ConsentAnswer(Answer):
    """Consent for a channel, as the contact's own records say."""

    channel: str
    granted: bool
    at: datetime | None


class ContactAnswer(AboutAccount):
    """The contact card. `champion_with` is null for Champions, and where no purchase does it."""

    contact: ContactRow
    document: str | None
    tags: list[str]
    consent: list[ConsentAnswer]
    first_purchase_date: date | None
    recency_falls_on: date | None
    model_version: int
    scored_on: date | None
    is_champion: bool
    champion_with: TakesAnswer | None
    last_change: ChangeAnswer | None
    products: list[FavouriteAnswer]
    categories: list[FavouriteAnswer]
    order_history: list[OrderAnswer]
    sentiment: SentimentAnswer


class Scorer(StrEnum):
    """Who says how an interaction feels: its own event, our lexicon, a model; or nobody yet."""

    EVENT = "event"
    LEXICON = "lexicon"
    MODEL = "model"
    NOBODY = "nobody"


class TalkAnswer(Answer):
    """One interaction. `sentiment` -1, 0, 1 or null; `scored_by` names lexicon or model with its version."""

    interaction_id: str
    occurred_at: datetime | None
    channel: str | None
    kind: str | None
    stars: int | None
    csat: int | None
    nps: int | None
    text: str | None
    sentiment: int | None
    scorer: Scorer
    scored_by: str | None


class ConversationAnswer(AboutAccount):
    """The last hundred interactions of a contact, the latest first."""

    contact_id: str
    interactions: list[TalkAnswer]


class HistoryAnswer(AboutAccount):
    """Segment changes of a contact, the latest first."""

    contact_id: str
    changes: list[ChangeAnswer]
