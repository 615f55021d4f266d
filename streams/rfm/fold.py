"""The fold: orders and time in, the state of every contact of one partition and its changes out.

Order of events between topics does not matter to current facts, nor does repetition: a snapshot
wins by (version, updated_at, event_id), and everything else follows from the ledger, the account's
day and its model. A contact is brought up to the account's day before anything else touches it, so
a midnight may be applied to one contact now and to another a thousand orders later.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from streams.rfm.account import Account
from streams.rfm.changes import Change, Origin, Step
from streams.rfm.contact import Contact
from streams.rfm.model import average_minor
from streams.rfm.orders import Entry, Order, is_purchase
from streams.rfm.segments import Cause
from streams.rfm.standing import Standing, stand
from streams.rfm.words import explain


@dataclass(slots=True)
class Effects:
    """What a chunk or a step did. Insertion order is the order of happening; values are last values."""

    contacts: dict[Contact, None] = field(default_factory=dict)
    orders: dict[tuple[Contact, str], Order] = field(default_factory=dict)
    days: dict[tuple[Contact, int], None] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    failed: list[tuple[Order, str]] = field(default_factory=list)
    superseded: int = 0
    count: int = 0


class AccountState:
    """The contacts of one account in one partition, as of `day`."""

    def __init__(self, account: Account, day: int) -> None:
        self.account = account
        self.day = day
        self.contacts: dict[str, Contact] = {}
        self._boundaries: dict[int, dict[Contact, None]] = {}
        self._settled_to = day

    def due_ms(self) -> int:
        """The instant at which the next local day starts."""
        return self.account.calendar.start_of(self.day + 1)

    def expect(self, contact: Contact, day: int | None) -> None:
        """Move a contact in the index of days on which silence lowers a score."""
        old = contact.boundary_day
        if old == day:
            return
        if old is not None and (waiting := self._boundaries.get(old)) is not None:
            waiting.pop(contact, None)
            if not waiting:
                del self._boundaries[old]
        if day is not None:
            self._boundaries.setdefault(day, {})[contact] = None
            self._settled_to = min(self._settled_to, day - 1)
        contact.boundary_day = day

    def adopt(self, contact: Contact) -> None:
        """Take a restored contact, whose `boundary_day` is set, into the indexes."""
        self.contacts[contact.id] = contact
        day, contact.boundary_day = contact.boundary_day, None
        self.expect(contact, day)

    def waiting(self) -> Iterator[Contact]:
        """Contacts whose boundary has come, while the caller settles each one it takes."""
        while self._settled_to < self.day:
            if contacts := self._boundaries.get(self._settled_to + 1):
                yield next(iter(contacts))
            else:
                self._settled_to += 1

    def is_settled(self) -> bool:
        """Whether every contact stands at the account's day."""
        return next(self.waiting(), None) is None


class PartitionState:
    """All accounts of one partition. `sequence` counts effects and never goes back."""

    def __init__(self) -> None:
        self.accounts: dict[str, AccountState] = {}
        self.sequence = 0

    def open(self, account: Account, day: int, effects: Effects) -> AccountState:
        """The account's state; on its first event here its calendar opens on `day`."""
        state = self.accounts.get(account.id)
        if state is None:
            state = self.accounts[account.id] = AccountState(account, day)
            effects.steps.append(_step("opened", state))
        return state

    def apply_order(self, state: AccountState, order: Order, effects: Effects) -> None:
        """Fold one order. If it raises, the contact is as before and the order is in `effects.failed`."""
        contact = state.contacts.get(order.contact_id)
        if contact is None:
            contact = Contact(state.account.id, order.contact_id, state.account.model.version, state.day)
            prior = None
        else:
            prior = contact.ledger.get(order.order_id)
            if prior is not None and (order.version, order.updated_at_ms, order.event_id) <= prior[:3]:
                effects.superseded += 1
                return
            if contact.boundary_day is not None and contact.boundary_day <= state.day:
                self._settle(state, contact, effects)
        try:
            self._take_order(state, contact, prior, order, effects)
        except Exception as error:  # noqa: BLE001 - whatever it is, this record alone is to blame
            _undo_order(contact, prior, order)
            effects.failed.append((order, repr(error)))
        else:
            state.contacts[contact.id] = contact
            effects.orders[contact, order.order_id] = order

    def advance(self, state: AccountState, day: int, effects: Effects) -> None:
        """Move the account's calendar to a later day; contacts follow in `settle`, or when touched."""
        if day > state.day:
            state.day = day
            effects.steps.append(_step("day", state))

    def settle(self, state: AccountState, most: int, effects: Effects) -> int:
        """Bring up to `most` contacts to the account's day; returns how many were."""
        done = 0
        for contact in islice(state.waiting(), most):
            self._settle(state, contact, effects)
            done += 1
        return done

    def _take_order(
        self, state: AccountState, contact: Contact, prior: Entry | None, order: Order, effects: Effects
    ) -> None:
        counted = is_purchase(order.placed, order.total_minor, order.refunded_minor)
        net = order.total_minor - order.refunded_minor if counted else 0
        day = state.account.calendar.day_of(order.placed_at_ms)
        entry = Entry(order.version, order.updated_at_ms, order.event_id, day, net, counted)
        contact.ledger[order.order_id] = entry
        touched = _rebook(contact, prior, entry)
        self._rescore(
            state, contact, order.arrived_at_ms, state.day, partial(_by_order, state, prior, order), effects
        )
        for touched_day in touched:
            effects.days[contact, touched_day] = None

    def _settle(self, state: AccountState, contact: Contact, effects: Effects) -> None:
        while (day := contact.boundary_day) is not None and day <= state.day:
            due_ms = state.account.calendar.start_of(day)
            self._rescore(state, contact, due_ms, day, partial(_by_decay, state, due_ms, day), effects)

    def _rescore(  # noqa: PLR0917 - the hot path
        self,
        state: AccountState,
        contact: Contact,
        at_ms: int,
        day: int,
        origin: Callable[[], Origin],
        effects: Effects,
    ) -> None:
        """Score a contact as of `day`; `origin` is asked only if its segment changes."""
        model = state.account.model
        standing = stand(model, contact, day)
        if standing.segment is not contact.segment:
            effects.changes.append(_change(state.account, contact, standing, origin()))
            contact.changes += 1
        # From here on nothing can raise: a contact is never left half changed.
        if standing.boundary_day != contact.boundary_day:
            state.expect(contact, standing.boundary_day)
        (
            contact.r,
            contact.f,
            contact.m,
            contact.segment,
            _,
            contact.next_segment,
            contact.next_segment_day,
        ) = standing
        contact.scored_day = day
        contact.model_version = model.version
        contact.changed_at_ms = at_ms
        self.sequence += 1
        contact.sequence = self.sequence
        effects.contacts[contact] = None
        effects.count += 1


def _by_order(state: AccountState, prior: Entry | None, order: Order) -> Origin:
    historical = order.backfill or order.arrived_at_ms - order.updated_at_ms > state.account.horizon_ms
    cause = Cause.ORDER if prior is None else Cause.AMENDMENT
    return Origin(cause, order.arrived_at_ms, state.day, historical, order.event_id, order.order_id)


def _by_decay(state: AccountState, due_ms: int, day: int) -> Origin:
    late = state.account.calendar.start_of(state.day) - due_ms > state.account.horizon_ms
    return Origin(Cause.DECAY, due_ms, day, late)


def _rebook(contact: Contact, prior: Entry | None, entry: Entry) -> Iterable[int]:
    if prior is None or not prior.counted:
        return contact.add(entry.day, 1, entry.net_minor) if entry.counted else ()
    if entry.counted and entry.day == prior.day:
        return contact.add(entry.day, 0, entry.net_minor - prior.net_minor)
    touched = contact.add(prior.day, -1, -prior.net_minor)
    return touched + contact.add(entry.day, 1, entry.net_minor) if entry.counted else touched


def _undo_order(contact: Contact, prior: Entry | None, order: Order) -> None:
    if prior is None:
        contact.ledger.pop(order.order_id, None)
    else:
        contact.ledger[order.order_id] = prior
    contact.rebuild()


def _step(kind: str, state: AccountState) -> Step:
    account = state.account
    return Step(account.id, kind, account.calendar.zone, state.day, account.model.version)


def _change(account: Account, contact: Contact, standing: Standing, origin: Origin) -> Change:
    seq = contact.changes + 1
    last_day = contact.days[-1] if contact.days else None
    before = (contact.r, contact.f, contact.m)
    after = standing[:3]
    return Change._make(
        (
            f"{account.id}|{contact.id}|{seq}",
            account.id,
            contact.id,
            seq,
            contact.segment,
            standing.segment,
            origin.cause,
            explain(account.language, origin, before, after, last_day),
            origin.event_id,
            origin.order_id,
            origin.effective_day,
            origin.at_ms,
            origin.historical,
            *before,
            *after,
            account.model.version,
            contact.orders,
            contact.revenue_minor,
            average_minor(contact.revenue_minor, contact.orders),
            account.currency,
            contact.days[0] if contact.days else None,
            last_day,
            contact.interactions,
            contact.origin,
            standing.next_segment,
            standing.next_segment_day,
        )
    )
