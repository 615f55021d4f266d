"""Booking: what the old and the new version of an order or interaction do to a contact's totals."""

from collections.abc import Iterable

from streams.rfm.contact import Contact
from streams.rfm.interactions import Talk, weight
from streams.rfm.orders import Entry, Order, is_purchase


def entry_of(order: Order, day: int) -> Entry:
    """The ledger entry of a snapshot that was placed on `day`."""
    counted = is_purchase(order.placed, order.total_minor, order.refunded_minor)
    net = order.total_minor - order.refunded_minor if counted else 0
    return Entry(order.version, order.updated_at_ms, order.event_id, day, net, counted)


def rebook(contact: Contact, prior: Entry | None, entry: Entry) -> Iterable[int]:
    """Replace what an order counted for; the days whose row changed."""
    if prior is None or not prior.counted:
        return contact.add(entry.day, 1, entry.net_minor) if entry.counted else ()
    if entry.counted and entry.day == prior.day:
        return contact.add(entry.day, 0, entry.net_minor - prior.net_minor)
    touched = contact.add(prior.day, -1, -prior.net_minor)
    return touched + contact.add(entry.day, 1, entry.net_minor) if entry.counted else touched


def recount(contact: Contact, prior: Talk | None, talk: Talk | None) -> None:
    """Replace what an interaction counted for."""
    contact.interactions += (talk is not None) - (prior is not None)
    for version, sign in ((prior, -1), (talk, 1)):
        if version is not None and version.sentiment is not None:
            contact.sentiment_sum += sign * version.sentiment * weight(version.day)
            contact.sentiment_weight += sign * weight(version.day)


def undo(contact: Contact, prior: Entry | None, order_id: str) -> None:
    """Put a ledger back as it was before an order that could not be folded."""
    if prior is None:
        contact.ledger.pop(order_id, None)
    else:
        contact.ledger[order_id] = prior
    contact.rebuild()
