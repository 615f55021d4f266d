"""What people define: bodies are checked with advice, and only what can run is activated."""

from typing import Any

import pytest

from schemas import actions
from schemas.automation_edits import activated, confirmed, paused, send_of, stopped
from schemas.automation_json import InvalidAutomation, parse_automation, parse_send, problems_of
from schemas.automation_templates import Template, template
from schemas.rule_json import InvalidRule, parse_rule
from streams.automations import plan, visits
from streams.definitions.plans import compile_plan
from tests.unit.automations.desk import entered, message, rule

WHOLE: dict[str, Any] = {"name": "a", "trigger": entered("champions"), "steps": [message()]}


def split(name: str = "text", **weights: int) -> dict[str, Any]:
    """A split with arms of so many names and weights."""
    arms = [{"name": arm, "weight": weight, "steps": []} for arm, weight in weights.items()]
    return {"kind": "split", "name": name, "arms": arms}


def twins(of: dict[str, Any]) -> dict[str, Any]:
    """The split with the name of its first arm on its second too."""
    first, second = of["arms"]
    return {**of, "arms": [first, {**second, "name": first["name"]}]}


def nested(of: dict[str, Any]) -> dict[str, Any]:
    """The split with itself in its first arm."""
    first, second = of["arms"]
    return {**of, "arms": [{**first, "steps": [of]}, second]}


def advice(**more: Any) -> dict[str, str]:
    """Advice by place."""
    return {one.path: one.advice for one in problems_of({**WHOLE, **more})}


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"name": ""}, "name"),
        ({"trigger": None}, "trigger.kind"),
        ({"trigger": entered()}, "trigger.segments"),
        ({"trigger": entered("kings")}, "trigger.segments"),
        ({"trigger": entered("lost", causes=["merge"])}, "trigger.causes"),
        ({"trigger": {"kind": "silence"}}, "trigger.days"),
        ({"trigger": {"kind": "rule"}}, "trigger.rule"),
        ({"trigger": {"kind": "rule", "rule": rule("orders", ">", "x")}}, "trigger.rule.rules.0.value"),
        ({"audience": {"of": "friends"}}, "audience.of"),
        ({"steps": []}, "steps"),
        ({"steps": [{"kind": "wait"}]}, "steps.0"),
        ({"steps": [{"kind": "wait", "days": 1, "hours": 1}]}, "steps.0"),
        ({"steps": [message(endpoint="")]}, "steps.0.endpoint"),
        ({"steps": [message(template="{{secret}}")]}, "steps.0.template"),
        ({"steps": [{"kind": "branch", "paths": [{"steps": []}]}]}, "steps.0.paths.0.when"),
        ({"steps": [split()]}, "steps.0.arms"),
        ({"steps": [split(A=1)]}, "steps.0.arms"),
        ({"steps": [split(A=1, B=1, C=1, D=1, E=1, F=1)]}, "steps.0.arms"),
        ({"steps": [split(A=1, B=0)]}, "steps.0.arms.1.weight"),
        ({"steps": [{**split(A=1, B=1), "name": ""}]}, "steps.0.name"),
        ({"steps": [split(A=1, B=1), message(), split(C=1, D=1)]}, "steps.2.name"),
        ({"steps": [twins(split(A=1, B=1))]}, "steps.0.arms.1.name"),
        ({"steps": [nested(split(A=1, B=1))]}, "steps.0.arms.0.steps.0.name"),
        ({"reentry": {"kind": "after", "days": 0}}, "reentry.days"),
        ({"holdout_percent": 51}, "holdout_percent"),
        ({"exit_on_purchase": "no"}, "exit_on_purchase"),
    ],
)
def test_every_place_that_is_wrong_is_named_with_what_to_do(more: dict[str, Any], place: str) -> None:
    found = advice(**more)
    assert list(found) == [place]
    assert found[place]


def test_everything_wrong_is_told_at_once() -> None:
    assert set(advice(name="", trigger=entered())) == {"name", "trigger.segments"}


def test_the_defaults_are_those_of_the_requirements() -> None:
    silence = parse_automation({**WHOLE, "trigger": {"kind": "silence", "days": 30}})
    other = parse_automation(WHOLE)
    assert (silence.reentry, other.reentry, other.reentry_days) == ("always", "after", 30)
    assert (other.exit, other.exit_on_purchase, other.holdout_percent) == ("condition_ends", True, 0)


def test_only_what_is_whole_and_known_is_activated() -> None:
    assert activated(WHOLE, {"hook"}, ())["status"] == "active"
    assert paused(activated(WHOLE, {"hook"}, ()))["status"] == "paused"
    with pytest.raises(InvalidAutomation, match="create the endpoint hook"):
        activated(WHOLE, (), ())
    saved = {**WHOLE, "trigger": {"kind": "rule", "rule_id": "gone"}}
    with pytest.raises(InvalidAutomation, match="no rule gone"):
        activated(saved, {"hook"}, ())


def test_a_send_is_confirmed_by_typing_its_count() -> None:
    send = send_of({**WHOLE, "audience": {"of": "best_customers"}}, 312)
    assert parse_send(confirmed(send, 312, {"hook"}, ())).audience.of == "best_customers"
    with pytest.raises(InvalidAutomation, match="type the number"):
        confirmed(send, 311, {"hook"}, ())
    assert parse_send(stopped(send)).status == "paused"


@pytest.mark.parametrize("which", Template)
@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_a_template_lacks_nothing_but_its_endpoint(which: Template, language: str) -> None:
    bare = template(which, language)
    assert [one.path for one in problems_of(bare)] == ["steps.0.endpoint"]
    made = parse_automation(activated(template(which, language, endpoint="hook"), {"hook"}, ()))
    assert compile_plan(made, "a", 1, 0, lambda _: None).active


@pytest.mark.parametrize(
    "body",
    [
        None,
        {"rules": []},
        {"rules": [{"field": "age", "operator": "=", "value": 1}]},
        {"rules": [{"field": "orders", "operator": "contains", "value": 1}]},
        {"rules": [{"field": "orders", "operator": "between", "value": [5, 1]}]},
        {"rules": [{"field": "segment", "operator": "=", "value": "kings"}]},
        {"rules": [{"field": "orders", "operator": "=", "value": "f", "valueSource": "field"}]},
        {"combinator": "xor", "rules": [{"field": "orders", "operator": "=", "value": 1}]},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(body: Any) -> None:
    with pytest.raises(InvalidRule) as refused:
        parse_rule(body)
    assert all(one.advice for one in refused.value.problems)


def test_the_core_and_the_contract_use_the_same_words() -> None:
    assert {*visits.Kind} <= {one.value for one in actions.ActionKind}
    assert {*visits.Reason} <= {one.value for one in actions.ActionReason}
    assert {*plan.Source} <= {one.value for one in actions.ActionSource}
