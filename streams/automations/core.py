"""The core: a contact's state and what happens to it, in; its new state and what was decided, out.

Nothing here knows Kafka, a clock or a topic. `now_ms` is data. The same events in the same order give the
same decisions, however they are cut into chunks; an event that comes again changes nothing: profiles are
known by their sequence, segment changes by their seq, milestones by the visit they began.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from streams.automations.facts import Calendar, Facts
from streams.automations.guards import Quota, in_holdout
from streams.automations.index import Index
from streams.automations.plan import Again, Limits, Plan
from streams.automations.runner import Runner
from streams.automations.visits import (
    Change,
    ContactState,
    Decision,
    Kind,
    Milestone,
    Reason,
    Sent,
    Visit,
    open_visits,
)

FIRING = frozenset({"order", "amendment", "interaction", "decay"})
"""Causes that begin visits; merge, recalibration and erasure do not (REQUIREMENTS C3)."""
ERASURE = "erasure"


@dataclass(slots=True)
class Book:
    """Definitions of one account: current plans by id, every version of them, active sends, and limits."""

    calendar: Calendar
    limits: Limits
    plans: dict[str, Plan] = field(default_factory=dict)
    versions: dict[tuple[str, int], Plan] = field(default_factory=dict)
    index: Index = field(default_factory=lambda: Index(()))
    sends: tuple[Plan, ...] = ()


class Cause(NamedTuple):
    """What begins a visit: its name within the automation, the event behind it, and when."""

    visit: str
    event_id: str | None
    at_ms: int


class Turn:
    """One contact's turn. `state` and `decisions` are what came of it."""

    __slots__ = ("_book", "_contact_id", "_now_ms", "_runner", "_today", "decisions", "state")

    def __init__(
        self, contact_id: str, state: ContactState, book: Book, quota: Quota, today: int, now_ms: int
    ) -> None:
        self.state = state
        self.decisions: list[Decision] = []
        self._contact_id = contact_id
        self._book = book
        self._today = today
        self._now_ms = now_ms
        self._runner = Runner(
            contact_id, self.decisions, book.versions, book.plans, book.limits, book.calendar, quota
        )

    def profile(self, facts: Facts, *, live: bool, at_ms: int) -> None:
        """A new state of the contact. Only news (`live`) may begin visits; old news is noted."""
        before = self.state.facts
        if before is not None and facts.sequence <= before.sequence:
            return
        self.state = self.state.with_facts(facts)
        if self.state.visits:
            self._reconsider(facts)
        if live:
            for plan in self._book.index.by_facts(before, facts, self._today):
                self._begin_if_turned(plan, before, self._today, Cause(f"p{facts.sequence}", None, at_ms))
        if self.state.changes or self.state.milestones:
            self._take_waiting(facts)

    def change(self, change: Change, *, historical: bool) -> None:
        """A segment change; it waits for the profile that was written with it."""
        if change.seq <= self.state.seq:
            return
        if change.cause == ERASURE:
            # Topics have no order: what was written before the erasure may have come after its profile.
            self.state = self.state._replace(changes=(), milestones=())
        facts, waiting = self.state.facts, self.state.changes
        fires = not historical and change.cause in FIRING
        if fires and (facts is None or facts.changes < change.seq):
            waiting = (*waiting, change)
        self.state = self.state.with_seq(change.seq, waiting)
        if fires and facts is not None and facts.changes >= change.seq:
            self._begin_by_change(change, facts)

    def milestone(self, milestone: Milestone) -> None:
        """So many days of silence; it waits for the profile that tells of the purchase before them."""
        facts, (last_day, days) = self.state.facts, self.state.silence
        if milestone.last_day == last_day and milestone.days <= days:
            return
        if facts is None or (facts.last_day or 0) < milestone.last_day:
            if milestone not in self.state.milestones:
                self.state = self.state._replace(milestones=(*self.state.milestones, milestone))
        elif facts.last_day == milestone.last_day:
            self._begin_by_silence(milestone, facts)

    def day(self, plans: Iterable[Plan]) -> None:
        """A day begins, `today`; `plans` are those it may begin a visit of."""
        facts = self.state.facts
        if facts is None:
            return
        cause = Cause(f"d{self._today}", None, self._book.calendar.start_of(self._today))
        for plan in plans:
            self._begin_if_turned(plan, facts, self._today - 1, cause)

    def send(self, plan: Plan) -> None:
        """A manual send was confirmed."""
        if self.state.facts is not None:
            self._begin(plan, self.state.facts, Cause(plan.id, None, plan.since_ms))

    def wake(self) -> None:
        """Time has come for some of the visits."""
        facts = self.state.facts
        if facts is None:
            return
        for visit in open_visits(self.state.visits.values()):
            if visit.due_ms is not None and visit.due_ms <= self._now_ms:
                self.state = self._runner.resume(self.state, visit, facts, self._today, self._now_ms)

    def undelivered(self, message: Sent) -> None:
        """A message was not delivered after all: it counts for no cap."""
        self.state = self.state._replace(sent=tuple(one for one in self.state.sent if one != message))

    def erase(self) -> None:
        """The contact is gone: it leaves everything, and nothing of it is kept."""
        for visit in open_visits(self.state.visits.values()):
            self._runner.leave(visit, Reason.ERASED, self._now_ms)
        self.state = ContactState(seq=self.state.seq)

    def _reconsider(self, facts: Facts) -> None:
        for visit in open_visits(self.state.visits.values()):
            self.state = self._runner.reconsider(self.state, visit, facts, self._today, self._now_ms)

    def _take_waiting(self, facts: Facts) -> None:
        changes, milestones = self.state.changes, self.state.milestones
        if changes:
            ready = [change for change in changes if change.seq <= facts.changes]
            self.state = self.state.with_seq(self.state.seq, changes[len(ready) :])
            for change in ready:
                self._begin_by_change(change, facts)
        if milestones and facts.last_day is not None:
            last_day = facts.last_day
            self.state = self.state._replace(
                milestones=tuple(one for one in milestones if one.last_day > last_day)
            )
            for milestone in milestones:
                if milestone.last_day == last_day:
                    self._begin_by_silence(milestone, facts)

    def _begin_by_change(self, change: Change, facts: Facts) -> None:
        for plan in self._book.index.by_change(change, facts, self._today):
            self._begin(plan, facts, Cause(change.event_id, change.event_id, change.occurred_at_ms))

    def _begin_by_silence(self, milestone: Milestone, facts: Facts) -> None:
        self.state = self.state._replace(silence=(milestone.last_day, milestone.days))
        cause = Cause(milestone.event_id, milestone.event_id, milestone.occurred_at_ms)
        for plan in self._book.index.by_silence(milestone.days):
            self._begin(plan, facts, cause, missed=milestone.missed)

    def _begin_if_turned(self, plan: Plan, before: Facts | None, day_before: int, cause: Cause) -> None:
        """A rule's visit begins where it did not hold and now does, under one and the same definition."""
        facts, rule = self.state.facts, plan.trigger.rule
        if facts is None or rule is None:
            return
        held = before is not None and rule.test(before, day_before)
        if not held and rule.test(facts, self._today):
            self._begin(plan, facts, cause)

    def _begin(self, plan: Plan, facts: Facts, cause: Cause, *, missed: bool = False) -> None:
        if cause.at_ms < plan.since_ms or not plan.audience(facts, self._today):
            return
        prior = self.state.visits.get(plan.id)
        if prior is not None and prior.visit == cause.visit:
            return
        holdout = in_holdout(plan.id, self._contact_id, plan.holdout_percent)
        visit = Visit(
            plan.id,
            plan.version,
            cause.visit,
            cause.event_id,
            cause.at_ms,
            self._now_ms,
            holdout,
            facts.orders,
            facts.last_day,
        )
        late = missed or self._now_ms - cause.at_ms > self._book.limits.horizon_ms
        if late:
            self._runner.tell(visit, Kind.MISSED, Reason.TOO_LATE, self._now_ms)
        elif (refused := self._refused(plan, prior)) is not None:
            self._runner.tell(visit, Kind.SUPPRESSED, refused, self._now_ms)
        else:
            self._runner.tell(visit, Kind.ENTERED, None, self._now_ms)
            self.state = self._runner.run(self.state, visit, facts, self._today, self._now_ms)

    def _refused(self, plan: Plan, prior: Visit | None) -> Reason | None:
        if prior is None:
            return None
        if prior.is_open:
            return Reason.INSIDE
        soon = self._now_ms - prior.entered_at_ms < plan.again_ms
        if plan.again is Again.NEVER or (plan.again is Again.AFTER and soon):
            return Reason.REENTRY
        return None
