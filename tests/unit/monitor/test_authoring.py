"""Forms become drafts, drafts change shape, and whatever is wrong is said in the person's language."""

from collections.abc import Mapping
from typing import Any

import pytest

from schemas.automation import StepKind
from schemas.automation_edits import activated, confirmed
from schemas.automation_json import InvalidAutomation, problems_of
from schemas.automation_templates import Template, template
from schemas.rule_json import InvalidRule, parse_rule
from schemas.rules import KINDS, OPERATORS, Field
from sinks.monitor.authoring.advice import advise, known
from sinks.monitor.authoring.drafts import answered, clean_automation, entry_of
from sinks.monitor.authoring.fields import DEEPEST_NAME, major_text, minor, tree
from sinks.monitor.authoring.rule_drafts import clean_group, new_condition, new_group
from sinks.monitor.authoring.shaping import new_step, reshape
from sinks.monitor.i18n import translations
from sinks.monitor.people import Language
from sinks.monitor.problems import Problem


class TestNamesOfFields:
    """Paths into JSON."""

    def test_are_nested_and_numbers_are_places_in_lists_without_gaps(self) -> None:
        fields = {"a.b.3": "x", "a.b.1": "y", "a.c": "z", "d": "1"}
        assert tree(fields) == {"a": {"b": ["y", "x"], "c": "z"}, "d": "1"}

    @pytest.mark.parametrize("name", ["a" + ".a" * DEEPEST_NAME, "b.c"])
    def test_that_no_page_of_ours_has_are_refused(self, name: str) -> None:
        with pytest.raises(Problem):
            tree({"b": "text", name: "x"})


@pytest.mark.parametrize(
    ("typed", "digits", "meant"),
    [
        ("1234", 0, 1234),
        ("12,5", 2, 1250),
        ("12.50", 2, 1250),
        ("12,505", 2, "12,505"),
        ("many", 2, "many"),
        ("", 2, ""),
        ("1e30", 2, "1e30"),
        ("NaN", 2, "NaN"),
    ],
)
def test_an_amount_is_read_to_the_minor_unit_or_kept_as_typed(typed: str, digits: int, meant: object) -> None:
    assert minor(typed, digits) == meant
    if isinstance(meant, int):
        assert minor(major_text(meant, digits), digits) == meant


class TestRules:
    """While they are edited."""

    @pytest.mark.parametrize("field", Field)
    def test_every_field_and_operator_goes_through_the_form_and_back(self, field: Field) -> None:
        values = {"segment": "loyal", "next_segment": "lost", "sentiment": "negative"}
        one: Any = values.get(field.value, 3 if KINDS[field].value == "number" else "text")
        for operator in OPERATORS[KINDS[field]]:
            value: Any = one
            if operator.value in ("null", "notNull"):
                value = None
            elif operator.value in ("in", "notIn", "between", "notBetween"):
                value = [one, one]
            condition = {"field": field.value, "operator": operator.value, "value": value}
            group = {"combinator": "or", "not": True, "rules": [condition]}
            assert clean_group(group, None) == group
            assert parse_rule(clean_group(tree(_flat("r", group))["r"], 0)) == parse_rule(group)

    def test_a_condition_on_another_field_begins_anew(self) -> None:
        changed = {"field": "revenue_minor", "was": "segment", "operator": "in", "value": ["loyal"]}
        group = clean_group({"rules": [changed]}, 2)
        assert group["rules"] == [new_condition(Field.REVENUE_MINOR)]

    def test_money_is_typed_in_units_of_the_currency(self) -> None:
        typed = {"field": "revenue_minor", "operator": "between", "value": ["10", "20,5"]}
        assert clean_group({"rules": [typed]}, 2)["rules"][0]["value"] == [1000, 2050]

    def test_numbers_of_a_list_are_typed_one_after_another(self) -> None:
        typed = {"field": "r", "operator": "in", "value": "1; 2, 5"}
        assert clean_group({"rules": [typed]}, 2)["rules"][0]["value"] == [1, 2, 5]

    @pytest.mark.parametrize(
        "nonsense", [None, "x", 7, [], {"rules": 3}, {"rules": ["x", None, {"field": 4}]}]
    )
    def test_whatever_is_stored_is_shown_as_a_group(self, nonsense: object) -> None:
        assert set(clean_group(nonsense, None)) == {"combinator", "not", "rules"}


class TestDrafts:
    """Of automations."""

    @pytest.mark.parametrize("which", Template)
    def test_a_template_lacks_nothing_but_an_endpoint(self, which: Template) -> None:
        draft = clean_automation(template(which, "es"))
        assert [one.path for one in problems_of(draft)] == ["steps.0.endpoint"]
        draft["steps"][0]["endpoint"] = "hooks"
        assert activated(draft, ["hooks"], [])["status"] == "active"

    @pytest.mark.parametrize("which", Template)
    def test_cleaning_twice_is_cleaning_once_and_a_form_says_the_same(self, which: Template) -> None:
        draft = clean_automation(template(which, "pt"))
        assert clean_automation(draft) == draft
        assert clean_automation(tree(_flat("", {**draft, "entry": entry_of(draft)})), 0) == draft

    @pytest.mark.parametrize("nonsense", [{}, {"steps": "x", "trigger": 3, "audience": [], "reentry": None}])
    def test_whatever_is_stored_opens_in_the_builder(self, nonsense: dict[str, Any]) -> None:
        draft = clean_automation(nonsense)
        assert (draft["steps"], draft["trigger"]["kind"], draft["audience"]["of"]) == ([], "", "all")

    @pytest.mark.parametrize("entry", ["now", "from_now", "both", ""])
    def test_who_gets_it_is_kept_and_open_stays_open(self, entry: str) -> None:
        assert entry_of(clean_automation({"entry": entry})) == entry
        assert entry_of(answered(entry)) == entry

    @pytest.mark.parametrize(
        ("given", "kept"),
        [(3.0, 3), (3.5, "3.5"), (float("inf"), "inf"), (True, None), ([], None), ("", None), (" 7 ", 7)],
    )
    def test_a_number_is_whole_or_stays_as_it_was_written(self, given: object, kept: object) -> None:
        assert clean_automation({"holdout_percent": 1, "reentry": {"days": given}})["reentry"]["days"] == kept

    def test_half_a_character_is_left_out(self) -> None:
        assert clean_automation({"name": "a\ud800b"})["name"] == "ab"

    def test_fields_of_another_trigger_are_left_behind(self) -> None:
        trigger = {"kind": "silence", "days": "30", "segments": ["lost"], "rule_id": "x"}
        assert clean_automation({"trigger": trigger}, 0)["trigger"] == {"kind": "silence", "days": 30}


class TestShapes:
    """Buttons of the editors."""

    def test_parts_come_move_and_go(self) -> None:
        draft, focus = reshape(clean_automation({}), "add-step-wait:steps")
        assert (focus, draft["steps"]) == ("steps.0", [new_step(StepKind.WAIT)])
        draft, focus = reshape(draft, "add-step-branch:steps")
        draft, focus = reshape(draft, "add-step-message:steps.1.paths.0.steps")
        assert focus == "steps.1.paths.0.steps.0"
        draft, _ = reshape(draft, "add-path:steps.1")
        draft, _ = reshape(draft, "add-group:steps.1.paths.1.when")
        assert draft["steps"][1]["paths"][1]["when"]["rules"][1] == new_group()
        draft, focus = reshape(draft, "up:steps.1")
        assert (focus, draft["steps"][1]["kind"]) == ("steps.0", "wait")
        draft, _ = reshape(draft, "remove:steps.0")
        assert [one["kind"] for one in draft["steps"]] == ["wait"]

    def test_a_split_comes_with_two_arms_and_a_name_of_its_own(self) -> None:
        draft, focus = reshape(clean_automation({}), "add-step-split:steps")
        assert focus == "steps.0"
        draft, focus = reshape(draft, "add-step-split:steps.0.arms.1.steps")
        inner = draft["steps"][0]["arms"][1]["steps"][0]
        assert (draft["steps"][0]["name"], inner["name"]) == ("A/B 1", "A/B 2")
        draft, focus = reshape(draft, "add-arm:steps.0")
        assert focus == "steps.0.arms.2.name"
        draft, focus = reshape(draft, "remove:steps.0.arms.0")
        assert (focus, [one["name"] for one in draft["steps"][0]["arms"]]) == ("steps.0", ["B", "C"])
        draft, _ = reshape(draft, "add-arm:steps.0")
        assert [one["name"] for one in draft["steps"][0]["arms"]] == ["B", "C", "A"]
        assert clean_automation(tree(_flat("", draft)))["steps"] == draft["steps"]

    def test_a_rule_of_its_own_comes_and_goes(self) -> None:
        draft, focus = reshape(clean_automation({}), "add-rule:audience.rule")
        assert (focus, draft["audience"]["rule"]) == ("audience.rule.rules.0", new_group())
        assert reshape(draft, "remove:audience.rule")[0]["audience"]["rule"] is None

    def test_the_draft_that_was_given_is_left_alone(self) -> None:
        given = clean_automation({})
        reshape(given, "add-step-tag:steps")
        assert given["steps"] == []

    @pytest.mark.parametrize(
        "wish",
        [
            "",
            "x",
            "remove:steps.7",
            "remove:",
            "add-step-x:steps",
            "add-path:name",
            "add-condition:a.b",
            "up:x.1",
        ],
    )
    def test_a_wish_that_no_button_makes_is_refused(self, wish: str) -> None:
        with pytest.raises(Problem):
            reshape(clean_automation({}), wish)


def _flat(path: str, value: Any) -> dict[str, str]:
    """The fields that a form with this content sends."""
    if isinstance(value, Mapping):
        inner = [_flat(f"{path}.{name}" if path else name, one) for name, one in value.items()]
    elif isinstance(value, list):
        inner = [_flat(f"{path}.{i}", one) for i, one in enumerate(value)]
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return {} if value is None else {path: text}
    return {name: text for one in inner for name, text in one.items()}


_SPLIT = {"kind": "split", "name": "x", "arms": [{"name": one, "weight": 1} for one in "AB"]}
WRONG: tuple[dict[str, Any], ...] = (
    {},
    {
        "name": "x" * 121,
        "audience": "all",
        "trigger": [],
        "steps": "none",
        "holdout_percent": 99,
        "exit": "x",
    },
    {"audience": {"of": "x", "rule": {"rules": []}}, "trigger": {"kind": "rule"}, "exit_on_purchase": 3},
    {"trigger": {"kind": "segment_entered"}, "steps": [{"kind": "nothing"}] * 51},
    {"trigger": {"kind": "segment_left", "segments": ["x"]}, "steps": []},
    {
        "trigger": {"kind": "x"},
        "steps": [{"kind": "branch"}, {"kind": "branch", "paths": [{}]}, {"kind": "wait"}],
    },
    {"steps": [{"kind": "message", "template": "{{nobody}}"}]},
    {"steps": [{"kind": "split", "arms": [{}] * 6}, {"kind": "split", "arms": [{"name": "A"}]}]},
    {"steps": [{"kind": "split", "name": "x", "arms": [{"name": "A", "weight": 1}] * 2}]},
    {"name": "x", "trigger": {"kind": "silence", "days": 1}, "steps": [_SPLIT, _SPLIT]},
)
WRONG_RULES: tuple[Any, ...] = (
    3,
    {
        "rules": [
            3,
            {"field": "x"},
            {"field": "r", "operator": "x"},
            {"field": "r", "operator": "=", "value": "x"},
        ]
    },
    {"combinator": "xor", "rules": []},
    {"not": 3, "rules": []},
    {
        "rules": [
            {"field": "r", "operator": "between", "value": [3, 1]},
            {"field": "tags", "operator": "contains"},
        ]
    },
    {
        "rules": [
            {"field": "r", "operator": "in", "value": []},
            {"field": "segment", "operator": "=", "value": "x"},
        ]
    },
    {"rules": [{"field": "r", "operator": "=", "value": 1, "valueSource": "field"}]},
    {"rules": [{"field": "r", "operator": "=", "value": 1}] * 101},
)


def _deep(levels: int) -> dict[str, Any]:
    group: dict[str, Any] = {"rules": [{"field": "r", "operator": "=", "value": 1}]}
    for _ in range(levels):
        group = {"rules": [group]}
    return group


def _deep_steps(levels: int) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = [{"kind": "nothing"}]
    for _ in range(levels):
        steps = [{"kind": "wait_for_purchase", "days": 1, "bought": steps}]
    return steps


def _every_advice() -> set[str]:
    found = {one.advice for body in WRONG for one in problems_of(body)}
    found |= {one.advice for one in problems_of({"name": "x", "steps": _deep_steps(6)})}
    for rule in (*WRONG_RULES, _deep(9)):
        with pytest.raises(InvalidRule) as refused:
            parse_rule(rule)
        found |= {one.advice for one in refused.value.problems}
    complete = {"name": "x", "audience": {"rule_id": "r"}, "steps": [{"kind": "message", "endpoint": "e"}]}
    with pytest.raises(InvalidAutomation) as invalid:
        activated({**complete, "trigger": {"kind": "silence", "days": 1}}, [], [])
    with pytest.raises(InvalidAutomation) as uncounted:
        confirmed({**complete, "confirmed_count": 3}, 2, ["e"], ["r"])
    return found | {one.advice for one in (*invalid.value.problems, *uncounted.value.problems)}


def test_every_advice_has_its_sentence() -> None:
    advice = _every_advice()
    assert len(advice) > 30
    assert sorted(one for one in advice if not known(one)) == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Language.SPANISH, "Da un número entero de 1 a 366"),
        (Language.PORTUGUESE, "Dê um número inteiro de 1 a 366"),
        (Language.ENGLISH, "Give a whole number from 1 to 366"),
    ],
)
def test_advice_is_said_in_the_persons_language(language: Language, said: str) -> None:
    faults = problems_of({"name": "x", "steps": [{"kind": "wait", "days": 900}]})
    advice = {one.path: one.text for one in advise(faults, translations(language).gettext)}
    assert advice["steps.0.days"] == said
