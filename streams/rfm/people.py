"""Contacts as snapshots: who somebody is, where from, and which channels may be used; and tags besides."""

from collections.abc import Collection
from typing import Any, NamedTuple

Stamp = tuple[int, int, str]
"""(version, updated_at_ms, event_id): the highest wins."""


class Person(NamedTuple):
    """One contact event, validated. Tags, consent and personal fields pass through as they are.

    With `add_tags` it is no snapshot: it adds these to the contact's tags, and says nothing else.
    """

    contact_id: str
    version: int
    updated_at_ms: int
    event_id: str
    origin: str | None
    tags: list[str] | None
    consent: list[dict[str, Any]] | None
    personal: dict[str, Any] | None
    arrived_at_ms: int
    row: int = 0
    add_tags: list[str] | None = None

    @property
    def stamp(self) -> Stamp:
        """What decides whether this snapshot is in force."""
        return self.version, self.updated_at_ms, self.event_id


class Card(NamedTuple):
    """What a contact's events add up to. `origin` comes from the highest stamp that names one."""

    stamp: Stamp
    tags: list[str] | None
    consent: list[dict[str, Any]] | None
    personal: dict[str, Any] | None
    origin: str | None
    origin_stamp: Stamp | None


def merge(card: Card | None, person: Person) -> Card | None:
    """The card after one more event; None if it changes nothing."""
    stamp = person.stamp
    if card is None:
        origin_stamp = stamp if person.origin is not None else None
        return Card(stamp, person.tags, person.consent, person.personal, person.origin, origin_stamp)
    newer = stamp > card.stamp
    names_origin = person.origin is not None and (card.origin_stamp is None or stamp > card.origin_stamp)
    if newer:
        card = card._replace(stamp=stamp, tags=person.tags, consent=person.consent, personal=person.personal)
    if names_origin:
        card = card._replace(origin=person.origin, origin_stamp=stamp)
    return card if newer or names_origin else None


def joined(tags: list[str] | None, added: Collection[str]) -> list[str] | None:
    """Tags of a snapshot and those that were added, in order; the snapshot's as they are if none were."""
    return sorted({*added, *(tag for tag in tags or () if tag)}) if added else tags


def labelled(card: Card | None, added: Collection[str]) -> Card | None:
    """A card with all tags."""
    return card and card._replace(tags=joined(card.tags, added))
