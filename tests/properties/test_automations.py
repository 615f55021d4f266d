"""The automations' core against a slow, plain reference, in any chunks and over any restarts."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.rule_json import parse_rule
from streams.automations.facts import Facts
from streams.definitions.rules import compile_rule
from tests.unit.automations.desk import DAY, Came, Desk, entered, message

_SEGMENTS = ("no_purchases", "recent", "champions", "at_risk")
_CONTACTS = ("ana", "eva")
_DAYS = st.none() | st.integers(DAY - 8, DAY)


class Step(NamedTuple):
    """A profile, with a segment change before or behind it, or days that pass."""

    contact_id: str
    fields: dict[str, Any]
    live: bool
    change_first: bool
    days: int


_by_age = st.tuples(
    st.sampled_from(["days_since_last", "days_since_first", "days_until_next_segment"]),
    st.sampled_from(["=", "<", "<=", ">", ">=", "null", "notNull"]),
    st.integers(0, 12),
)
_undated = st.one_of(
    st.tuples(st.just("segment"), st.sampled_from(["=", "!="]), st.sampled_from(_SEGMENTS)),
    st.tuples(st.just("orders"), st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), st.integers(0, 4)),
    st.tuples(st.just("orders"), st.just("between"), st.just([1, 2])),
    st.tuples(st.just("average_ticket_minor"), st.sampled_from(["<", ">=", "null"]), st.integers(1, 6)),
    st.tuples(st.just("sentiment"), st.sampled_from(["=", "in"]), st.sampled_from(["negative", "no_data"])),
    st.tuples(st.just("tags"), st.sampled_from(["contains", "doesNotContain", "null"]), st.just("vip")),
)
conditions = (
    st.booleans()
    .flatmap(lambda dated: _by_age if dated else _undated)
    .map(lambda one: dict(zip(("field", "operator", "value"), one, strict=True)))
)

rules = st.recursive(
    st.lists(conditions, min_size=1, max_size=2).map(lambda found: {"rules": found}),
    lambda inner: st.fixed_dictionaries(
        {
            "combinator": st.sampled_from(["and", "or"]),
            "not": st.booleans(),
            "rules": st.lists(inner | conditions, min_size=1, max_size=2),
        }
    ),
    max_leaves=4,
)

steps = st.builds(
    Step,
    contact_id=st.sampled_from(_CONTACTS),
    fields=st.fixed_dictionaries(
        {
            "segment": st.sampled_from(_SEGMENTS),
            "orders": st.integers(0, 4),
            "revenue_minor": st.integers(0, 9),
            "first_order_day": _DAYS,
            "last_order_day": _DAYS,
            "sentiment": st.sampled_from([None, "negative", "positive"]),
            "tags": st.sampled_from([None, ["vip"], ["new"], ["new", "vip"]]),
            "next_segment": st.just("at_risk"),
            "next_segment_day": st.none() | st.integers(DAY, DAY + 12),
        }
    ),
    live=st.booleans() | st.just(True),
    change_first=st.booleans(),
    days=st.sampled_from([0, 0, 1, 4]),
)
histories = st.lists(steps, min_size=1, max_size=8)

Fired = list[tuple[str, str, int]]
"""(automation, contact, day) of every visit, sorted."""


@settings(max_examples=500)
@given(bodies=st.lists(rules, min_size=1, max_size=4), history=histories)
def test_the_core_begins_the_visits_that_a_plain_reference_begins(
    bodies: list[dict[str, Any]], history: list[Step]
) -> None:
    desk = play(bodies, history, cuts=(1,), restarts=False)
    assert visits(desk) == reference(bodies, history)


@given(
    bodies=st.lists(rules, min_size=1, max_size=3),
    history=histories,
    cuts=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    restarts=st.booleans(),
)
def test_chunks_restarts_and_repetition_change_nothing(
    bodies: list[dict[str, Any]], history: list[Step], cuts: list[int], restarts: bool
) -> None:
    plain = play(bodies, history, cuts=(1,), restarts=False)
    kinds = Counter(a["kind"] for a in plain.actions())
    assert kinds["assigned"] == kinds["entered"] == len(visits(plain))
    assert len({*ids(plain)}) == len(ids(plain))
    other = play(bodies, history, cuts=cuts, restarts=restarts, again=True)
    assert ids(other) == ids(plain)


def play(
    bodies: Sequence[dict[str, Any]],
    history: Sequence[Step],
    *,
    cuts: Sequence[int],
    restarts: bool,
    again: bool = False,
) -> Desk:
    """The agent over a history; records of one topic in chunks of `cuts`, each perhaps delivered twice."""
    desk = Desk()
    technical = [message(channel=None)]
    arms = [{"name": name, "weight": 1, "steps": technical} for name in ("A", "B")]
    test = {"kind": "split", "name": "A/B", "arms": arms}
    always = {"reentry": {"kind": "always"}, "steps": [test], "holdout_percent": 30}
    for number, body in enumerate(bodies):
        desk.automate(f"r{number}", trigger={"kind": "rule", "rule": body}, **always)
    desk.automate("champions", trigger=entered("champions", "at_risk"), **always)
    segments = dict.fromkeys(_CONTACTS, "no_purchases")
    for step in history:
        before, after = segments[step.contact_id], step.fields["segment"]
        segments[step.contact_id] = after
        came = []
        if before != after:
            came.append(desk.make_change(before, after, step.contact_id, historical=not step.live))
        came.append(desk.make_profile(step.contact_id, live=step.live, **step.fields))
        _deliver(desk, came if step.change_first else came[::-1], cuts, again=again)
        if restarts:
            desk = desk.restarted()
        desk.pass_days(step.days)
    return desk


def _deliver(desk: Desk, came: Sequence[Came], cuts: Sequence[int], *, again: bool) -> None:
    for _, run in groupby(came, key=lambda one: one.topic):
        waiting = list(run)
        for cut in [*cuts, len(came)]:
            chunk, waiting = waiting[:cut], waiting[cut:]
            for _ in range(1 + again if chunk else 0):
                desk.take(chunk)


def visits(desk: Desk) -> Fired:
    """What the agent began."""
    return sorted(
        (a["automation_id"], a["contact_id"], a["triggered_at"] // 86_400_000)
        for a in desk.actions()
        if a["kind"] == "entered"
    )


def ids(desk: Desk) -> list[tuple[str, ...]]:
    """Every decision with its arms, in no order."""
    return sorted(
        (a["action_id"], a["kind"], a["reason"] or "", a["arm"], a["split_arm"] or "") for a in desk.actions()
    )


def reference(bodies: Sequence[dict[str, Any]], history: Sequence[Step]) -> Fired:
    """Everybody and every rule, at every event and on every day."""
    tests = {f"r{i}": compile_rule(parse_rule(body)).test for i, body in enumerate(bodies)}
    known: dict[str, Facts] = {}
    fired: Fired = []
    today = DAY
    for step in history:
        before, after = known.get(step.contact_id), _facts(step.fields)
        known[step.contact_id] = after
        was = before.segment if before else "no_purchases"
        inside = ("champions", "at_risk")
        if step.live and was not in inside and after.segment in inside:
            fired.append(("champions", step.contact_id, today))
        for name, test in tests.items():
            if step.live and test(after, today) and not (before is not None and test(before, today)):
                fired.append((name, step.contact_id, today))
        for _ in range(step.days):
            today += 1
            for contact_id, facts in known.items():
                for name, test in tests.items():
                    if test(facts, today) and not test(facts, today - 1):
                        fired.append((name, contact_id, today))
    return sorted(fired)


def _facts(fields: dict[str, Any]) -> Facts:
    return Facts(
        segment=fields["segment"],
        orders=fields["orders"],
        revenue_minor=fields["revenue_minor"],
        first_day=fields["first_order_day"],
        last_day=fields["last_order_day"],
        sentiment=fields["sentiment"],
        tags=tuple(fields["tags"] or ()),
        next_segment=fields["next_segment"],
        next_segment_day=fields["next_segment_day"],
    )
