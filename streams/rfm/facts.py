"""What is true of a contact, in one canonical form: what the fold and the slow way are compared by.

Only current facts: how a contact came to stand where it stands is the business of its changes.
"""

from typing import TYPE_CHECKING, NamedTuple

from streams.rfm.interactions import Sentiment, sentiment
from streams.rfm.people import Card, labelled
from streams.rfm.segments import Segment

if TYPE_CHECKING:
    from streams.rfm.contact import Contact
    from streams.rfm.fold import PartitionState

ContactId = tuple[str, str]
"""(account_id, contact_id)."""


class OrderFacts(NamedTuple):
    """The winning snapshot of one order; `day` in the account's zone, `net_minor` 0 unless counted."""

    order_id: str
    version: int
    updated_at_ms: int
    event_id: str
    day: int
    net_minor: int
    counted: bool


class DayFacts(NamedTuple):
    """Purchases of one contact on one day; `prev_day` is the day of the purchase before."""

    day: int
    orders: int
    revenue_minor: int
    prev_day: int | None


class TalkFacts(NamedTuple):
    """The winning version of one interaction; `day` in the account's zone."""

    interaction_id: str
    version: int
    updated_at_ms: int
    event_id: str
    day: int
    sentiment: int | None


class ContactFacts(NamedTuple):
    """One contact as of the account's day. Ledger by order id, days ascending; scores 0 without purchases.

    `talks`: the interactions still remembered, by id; `interactions` counts all there ever were.
    `sentiment_sum / sentiment_weight` is the mean sentiment, exactly.
    """

    ledger: tuple[OrderFacts, ...]
    days: tuple[DayFacts, ...]
    talks: tuple[TalkFacts, ...]
    orders: int
    revenue_minor: int
    interactions: int
    sentiment_sum: int
    sentiment_weight: int
    sentiment: Sentiment | None
    card: Card | None
    added_tags: list[str] | None
    first_order_day: int | None
    last_order_day: int | None
    r: int
    f: int
    m: int
    segment: Segment
    model_version: int
    boundary_day: int | None
    next_segment: Segment | None
    next_segment_day: int | None


def facts_of(state: "PartitionState") -> dict[ContactId, ContactFacts]:
    """The facts a fold has come to, contact by contact."""
    return {
        (account_id, contact_id): _facts(contact)
        for account_id, account in state.accounts.items()
        for contact_id, contact in account.everyone().items()
        if not contact.removed
    }


def _facts(contact: "Contact") -> ContactFacts:
    rows = zip(
        contact.days, contact.day_orders, contact.day_revenue, [None, *contact.days[:-1]], strict=False
    )
    return ContactFacts(
        ledger=tuple(OrderFacts(order_id, *entry) for order_id, entry in sorted(contact.ledger.items())),
        days=tuple(DayFacts(*row) for row in rows),
        talks=tuple(TalkFacts(talk_id, *talk) for talk_id, talk in sorted(contact.talks.items())),
        orders=contact.orders,
        revenue_minor=contact.revenue_minor,
        interactions=contact.interactions,
        sentiment_sum=contact.sentiment_sum,
        sentiment_weight=contact.sentiment_weight,
        sentiment=sentiment(contact.sentiment_sum, contact.sentiment_weight),
        card=labelled(contact.card, contact.added_tags),
        added_tags=list(contact.added_tags) or None,
        first_order_day=contact.days[0] if contact.days else None,
        last_order_day=contact.days[-1] if contact.days else None,
        r=contact.r,
        f=contact.f,
        m=contact.m,
        segment=contact.segment,
        model_version=contact.model_version,
        boundary_day=contact.boundary_day,
        next_segment=contact.next_segment,
        next_segment_day=contact.next_segment_day,
    )
