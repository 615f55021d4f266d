"""Where a contact stands: its facts, what it waits for, what it was sent. Values, never changed in place."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from streams.automations.facts import Facts
from streams.automations.plan import Action, Source


class Change(NamedTuple):
    """A segment change that may fire."""

    seq: int
    event_id: str
    from_segment: str
    to_segment: str
    cause: str
    occurred_at_ms: int


class Milestone(NamedTuple):
    """So many days of silence. `missed`: it was due too long ago."""

    event_id: str
    days: int
    last_day: int
    occurred_at_ms: int
    missed: bool


class Visit(NamedTuple):
    """The last visit of a contact in an automation. Open while `due_ms` is set; `at` is an instruction.

    `orders` and `last_day` are the purchases known when it began or began to wait for one; more is a
    purchase. `deferred`: quiet hours hold the action at `at` back.
    """

    automation_id: str
    version: int
    visit: str
    cause_event_id: str | None
    triggered_at_ms: int
    entered_at_ms: int
    holdout: bool
    orders: int
    last_day: int | None
    at: int = 0
    due_ms: int | None = None
    deferred: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the contact is inside."""
        return self.due_ms is not None

    def bought(self, facts: Facts) -> bool:
        """Whether the contact has bought since."""
        later = facts.last_day is not None and (self.last_day is None or facts.last_day > self.last_day)
        return facts.orders > self.orders or later


class Sent(NamedTuple):
    """A message that counts for the caps, until it turns out not to have been delivered."""

    at_ms: int
    automation_id: str
    visit: str
    step: str


class ContactState(NamedTuple):
    """`facts` None before the first profile; `seq` of the last segment change taken.

    `changes` and `milestones` wait for the profile that was written with them: topics have no order.
    `silence` is the milestone taken last: (day of the last purchase, days since).
    """

    facts: Facts | None = None
    seq: int = 0
    visits: Mapping[str, Visit] = {}
    sent: tuple[Sent, ...] = ()
    changes: tuple[Change, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    silence: tuple[int, int] = (-1, 0)

    @property
    def due_ms(self) -> int | None:
        """The next instant at which time moves the contact on."""
        return min((v.due_ms for v in self.visits.values() if v.due_ms is not None), default=None)

    # Built directly: `_replace` costs three times as much, and these are made for every event.
    def with_facts(self, facts: Facts) -> "ContactState":
        """The same with other facts."""
        return ContactState(
            facts, self.seq, self.visits, self.sent, self.changes, self.milestones, self.silence
        )

    def with_seq(self, seq: int, changes: tuple[Change, ...]) -> "ContactState":
        """The same after a segment change, with the changes that wait."""
        return ContactState(self.facts, seq, self.visits, self.sent, changes, self.milestones, self.silence)

    def with_visit(self, visit: Visit) -> "ContactState":
        """The same with one visit put in place."""
        visits = {**self.visits, visit.automation_id: visit}
        return ContactState(
            self.facts, self.seq, visits, self.sent, self.changes, self.milestones, self.silence
        )


class Kind(StrEnum):
    """What was decided; the words of `AutomationAction.kind`."""

    ENTERED = "entered"
    ASSIGNED = "assigned"
    WEBHOOK = "webhook"
    TAG = "tag"
    NOTHING = "nothing"
    DEFERRED = "deferred"
    SUPPRESSED = "suppressed"
    MISSED = "missed"
    EXITED = "exited"


class Reason(StrEnum):
    """Why not, or why no longer; the words of `AutomationAction.reason`."""

    NO_CONSENT = "no_consent"
    CAP_CONTACT = "cap_contact"
    CAP_ACCOUNT = "cap_account"
    QUIET_HOURS = "quiet_hours"
    PURCHASED = "purchased"
    CONDITION_ENDED = "condition_ended"
    COMPLETED = "completed"
    PAUSED = "paused"
    STOPPED = "stopped"
    ERASED = "erased"
    TOO_LATE = "too_late"
    REENTRY = "reentry"
    INSIDE = "inside"


class Decision(NamedTuple):
    """One thing decided about a contact; `step` is empty for what concerns the visit as a whole. `split` and
    `split_arm` are names, where a contact got to a split."""

    automation_id: str
    version: int
    source: Source
    visit: str
    step: str
    kind: Kind
    reason: Reason | None
    holdout: bool
    cause_event_id: str | None
    triggered_at_ms: int
    due_at_ms: int
    action: Action | None = None
    facts: Facts | None = None
    split: str | None = None
    split_arm: str | None = None


def open_visits(visits: Iterable[Visit]) -> list[Visit]:
    """Those whose contact is inside, in a settled order."""
    found = [visit for visit in visits if visit.due_ms is not None]
    if len(found) > 1:
        found.sort(key=lambda visit: visit.automation_id)
    return found
