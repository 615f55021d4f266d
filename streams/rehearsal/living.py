"""The rehearsal: purchases, interactions, midnights and timers in their order, through the real cores.

It tells what an account would have seen that stood under this model, with these automations active and these
contacts loaded, from the first midnight of the span on:

1. Orders and interactions count at the instant at which they took place, each as it stands today: amended
   orders have always been so, what is cancelled today was never placed.
2. Midnights and silences come by the account's calendar, from the agent's own clockwork.
3. What the fold says of a contact goes to the automations at once: profile, changes, milestones.
4. Automations act as the agent does: once a visit, re-entry, consent, quiet hours, caps, holdout, waits.

Contacts have no stored past of origin, tags, consent and personal fields, so these are as today all along;
tags that automations set do not come back, every message counts as delivered, manual sends are left out.
"""

from collections.abc import Iterator, Sequence
from heapq import merge

from schemas.actions import ActionKind, ActionReason
from schemas.rehearsal import Outcome, Past, PastPurchase, PastTalk, Setting
from streams.agents.clockwork import Clockwork
from streams.automations.facts import Personal
from streams.automations.partition import Partition
from streams.automations.visits import Change, Milestone
from streams.rehearsal.beginning import facts_of, personal_of, place, talks_before
from streams.rehearsal.definitions import Told, account_of, book_of
from streams.rfm.effects import Effects
from streams.rfm.fold import PartitionState
from streams.rfm.interactions import Interaction
from streams.rfm.orders import Order

_EVERYBODY = 10**9
_NOBODY = Personal()


class Rehearsal:
    """Implements `schemas.rehearsal.Rehearsals`."""

    def outcomes(self, setting: Setting, past: Past) -> Sequence[Outcome]:
        """See the protocol."""
        life = _Life(setting, past)
        life.pass_through(past)
        return life.outcomes


class _Life:
    def __init__(self, setting: Setting, past: Past) -> None:
        account = account_of(setting)
        eve_ms = past.since_ms - 1
        self.outcomes: list[Outcome] = []
        self._fold, self._acts = PartitionState(), Partition()
        self._base = self._fold.open(account, account.calendar.day_of(eve_ms), Effects())
        self._account = self._acts.open(account.id, book_of(account, setting, past.since_ms), eve_ms)
        self._personal = {told.contact_id: personal_of(told) for told in past.contacts}
        self._now_ms = eve_ms
        before = talks_before(past.talks, past.since_ms)
        for told in past.contacts:
            contact = place(self._base, told, before.get(told.contact_id, ()))
            self._fold.sequence += 1
            contact.sequence = self._fold.sequence
            self._tell(Effects(contacts={contact: False}))
        self._clockwork = Clockwork(self._fold, Told(account, setting, past.since_ms))

    def pass_through(self, past: Past) -> None:
        """Live from the first midnight to the end."""
        for event in _in_order(past):
            self._pass_to(event.at_ms)
            effects = Effects()
            match event:
                case PastPurchase():
                    self._fold.apply_order(self._base, _order(event), effects)
                case PastTalk():
                    self._fold.apply_interaction(self._base, _interaction(event), effects)
            self._tell(effects)
        self._pass_to(past.until_ms)

    def _pass_to(self, instant_ms: int) -> None:
        """Do everything that is due until an instant, each thing at its own."""
        while (due_ms := self._due_ms()) is not None and due_ms <= instant_ms:
            self._now_ms = max(self._now_ms, due_ms)
            if (acts := self._acts.due_ms()) is not None and acts <= self._now_ms:
                self._acts.step(self._now_ms, _EVERYBODY)
            if (moves := self._clockwork.due_ms()) is not None and moves <= self._now_ms:
                effects = Effects()
                self._clockwork.turn(self._now_ms, _EVERYBODY, effects)
                self._tell(effects)
            self._note()
        self._now_ms = max(self._now_ms, instant_ms)

    def _due_ms(self) -> int | None:
        dues = (self._acts.due_ms(), self._clockwork.due_ms())
        return min((due for due in dues if due is not None), default=None)

    def _tell(self, effects: Effects) -> None:
        """Let the automations hear what the fold says."""
        account, acts, now_ms = self._account, self._acts, self._now_ms
        for contact, live in effects.contacts.items():
            facts = facts_of(contact, self._personal.get(contact.id, _NOBODY))
            at_ms = contact.changed_at_ms
            acts.profile(account, contact.id, facts, live=live, at_ms=at_ms, now_ms=now_ms)
        for one in effects.changes:
            change = Change(
                one.seq, one.event_id, one.from_segment.value, one.to_segment.value, one.cause.value,
                one.occurred_at,
            )  # fmt: skip
            acts.change(account, one.contact_id, change, historical=one.historical, now_ms=now_ms)
        for quiet in effects.milestones:
            milestone = Milestone(
                quiet.event_id, quiet.days, quiet.last_order_day, quiet.occurred_at, quiet.missed
            )
            acts.milestone(account, quiet.contact_id, milestone, now_ms)
        self._note()

    def _note(self) -> None:
        decided, _, _ = self._acts.take()
        for one in decided:
            told = one.decision
            reason = ActionReason(told.reason.value) if told.reason else None
            kind = ActionKind(told.kind.value)
            self.outcomes.append(
                Outcome(told.automation_id, one.contact_id, kind, reason, told.triggered_at_ms)
            )


def _in_order(past: Past) -> Iterator[PastPurchase | PastTalk]:
    """What took place within the span, by instant; at one instant purchases first."""
    purchases = sorted((one for one in past.purchases if _within(past, one.at_ms)), key=_at)
    talks = sorted((one for one in past.talks if _within(past, one.at_ms)), key=_at)
    return merge(purchases, talks, key=lambda one: one.at_ms)


def _within(past: Past, at_ms: int) -> bool:
    return past.since_ms <= at_ms <= past.until_ms


def _at(one: PastPurchase | PastTalk) -> tuple[int, str, str]:
    return one.at_ms, one.contact_id, one[1]


def _order(one: PastPurchase) -> Order:
    return Order(
        contact_id=one.contact_id,
        order_id=one.order_id,
        version=1,
        updated_at_ms=one.at_ms,
        event_id=one.order_id,
        placed_at_ms=one.at_ms,
        total_minor=one.net_minor,
        refunded_minor=0,
        backfill=False,
        arrived_at_ms=one.at_ms,
    )


def _interaction(one: PastTalk) -> Interaction:
    return Interaction(
        contact_id=one.contact_id,
        interaction_id=one.interaction_id,
        version=1,
        updated_at_ms=one.at_ms,
        event_id=one.interaction_id,
        occurred_at_ms=one.at_ms,
        sentiment=one.sentiment,
        backfill=False,
        arrived_at_ms=one.at_ms,
    )
