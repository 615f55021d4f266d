"""How many automations would have fired, of whom, and what these contacts are worth (E3).

Where the past is a sample, one contact in k, a sum over it times k estimates the sum over all. Contacts are
in or out of it one by one, by a hash, so the variance of that is about k (k - 1) times the sum of squares
over the sample (Horvitz and Thompson); the margin is 1.96 times its root. Counted in full, k is 1, it is 0.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from schemas.actions import ActionKind, ActionReason
from schemas.rehearsal import Outcome
from sinks.monitor.figures.past import Told

_NORMAL_95 = 1.96


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with the margin within which it lies, 95 times in 100; 0: counted in full."""

    number: int = 0
    margin: int = 0

    @classmethod
    def over(cls, parts: Iterable[int], one_of: int) -> "Estimate":
        """Of what each sampled contact contributes."""
        known = list(parts)
        squares = sum(part * part for part in known)
        return cls(one_of * sum(known), math.ceil(_NORMAL_95 * math.sqrt(one_of * (one_of - 1) * squares)))


@dataclass(frozen=True, slots=True)
class Fired:
    """What one automation would have done, or all together: visits, contacts, their revenue, messages sent.

    `contact_ids`: who entered, those who have spent most first; of a sample its own only.
    """

    entered: Estimate
    contacts: Estimate
    revenue_minor: Estimate
    messages: Estimate
    contact_ids: Sequence[str]
    decisions: Mapping[tuple[ActionKind, ActionReason | None], Estimate]


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """All automations together and one by one, those without any decision left out."""

    everything: Fired
    automations: Mapping[str, Fired]

    @property
    def fired(self) -> int:
        """How many automations somebody entered."""
        return sum(1 for one in self.automations.values() if one.entered.number)


def count(outcomes: Sequence[Outcome], told: Told) -> Rehearsed:
    """Sums by automation."""
    by_automation: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_automation.setdefault(outcome.automation_id, []).append(outcome)
    return Rehearsed(_fired(outcomes, told), {id_: _fired(of, told) for id_, of in by_automation.items()})


def _fired(outcomes: Sequence[Outcome], told: Told) -> Fired:
    entered = _by_contact(outcomes, ActionKind.ENTERED)
    worth = {contact_id: told.revenue_minor.get(contact_id, 0) for contact_id in entered}
    decided: dict[tuple[ActionKind, ActionReason | None], Counter[str]] = {}
    for outcome in outcomes:
        decided.setdefault((outcome.kind, outcome.reason), Counter())[outcome.contact_id] += 1
    return Fired(
        entered=Estimate.over(entered.values(), told.one_of),
        contacts=Estimate.over([1] * len(entered), told.one_of),
        revenue_minor=Estimate.over(worth.values(), told.one_of),
        messages=Estimate.over(_by_contact(outcomes, ActionKind.WEBHOOK).values(), told.one_of),
        contact_ids=sorted(entered, key=lambda id_: (-worth[id_], id_)),
        decisions={
            key: Estimate.over(of.values(), told.one_of) for key, of in sorted(decided.items(), key=str)
        },
    )


def _by_contact(outcomes: Sequence[Outcome], kind: ActionKind) -> Counter[str]:
    return Counter(one.contact_id for one in outcomes if one.kind is kind)
