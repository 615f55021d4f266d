"""The contacts of an account in one partition, and the index by which time finds those it moves."""

from collections.abc import Iterator

from streams.rfm.account import Account
from streams.rfm.contact import Contact
from streams.rfm.interactions import REMEMBERED_DAYS


class AccountState:
    """One account in one partition, as of `day`."""

    def __init__(self, account: Account, day: int) -> None:
        self.account = account
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
        return iter(tuple(self._by_last_day.get(day, ())))

    def adopt(self, contact: Contact) -> None:
        """Take a restored contact into the indexes; one that time or a model left behind waits."""
        self.contacts[contact.id] = contact
        contact.last_day = None
        self.index(contact, contact.days[-1] if contact.days else None)
        for interaction_id, talk in contact.talks.items():
            self.remember(contact, interaction_id, talk.day)
        if self.is_behind(contact):
            self._queue.append(contact)

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
            if self._settled_to >= self.day:
                return
            self._settled_to += 1
            self._held.clear()
            for cut in self.account.model.recency_cuts:
                self._queue.extend(self._by_last_day.get(self._settled_to - cut - 1, ()))

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
