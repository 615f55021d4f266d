"""The contacts of an account in one partition, and the index by which time finds those it moves."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from streams.rfm.account import Account
from streams.rfm.contact import Contact
from streams.rfm.interactions import REMEMBERED_DAYS

_WOKEN_AT_ONCE = 500
"""Together they cost a third of what each would cost alone; more would only make a slice longer."""


class Shelf(Protocol):
    """Restored contacts of a partition that nothing has touched yet; each is handed out once."""

    def __len__(self) -> int:
        """How many sleep."""

    def holds(self, account_id: str, contact_id: str) -> bool:
        """Whether a contact sleeps here."""

    def take(self, pairs: Iterable[tuple[str, str]]) -> list[Contact]:
        """Those of the pairs (account, contact) that sleep."""

    def take_behind(self, account_id: str, day: int, model_version: int, most: int) -> list[Contact]:
        """Up to `most` contacts with a boundary up to `day` or another model; none only if there is none."""

    def take_last_bought_on(self, account_id: str, day: int) -> list[Contact]:
        """Contacts whose last purchase was on a day."""

    def take_all(self, account_id: str) -> list[Contact]:
        """Everybody of an account."""


class AccountState:
    """One account in one partition, as of `day`. `contacts` are awake; others may sleep on the shelf."""

    def __init__(self, account: Account, day: int, shelf: Shelf | None = None) -> None:
        self.account = account
        self._shelf = shelf
        self.model_version = account.model.version
        self.day = day
        self.milestones_day = day
        self.contacts: dict[str, Contact] = {}
        self._by_last_day: dict[int, dict[Contact, None]] = {}
        self._talks_by_day: dict[int, list[tuple[Contact, str]]] = {}
        self._settled_to = day
        self._queue: list[Contact] = []
        self._held: set[Contact] = set()

    def due_ms(self) -> int:
        """The instant at which the next local day starts."""
        return self.account.calendar.start_of(self.day + 1)

    def index(self, contact: Contact, last_day: int | None) -> None:
        """Move a contact in the index of last purchase days."""
        old = contact.last_day
        if old is not None and (fellows := self._by_last_day.get(old)) is not None:
            fellows.pop(contact, None)
            if not fellows:
                del self._by_last_day[old]
        if last_day is not None:
            self._by_last_day.setdefault(last_day, {})[contact] = None
        contact.last_day = last_day

    def bought_last_on(self, day: int) -> Iterator[Contact]:
        """Contacts whose last purchase was on a day, in a settled order."""
        if self._shelf:
            self._adopt_all(self._shelf.take_last_bought_on(self.account.id, day))
        return iter(tuple(self._by_last_day.get(day, ())))

    def woken(self, contact_id: str) -> Contact | None:
        """A contact that sleeps, made an object of; None if none of that id does."""
        if not self._shelf:
            return None
        self._adopt_all(self._shelf.take([(self.account.id, contact_id)]))
        return self.contacts.get(contact_id)

    def knows(self, contact_id: str) -> bool:
        """Whether there is such a contact, awake or not."""
        if contact_id in self.contacts:
            return True
        return self._shelf is not None and self._shelf.holds(self.account.id, contact_id)

    def everyone(self) -> dict[str, Contact]:
        """All contacts; none sleeps afterwards."""
        if self._shelf:
            self._adopt_all(self._shelf.take_all(self.account.id))
        return self.contacts

    def adopt(self, contact: Contact) -> None:
        """Take a restored contact into the indexes; one that time or a model left behind waits.

        What is too old to be amended is forgotten.
        """
        self.contacts[contact.id] = contact
        contact.last_day = None
        self.index(contact, contact.days[-1] if contact.days else None)
        for interaction_id, talk in tuple(contact.talks.items()):
            if self.remembers(talk.day):
                self.remember(contact, interaction_id, talk.day)
            else:
                contact.forget(interaction_id)
        if self.is_behind(contact):
            self._queue.append(contact)

    def _adopt_all(self, contacts: Iterable[Contact]) -> None:
        for contact in contacts:
            self.adopt(contact)

    def is_behind(self, contact: Contact) -> bool:
        """Whether a midnight or a model has yet to be applied to a contact."""
        boundary = contact.boundary_day
        return (boundary is not None and boundary <= self.day) or contact.model_version != self.model_version

    def recalibrate(self, account: Account) -> None:
        """Take the account with another model; every contact waits for it."""
        self.account = account
        self.model_version = account.model.version
        self._queue = list(self.contacts.values())
        self._held.clear()

    def hold(self, contact: Contact) -> None:
        """Let nobody wait for a contact that cannot be brought up.

        It stays behind, and is tried again by an event of its own, at its next boundary, with the next
        model, and after a restart.
        """
        self._held.add(contact)

    def waiting(self) -> Iterator[Contact]:
        """Contacts that are behind, while the caller settles or holds each one it takes."""
        while True:
            while self._queue:
                if self.is_behind(self._queue[-1]) and self._queue[-1] not in self._held:
                    yield self._queue[-1]
                else:
                    self._queue.pop()
            if self._wake_behind():
                continue
            if self._settled_to >= self.day:
                return
            self._settled_to += 1
            self._held.clear()
            for cut in self.account.model.recency_cuts:
                self._queue.extend(self._by_last_day.get(self._settled_to - cut - 1, ()))

    def _wake_behind(self) -> bool:
        if not self._shelf:
            return False
        found = self._shelf.take_behind(self.account.id, self.day, self.model_version, _WOKEN_AT_ONCE)
        self._adopt_all(found)
        return bool(found)

    def is_settled(self) -> bool:
        """Whether every contact stands at the account's day and model."""
        return next(self.waiting(), None) is None

    def remembers(self, day: int) -> bool:
        """Whether an interaction of that day may still be applied."""
        return day >= self.day - REMEMBERED_DAYS

    def remember(self, contact: Contact, interaction_id: str, day: int) -> None:
        """Note when an interaction's id may be forgotten."""
        self._talks_by_day.setdefault(day, []).append((contact, interaction_id))

    def forget(self) -> None:
        """Drop the ids of interactions that are too old to be amended."""
        for day in [day for day in self._talks_by_day if not self.remembers(day)]:
            for contact, interaction_id in self._talks_by_day.pop(day):
                talk = contact.talks.get(interaction_id)
                if talk is not None and not self.remembers(talk.day):
                    contact.forget(interaction_id)
