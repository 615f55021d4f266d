"""Which plans something that happens can concern; the rest is not looked at.

A change of facts is looked up by the values that changed: numbers by the cuts they crossed, words by those
that came or went. What it costs grows with what it can flip.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from streams.automations.conditions import READERS, Sensitivity, Value
from streams.automations.facts import Facts
from streams.automations.plan import On, Plan
from streams.automations.visits import Change

NOBODY = Facts()
"""Nothing is known: a contact before its first profile."""

Plans = dict[str, Plan]
DATED = (Value.SINCE_LAST, Value.SINCE_FIRST, Value.UNTIL_NEXT)


class Watch:
    """Plans that look at one value."""

    def __init__(self) -> None:
        self._everyone: Plans = {}
        self._existence: Plans = {}
        self._by_word: dict[str, Plans] = defaultdict(dict)
        self.by_cut: dict[int, Plans] = defaultdict(dict)
        self._cuts: list[int] = []

    def add(self, plan: Plan, sensitivity: Sensitivity) -> None:
        """Let a plan be found by one of its sensitivities."""
        self._everyone[plan.id] = plan
        if not sensitivity.cuts and not sensitivity.values:
            self._existence[plan.id] = plan
        for word in sensitivity.values:
            self._by_word[word][plan.id] = plan
        for cut in sensitivity.cuts:
            self.by_cut[cut][plan.id] = plan

    def finish(self) -> None:
        """All plans are in."""
        self._cuts = sorted(self.by_cut)

    def flipped(self, before: Any, after: Any, found: Plans) -> None:
        """Collect the plans whose conditions on the value may differ between two of its values."""
        if isinstance(before, tuple):
            for word in {*before} ^ {*after}:
                found.update(self._by_word.get(word, {}))
            if not before or not after:
                found.update(self._existence)
        elif isinstance(before or after, str):
            for word in (before, after):
                found.update(self._by_word.get(word, {}) if word is not None else self._existence)
        elif before is None or after is None:
            found.update(self._everyone)
        else:
            low, high = sorted((before, after))
            for i in range(bisect_right(self._cuts, low), bisect_right(self._cuts, high)):
                found.update(self.by_cut[self._cuts[i]])


class Index:
    """Active plans of one account."""

    def __init__(self, plans: Iterable[Plan]) -> None:
        self._watches: dict[Value, Watch] = defaultdict(Watch)
        self._of_anybody: Plans = {}
        self._entered: dict[str, list[Plan]] = defaultdict(list)
        self._left: dict[str, list[Plan]] = defaultdict(list)
        self._silence: dict[int, list[Plan]] = defaultdict(list)
        for plan in sorted((plan for plan in plans if plan.active), key=lambda plan: plan.id):
            self._add(plan)
        for watch in self._watches.values():
            watch.finish()

    def _add(self, plan: Plan) -> None:
        trigger = plan.trigger
        if trigger.on is On.SILENCE:
            self._silence[trigger.days].append(plan)
        for segment in sorted(trigger.segments):
            (self._left if trigger.on is On.LEFT else self._entered)[segment].append(plan)
        if trigger.rule is not None:
            if trigger.rule.test(NOBODY, 0):
                self._of_anybody[plan.id] = plan
            for sensitivity in trigger.rule.sensitivities:
                self._watches[sensitivity.value].add(plan, sensitivity)

    def by_facts(self, before: Facts | None, after: Facts, today: int) -> list[Plan]:
        """Rule plans whose truth may differ between two states of a contact; None: it was not known."""
        found: Plans = dict(self._of_anybody) if before is None else {}
        known = before or NOBODY
        for value, watch in self._watches.items():
            read = READERS[value]
            old, new = read(known, today), read(after, today)
            if old != new:
                watch.flipped(old, new, found)
        return _ordered(found)

    def by_change(self, change: Change) -> Iterator[Plan]:
        """Plans that a segment change begins a visit of."""
        for plan in self._entered.get(change.to_segment, ()):
            if change.from_segment not in plan.trigger.segments and _matches(
                plan, change.from_segment, change
            ):
                yield plan
        for plan in self._left.get(change.from_segment, ()):
            if change.to_segment not in plan.trigger.segments and _matches(plan, change.to_segment, change):
                yield plan

    def by_silence(self, days: int) -> list[Plan]:
        """Plans that wait for so many days of silence."""
        return self._silence.get(days, [])

    def dated(self) -> Mapping[Value, Mapping[int, Plans]]:
        """Plans that time alone can flip: by value of days, then by the cut it crosses."""
        return {value: self._watches[value].by_cut for value in DATED if value in self._watches}


def _matches(plan: Plan, other: str, change: Change) -> bool:
    trigger = plan.trigger
    return (not trigger.other or other in trigger.other) and (
        not trigger.causes or change.cause in trigger.causes
    )


def _ordered(found: Plans) -> list[Plan]:
    return [found[id_] for id_ in sorted(found)]
