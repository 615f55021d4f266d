"""Which plans something that happens can concern; the rest is not looked at.

A change of facts is looked up by the values that changed: numbers by the cuts they crossed, words by those
that came or went. What it costs grows with what it can flip.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import product
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

Gate = tuple[Value, int | str] | None
"""Something that a contact must have; None: nothing in particular."""
GATES = (
    Value.ORIGIN, Value.TAGS, Value.NEXT_SEGMENT, Value.SEGMENT, Value.R, Value.F, Value.M, Value.CONSENT,
    Value.SENTIMENT,
)  # fmt: skip
"""What a plan is kept behind, if it requires it; the ones that let the fewest through come first."""
_NAMED_SIDES = 3
"""A trigger that names more segments of the other side than this is kept as if it took any."""


def gates(plan: Plan) -> list[Gate]:
    """Where a plan is kept: behind everything that one of its requirements lets through."""
    required = [one for one in plan.required if one.value in GATES]
    if not required:
        return [None]
    chosen = min(required, key=lambda one: GATES.index(one.value))
    return [(chosen.value, member) for member in chosen.members]


class Index:
    """Active plans of one account.

    A plan that requires an origin, a tag, a segment or a score lies behind it, and is not met by contacts
    who have another: what a change costs does not grow with automations for others.
    """

    def __init__(self, plans: Iterable[Plan]) -> None:
        self._watches: dict[Gate, dict[Value, Watch]] = defaultdict(lambda: defaultdict(Watch))
        self._of_anybody: dict[Gate, Plans] = defaultdict(dict)
        self._moves: dict[tuple[On, str], _Moves] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(list))
        )
        self._silence: dict[int, list[Plan]] = defaultdict(list)
        active = sorted((plan for plan in plans if plan.active), key=lambda plan: plan.id)
        for plan in active:
            self._add(plan)
        for watch in self._all_watches():
            watch.finish()
        self._watched = sorted({value for watches in self._watches.values() for value in watches})
        gating = {gate[0] for plan in active for gate in gates(plan) if gate is not None}
        self._gating = [value for value in GATES if value in gating]

    def _add(self, plan: Plan) -> None:
        trigger = plan.trigger
        if trigger.on is On.SILENCE:
            self._silence[trigger.days].append(plan)
        for gate in gates(plan):
            self._add_moves(plan, gate)
            if trigger.rule is not None:
                if trigger.rule.test(NOBODY, 0):
                    self._of_anybody[gate][plan.id] = plan
                for sensitivity in trigger.rule.sensitivities:
                    self._watches[gate][sensitivity.value].add(plan, sensitivity)

    def _add_moves(self, plan: Plan, gate: Gate) -> None:
        trigger = plan.trigger
        sides = sorted(trigger.other) if 0 < len(trigger.other) <= _NAMED_SIDES else [None]
        for segment, side, cause in product(trigger.segments, sides, trigger.causes or [None]):
            self._moves[trigger.on, segment][side, cause][gate].append(plan)

    def by_facts(self, before: Facts | None, after: Facts, today: int) -> list[Plan]:
        """Rule plans that may hold after, and whose truth may differ between two states of a contact; None:
        it was not known."""
        known = before or NOBODY
        changed = []
        for value in self._watched:
            read = READERS[value]
            old, new = read(known, today), read(after, today)
            if old != new:
                changed.append((value, old, new))
        found: Plans = {}
        for gate in self._open_to(after, today):
            if before is None:
                found.update(self._of_anybody.get(gate, _NO_PLANS))
            watches = self._watches.get(gate, _NO_WATCHES)
            for value, old, new in changed:
                if value in watches:
                    watches[value].flipped(old, new, found)
        return _ordered(found)

    def by_change(self, change: Change, facts: Facts, today: int) -> list[Plan]:
        """Plans that a segment change begins a visit of: those entered, then those left."""
        before, after, cause = change.from_segment, change.to_segment, change.cause
        entered, left = self._moves.get((On.ENTERED, after)), self._moves.get((On.LEFT, before))
        if entered is None and left is None:
            return []
        passed = self._open_to(facts, today)
        found = [] if entered is None else _moved(entered, before, cause, passed)
        return found if left is None else found + _moved(left, after, cause, passed)

    def by_silence(self, days: int) -> list[Plan]:
        """Plans that wait for so many days of silence."""
        return self._silence.get(days, [])

    def dated(self) -> Iterator[tuple[Value, int, Plans]]:
        """Plans that time alone can flip: which days, and the number of them that it rises to or leaves."""
        for watches in self._watches.values():
            for value in DATED:
                if value in watches:
                    for days, plans in watches[value].crossing():
                        yield value, days, plans

    def _open_to(self, facts: Facts, today: int) -> list[Gate]:
        """The gates that a contact passes."""
        passed: list[Gate] = [None]
        for value in self._gating:
            found = READERS[value](facts, today)
            if isinstance(found, tuple):
                passed += [(value, member) for member in found]
            elif found is not None:
                passed.append((value, found))
        return passed

    def _all_watches(self) -> Iterator[Watch]:
        for watches in self._watches.values():
            yield from watches.values()


_Moves = dict[tuple[str | None, str | None], dict[Gate, list[Plan]]]
"""Plans of a segment that is entered or left, by the other side, the cause (None: any) and the gate."""


def _moved(moves: _Moves, other: str, cause: str, passed: Iterable[Gate]) -> list[Plan]:
    found: Plans = {}
    for key in ((None, None), (None, cause), (other, None), (other, cause)):
        behind = moves.get(key)
        if behind is not None:
            for gate in passed:
                for plan in behind.get(gate, ()):
                    trigger = plan.trigger
                    if other not in trigger.segments and (not trigger.other or other in trigger.other):
                        found[plan.id] = plan
    return _ordered(found)


_NO_WATCHES: dict[Value, Watch] = {}


def _ordered(found: Plans) -> list[Plan]:
    return [found[id_] for id_ in sorted(found)] if len(found) > 1 else list(found.values())
