"""What the index leaves out could not have begun a visit."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from schemas.automation_json import parse_automation
from streams.automations.facts import Facts
from streams.automations.index import Index
from streams.automations.plan import On, Plan
from streams.automations.visits import Change
from streams.definitions.plans import compile_plan
from tests.properties.test_automations import _SEGMENTS, rules
from tests.unit.automations.desk import DAY, message

_TAGS = st.lists(st.sampled_from(["vip", "new"]), unique=True).map(tuple)
_NUMBERS = st.integers(0, 4)
_DAYS = st.none() | st.integers(DAY - 8, DAY)
known = st.builds(
    Facts,
    segment=st.sampled_from(_SEGMENTS),
    r=_NUMBERS,
    orders=_NUMBERS,
    revenue_minor=st.integers(0, 9),
    first_day=_DAYS,
    last_day=_DAYS,
    sentiment=st.sampled_from([None, "negative", "positive"]),
    origin=st.sampled_from([None, "shop", "web"]),
    tags=_TAGS,
    next_segment=st.sampled_from([None, *_SEGMENTS]),
    next_segment_day=st.none() | st.integers(DAY, DAY + 12),
)
_scores = st.builds(
    lambda wanted: {"rules": [{"field": "r", "operator": "in", "value": wanted}]},
    st.lists(_NUMBERS, min_size=1, max_size=2, unique=True),
)
audiences = st.fixed_dictionaries(
    {
        "of": st.sampled_from(["all", "champions", "at_risk"]),
        "origin": st.sampled_from([None, "shop", "web"]),
        "rule": st.none() | rules | _scores,
    }
)
_some_segments = st.lists(st.sampled_from(_SEGMENTS), max_size=4, unique=True)
moves = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["segment_entered", "segment_left"]),
        "segments": st.lists(st.sampled_from(_SEGMENTS), min_size=1, max_size=2, unique=True),
        "causes": st.lists(st.sampled_from(["order", "decay"]), max_size=2, unique=True),
    }
).flatmap(lambda body: _some_segments.map(lambda other: {**body, _side(body): other}))


def _side(body: Mapping[str, Any]) -> str:
    return "from" if body["kind"] == "segment_entered" else "to"


def plans(triggers: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[list[Plan]]:
    """Active automations; everybody may enter one of `audiences`."""
    drawn = st.lists(st.tuples(triggers, audiences), min_size=1, max_size=4)
    return drawn.map(lambda found: [_plan(number, *one) for number, one in enumerate(found)])


def _plan(number: int, trigger: dict[str, Any], audience: dict[str, Any]) -> Plan:
    steps = [message(channel=None)]
    body = {"name": "x", "status": "active", "trigger": trigger, "audience": audience, "steps": steps}
    return compile_plan(parse_automation(body), f"a{number}", 1, 0, lambda _id: None)


@given(
    made=plans((rules | _scores).map(lambda rule: {"kind": "rule", "rule": rule})),
    before=st.none() | known,
    after=known,
)
def test_a_rule_that_turns_true_for_its_audience_is_found(
    made: list[Plan], before: Facts | None, after: Facts
) -> None:
    found = Index(made).by_facts(before, after, DAY)
    assert found == sorted(found, key=lambda plan: plan.id)
    turned = [plan for plan in made if _turns(plan, before, after) and plan.audience(after, DAY)]
    assert [plan for plan in found if plan in turned] == turned


def _turns(plan: Plan, before: Facts | None, after: Facts) -> bool:
    rule = plan.trigger.rule
    assert rule is not None
    return rule.test(after, DAY) and not (before is not None and rule.test(before, DAY))


@given(
    made=plans(moves),
    sides=st.lists(st.sampled_from(_SEGMENTS), min_size=2, max_size=2, unique=True),
    cause=st.sampled_from(["order", "decay", "interaction"]),
    facts=known,
)
def test_every_trigger_of_a_segment_change_is_found(
    made: list[Plan], sides: list[str], cause: str, facts: Facts
) -> None:
    change = Change(1, "e", sides[0], sides[1], cause, 0)
    found = [plan for plan in Index(made).by_change(change, facts, DAY) if plan.audience(facts, DAY)]
    meant = [plan for plan in made if _fires(plan, change) and plan.audience(facts, DAY)]
    entered = [plan for plan in meant if plan.trigger.on is On.ENTERED]
    assert found == entered + [plan for plan in meant if plan.trigger.on is On.LEFT]


def _fires(plan: Plan, change: Change) -> bool:
    trigger = plan.trigger
    here, there = change.to_segment, change.from_segment
    if trigger.on is On.LEFT:
        here, there = there, here
    inside = here in trigger.segments and there not in trigger.segments
    return (
        inside
        and (not trigger.other or there in trigger.other)
        and (not trigger.causes or change.cause in trigger.causes)
    )
