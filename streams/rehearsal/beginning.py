"""Contacts as they stood when a rehearsal begins, and as automations see them."""

from collections.abc import Iterable, Mapping, Sequence

from schemas.rehearsal import PastContact, PastTalk
from streams.automations.facts import Facts, Personal
from streams.rfm.booking import recount
from streams.rfm.contact import Contact
from streams.rfm.interactions import Talk, sentiment
from streams.rfm.people import Card
from streams.rfm.standing import stand
from streams.rfm.state import AccountState

_STAMP = (0, 0, "")


def place(state: AccountState, told: PastContact, talks: Iterable[PastTalk]) -> Contact:
    """Put a contact into an account as it stood on the account's day; `talks` took place until then."""
    contact = Contact(state.account.id, told.contact_id, state.account.model.version, state.day)
    contact.removed = False
    contact.card = _card(told)
    contact.days = sorted({day for day in (told.first_day, told.last_day) if day is not None})
    # Only the first and the last day and the totals count from here on: rows of days are nobody's concern.
    contact.day_orders, contact.day_revenue = [0] * len(contact.days), [0] * len(contact.days)
    contact.orders, contact.revenue_minor = told.orders, told.revenue_minor
    for one in talks:
        recount(contact, None, Talk(*_STAMP, one.day, one.sentiment))
    standing = stand(state.account.model, contact, state.day)
    contact.r, contact.f, contact.m = standing.r, standing.f, standing.m
    contact.segment, contact.boundary_day = standing.segment, standing.boundary_day
    contact.next_segment, contact.next_segment_day = standing.next_segment, standing.next_segment_day
    state.adopt(contact)
    return contact


def facts_of(contact: Contact, personal: Personal) -> Facts:
    """What the profile of a contact says; the same that the stream's topics would tell."""
    card = contact.card
    return Facts(
        contact.segment.value,
        contact.r,
        contact.f,
        contact.m,
        contact.orders,
        contact.revenue_minor,
        contact.days[0] if contact.days else None,
        contact.days[-1] if contact.days else None,
        contact.interactions,
        _mood(contact),
        contact.origin,
        tuple(card.tags or ()) if card else (),
        _granted(card),
        contact.next_segment.value if contact.next_segment else None,
        contact.next_segment_day,
        contact.changes,
        contact.sequence,
        personal,
    )


def personal_of(told: PastContact) -> Personal:
    """Personal fields."""
    return Personal(told.name, told.email, told.phone, told.document)


def talks_before(talks: Sequence[PastTalk], since_ms: int) -> Mapping[str, list[PastTalk]]:
    """Interactions of the time before, by contact."""
    found: dict[str, list[PastTalk]] = {}
    for talk in talks:
        if talk.at_ms < since_ms:
            found.setdefault(talk.contact_id, []).append(talk)
    return found


def _card(told: PastContact) -> Card:
    consent = [{"channel": channel, "granted": True} for channel in told.consent]
    named = _STAMP if told.origin is not None else None
    return Card(_STAMP, list(told.tags), consent, None, told.origin, named)


def _granted(card: Card | None) -> tuple[str, ...]:
    return tuple(one["channel"] for one in (card.consent if card else None) or () if one["granted"])


def _mood(contact: Contact) -> str | None:
    found = sentiment(contact.sentiment_sum, contact.sentiment_weight)
    return found.value if found else None
