"""The fold: events and time in, the state of every contact of one partition and its changes out.

Order of events between topics does not matter to current facts, nor does repetition: a snapshot
wins by (version, updated_at, event_id), and everything else follows from the ledger, the account's
day and its model. A contact is brought up to the account's day and model before anything else
touches it, so a midnight may be applied to one contact now and to another a thousand orders later.
"""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice

from streams.rfm.account import Account
from streams.rfm.booking import entry_of, rebook, recount, undo
from streams.rfm.changes import Origin, StepKind
from streams.rfm.contact import Contact
from streams.rfm.effects import Effects, Unsettled
from streams.rfm.interactions import Interaction, Talk
from streams.rfm.orders import Entry, Order
from streams.rfm.people import Person, merge
from streams.rfm.segments import Cause, Segment
from streams.rfm.standing import stand
from streams.rfm.state import AccountState, Shelf
from streams.rfm.telling import (
    by_decay,
    by_interaction,
    by_order,
    change_of,
    is_late,
    is_old,
    milestone_of,
    step_of,
)


class PartitionState:
    """All accounts of one partition. `sequence` counts effects and never goes back."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        self.accounts: dict[str, AccountState] = {}
        self.sequence = 0
        self._shelf = shelf

    def wake(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Make objects of those of the pairs (account, contact) that sleep; at once it costs least."""
        if self._shelf:
            for contact in self._shelf.take(pairs):
                self.accounts[contact.account_id].adopt(contact)

    def open(self, account: Account, day: int, effects: Effects) -> AccountState:
        """The account's state; on its first event here its calendar opens on `day`."""
        state = self.accounts.get(account.id)
        if state is None:
            state = self.accounts[account.id] = AccountState(account, day)
            effects.steps.append(step_of(StepKind.OPENED, state))
        return state

    def apply_order(self, state: AccountState, order: Order, effects: Effects) -> None:
        """Fold one order. If it raises, the contact is as before and its row is in `effects.failed`."""
        contact = state.contacts.get(order.contact_id) or state.woken(order.contact_id)
        if contact is None:
            contact = _new_contact(state, order.contact_id)
            prior = None
        else:
            prior = contact.ledger.get(order.order_id)
            if prior is not None and (order.version, order.updated_at_ms, order.event_id) <= prior[:3]:
                effects.superseded += 1
                return
            if state.is_behind(contact):
                self._settle(state, contact, effects)
        try:
            effects.news = not is_old(state, order)
            self._take_order(state, contact, prior, order, effects)
        except Exception as error:  # noqa: BLE001 - whatever it is, this record alone is to blame
            undo(contact, prior, order.order_id)
            effects.failed.append((order.row, repr(error)))
        else:
            state.contacts[contact.id] = contact
            effects.orders[contact, order.order_id] = order

    def apply_interaction(self, state: AccountState, interaction: Interaction, effects: Effects) -> None:
        """Fold one interaction; too late ones are counted and left out."""
        day = state.account.calendar.day_of(interaction.occurred_at_ms)
        if not state.remembers(day):
            effects.too_late += 1
            return
        contact = self._settled(state, interaction.contact_id, effects)
        prior = contact.talks.get(interaction.interaction_id)
        stamp = (interaction.version, interaction.updated_at_ms, interaction.event_id)
        if interaction.is_score if prior is None else stamp <= prior[:3]:
            effects.superseded += 1
            return
        talk = Talk(*stamp, day, interaction.sentiment)
        recount(contact, prior, talk)
        origin = partial(by_interaction, state, interaction)
        effects.news = not is_old(state, interaction)
        try:
            self._rescore(state, contact, interaction.arrived_at_ms, state.day, origin, effects)
        except Exception as error:  # noqa: BLE001 - whatever it is, this record alone is to blame
            recount(contact, talk, prior)
            effects.failed.append((interaction.row, repr(error)))
        else:
            state.contacts[contact.id] = contact
            contact.remember(interaction.interaction_id, talk)
            state.remember(contact, interaction.interaction_id, day)
            effects.talks[contact, interaction.interaction_id] = interaction

    def apply_person(self, state: AccountState, person: Person, effects: Effects) -> None:
        """Take what a contact event says; it moves no score."""
        contact = self._settled(state, person.contact_id, effects)
        if person.add_tags is not None:
            self._add_tags(state, contact, person, effects)
            return
        card = merge(contact.card, person)
        if card is None:
            effects.superseded += 1
            return
        state.contacts[contact.id] = contact
        contact.card = card
        effects.news = person.arrived_at_ms - person.updated_at_ms <= state.account.horizon_ms
        self._touch(contact, person.arrived_at_ms, effects)

    def _add_tags(self, state: AccountState, contact: Contact, person: Person, effects: Effects) -> None:
        """Tags alone make nobody known: who is not, or was removed, keeps them for when it is."""
        added = tuple(sorted({*contact.added_tags, *(person.add_tags or ())}))
        if added == contact.added_tags:
            effects.superseded += 1
            return
        is_unknown = contact.removed or contact.id not in state.contacts
        state.contacts[contact.id] = contact
        contact.added_tags = added
        effects.news = person.arrived_at_ms - person.updated_at_ms <= state.account.horizon_ms
        self._touch(contact, person.arrived_at_ms, effects)
        contact.removed = is_unknown

    def remove(self, state: AccountState, contact_id: str, at_ms: int, effects: Effects) -> None:
        """Take a contact out of every total; what stays is its id and the number of its changes."""
        contact = state.contacts.get(contact_id) or state.woken(contact_id)
        if contact is None or (contact.removed and not contact.added_tags):
            effects.superseded += 1
            return
        if state.is_behind(contact):
            self._settle(state, contact, effects)
        for day in contact.days:
            effects.days[contact, day] = None
        for order_id in contact.ledger:
            effects.orders.pop((contact, order_id), None)
            effects.lost_orders[contact, order_id] = None
        for interaction_id in (*contact.talks, *contact.forgotten):
            effects.talks.pop((contact, interaction_id), None)
            effects.lost_talks[contact, interaction_id] = None
        segment, before = contact.segment, (contact.r, contact.f, contact.m)
        contact.clear()
        if segment is not Segment.NO_PURCHASES:
            contact.segment, (contact.r, contact.f, contact.m) = segment, before
        effects.news = False
        origin = partial(Origin, Cause.ERASURE, at_ms, state.day)
        self._rescore(state, contact, at_ms, state.day, origin, effects)
        contact.removed = True
        effects.steps.append(step_of(StepKind.REMOVED, state, contact_id))

    def advance(self, state: AccountState, day: int, effects: Effects) -> None:
        """Move the account's calendar to a later day; contacts follow in `settle`, or when touched."""
        if day > state.day:
            state.day = day
            state.forget()
            effects.steps.append(step_of(StepKind.DAY, state))

    def adopt_model(self, state: AccountState, account: Account, effects: Effects) -> None:
        """Take the account's new scoring model; contacts follow in `settle`, or when touched."""
        state.recalibrate(account)
        effects.steps.append(step_of(StepKind.MODEL, state))

    def settle(self, state: AccountState, most: int, effects: Effects) -> int:
        """Bring up to `most` contacts to the account's day and model; returns how many were tried.

        One that cannot be is held, so that it does not stop the others.
        """
        done = 0
        for contact in islice(state.waiting(), most):
            try:
                self._settle(state, contact, effects)
            except Unsettled as failure:
                state.hold(contact)
                effects.held.append((contact, repr(failure.__cause__)))
            done += 1
        return done

    def announce(
        self, state: AccountState, day: int, asked: Iterable[int], due_ms: int, now_ms: int, effects: Effects
    ) -> None:
        """Announce the milestones of one day: contacts who bought last `n` days before it, n of `asked`."""
        missed = now_ms - due_ms > state.account.horizon_ms
        for days in sorted(asked):
            for contact in state.bought_last_on(day - days):
                effects.milestones.append(milestone_of(state, contact, days, day, due_ms, missed))
        state.milestones_day = day
        effects.steps.append(step_of(StepKind.MILESTONES, state)._replace(day=day))

    def _take_order(
        self, state: AccountState, contact: Contact, prior: Entry | None, order: Order, effects: Effects
    ) -> None:
        entry = entry_of(order, state.account.calendar.day_of(order.placed_at_ms))
        contact.ledger[order.order_id] = entry
        touched = rebook(contact, prior, entry)
        origin = partial(by_order, state, prior, order)
        self._rescore(state, contact, order.arrived_at_ms, state.day, origin, effects)
        for touched_day in touched:
            effects.days[contact, touched_day] = None

    def _settled(self, state: AccountState, contact_id: str, effects: Effects) -> Contact:
        contact = state.contacts.get(contact_id) or state.woken(contact_id)
        if contact is None:
            return _new_contact(state, contact_id)
        if state.is_behind(contact):
            self._settle(state, contact, effects)
        return contact

    def _settle(self, state: AccountState, contact: Contact, effects: Effects) -> None:
        try:
            self._bring_up(state, contact, effects)
        except Exception as error:
            raise Unsettled(f"{contact.account_id}|{contact.id} stays at day {contact.scored_day}") from error

    def _bring_up(self, state: AccountState, contact: Contact, effects: Effects) -> None:
        calendar = state.account.calendar
        if contact.removed:
            contact.model_version = state.account.model.version
        if contact.model_version != state.account.model.version:
            at_ms = calendar.start_of(state.day)
            effects.news = False
            origin = partial(Origin, Cause.RECALIBRATION, at_ms, state.day, True)
            self._rescore(state, contact, at_ms, state.day, origin, effects)
        while (day := contact.boundary_day) is not None and day <= state.day:
            due_ms = calendar.start_of(day)
            effects.news = not is_late(state, due_ms)
            self._rescore(state, contact, due_ms, day, partial(by_decay, state, due_ms, day), effects)

    def _rescore(
        self,
        state: AccountState,
        contact: Contact,
        at_ms: int,
        day: int,
        origin: Callable[[], Origin],
        effects: Effects,
    ) -> None:
        """Score a contact as of `day`; `origin` is asked only if its segment changes."""
        standing = stand(state.account.model, contact, day)
        if standing.segment is not contact.segment:
            effects.changes.append(change_of(state.account, contact, standing, origin()))
            contact.changes += 1
        # From here on nothing can raise: a contact is never left half changed.
        last_day = contact.days[-1] if contact.days else None
        if last_day != contact.last_day:
            state.index(contact, last_day)
        contact.r = standing.r
        contact.f = standing.f
        contact.m = standing.m
        contact.segment = standing.segment
        contact.boundary_day = standing.boundary_day
        contact.next_segment = standing.next_segment
        contact.next_segment_day = standing.next_segment_day
        contact.scored_day = day
        contact.model_version = state.account.model.version
        self._touch(contact, at_ms, effects)

    def _touch(self, contact: Contact, at_ms: int, effects: Effects) -> None:
        contact.changed_at_ms = at_ms
        contact.removed = False
        self.sequence += 1
        contact.sequence = self.sequence
        effects.contacts[contact] = effects.news or effects.contacts.get(contact, False)
        effects.count += 1


def _new_contact(state: AccountState, contact_id: str) -> Contact:
    return Contact(state.account.id, contact_id, state.account.model.version, state.day)
