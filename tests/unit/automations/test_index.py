"""Automations that cannot match are not looked at, however many there are."""

from typing import Any

import pytest

from schemas.automation_json import parse_automation
from streams.automations.facts import Facts
from streams.automations.index import Index
from streams.automations.plan import Plan
from streams.automations.visits import Change
from streams.definitions.plans import compile_plan
from tests.unit.automations.desk import DAY, entered, message

BEFORE = Facts(segment="loyal", orders=3, revenue_minor=900, origin="shop", tags=("new",), r=3)
AFTER = BEFORE._replace(segment="champions", orders=4, revenue_minor=1_900, r=5)
CHANGE = Change(2, "e", "loyal", "champions", "order", 0)
SPENDS = {"field": "revenue_minor", "operator": ">=", "value": 1_000}


def plan(id_: str, trigger: dict[str, Any], **audience: Any) -> Plan:
    body = {"name": id_, "status": "active", "trigger": trigger, "steps": [message()]}
    made = parse_automation({**body, "audience": {"of": "all", **audience}})
    return compile_plan(made, id_, 1, 0, lambda _id: None)


def on_rule(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "rule", "rule": {"rules": [SPENDS, *conditions]}}


def also(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


@pytest.mark.parametrize(
    ("trigger", "audience"),
    [
        (on_rule(), {"origin": "web"}),
        (on_rule(), {"of": "lost"}),
        (on_rule(also("tags", "contains", "vip")), {}),
        (on_rule(also("r", "in", [1, 2])), {}),
        (on_rule(also("segment", "=", "lost")), {}),
        (entered("champions"), {"origin": "web"}),
        (entered("champions", causes=["decay"]), {}),
        (entered("champions", **{"from": ["lost"]}), {}),
        (entered("lost"), {}),
    ],
)
def test_what_cannot_match_is_not_found(trigger: dict[str, Any], audience: dict[str, Any]) -> None:
    others = [plan(f"a{number}", trigger, **audience) for number in range(50)]
    index = Index([*others, plan("rule", on_rule()), plan("move", entered("champions"))])
    assert [one.id for one in index.by_facts(BEFORE, AFTER, DAY)] == ["rule"]
    assert [one.id for one in index.by_change(CHANGE, AFTER, DAY)] == ["move"]
