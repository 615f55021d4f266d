"""Which plans something that happens can concern; the rest is not looked at.

A change of facts is looked up by the values that changed: numbers by the cuts they crossed, words by those
that came or went. What it costs grows with what it can flip.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from streams.automations.conditions import READERS, Sensitivity, Value
from streams.automations.facts import Facts
from streams.automations.plan import On, Plan
from streams.automations.visits import Change

NOBODY = Facts()
"""Nothing is known: a contact before its first profile."""

Plans = dict[str, Plan]
DATED = (Value.SINCE_LAST, Value.SINCE_FIRST, Value.UNTIL_NEXT)


class Bounds:
    """Plans by the bounds of their conditions on one number."""

    def __init__(self) -> None:
        self.plans: dict[int, Plans] = defaultdict(dict)
        self._sorted: list[int] = []

    def finish(self) -> None:
        """All plans are in."""
        self._sorted = sorted(self.plans)

    def collect(self, above: int | None, up_to: int | None, found: Plans) -> None:
        """Plans with a bound in (above, up_to]; None leaves a side open."""
        first = 0 if above is None else bisect_right(self._sorted, above)
        last = len(self._sorted) if up_to is None else bisect_right(self._sorted, up_to)
        for bound in self._sorted[first:last]:
            found.update(self.plans[bound])


class Watch:
    """Plans that look at one value."""

    def __init__(self) -> None:
        self.lows, self.highs = Bounds(), Bounds()
        self.by_member: dict[int | str, Plans] = defaultdict(dict)
        self._existence: Plans = {}

    def add(self, plan: Plan, sensitivity: Sensitivity) -> None:
        """Let a plan be found by one of its sensitivities."""
        if not sensitivity.lows and not sensitivity.highs and not sensitivity.members:
            self._existence[plan.id] = plan
        for member in sensitivity.members:
            self.by_member[member][plan.id] = plan
        for bound in sensitivity.lows:
            self.lows.plans[bound][plan.id] = plan
        for bound in sensitivity.highs:
            self.highs.plans[bound][plan.id] = plan

    def finish(self) -> None:
        """All plans are in."""
        self.lows.finish()
        self.highs.finish()

    def flipped(self, before: Any, after: Any, found: Plans) -> None:
        """Collect the plans whose conditions on the value may differ between two of its values."""
        if isinstance(before, tuple):
            members, existed, exists = {*before} ^ {*after}, bool(before), bool(after)
        else:
            members, existed, exists = {before, after}, before is not None, after is not None
        for member in members:
            found.update(self.by_member.get(member, _NO_PLANS))
        if existed != exists:
            found.update(self._existence)
        if isinstance(before, int) and isinstance(after, int):
            low, high = sorted((before, after))
            self.lows.collect(low, high, found)
            self.highs.collect(low, high, found)
        elif isinstance(alone := before if after is None else after, int):
            # Without a value no comparison holds: what holds with it flips.
            self.lows.collect(None, alone, found)
            self.highs.collect(alone, None, found)

    def crossing(self) -> Iterator[tuple[int, Plans]]:
        """Values that flip a plan when they are reached or left by one, with the plans."""
        for bounds in (self.lows, self.highs):
            yield from bounds.plans.items()
        for member, plans in self.by_member.items():
            if isinstance(member, int):
                yield member, plans
                yield member + 1, plans


_NO_PLANS: Plans = {}


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

    def dated(self) -> Iterator[tuple[Value, int, Plans]]:
        """Plans that time alone can flip: which days, and the number of them that it rises to or leaves."""
        for value in DATED:
            if value in self._watches:
                for days, plans in self._watches[value].crossing():
                    yield value, days, plans


def _matches(plan: Plan, other: str, change: Change) -> bool:
    trigger = plan.trigger
    return (not trigger.other or other in trigger.other) and (
        not trigger.causes or change.cause in trigger.causes
    )


def _ordered(found: Plans) -> list[Plan]:
    return [found[id_] for id_ in sorted(found)]
