"""Segmentation rules from and to JSON: whoever saves a rule is told every place that is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.rules import (
    CHOICES,
    EXISTENCE,
    KINDS,
    OPERATORS,
    RANGE,
    Combinator,
    Condition,
    Field,
    Group,
    Kind,
    Operator,
    Values,
    conditions,
)

DEEPEST = 8
MOST_CONDITIONS = 100
MOST_VALUES = 200
LONGEST_TEXT = 200
_LARGEST = 1 << 53


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong where (`rules.1.value`), and what to do about it, for a person."""

    path: str
    advice: str


class InvalidRule(ValueError):
    """A rule that cannot be used; `problems` names every place."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{p.path or 'rule'}: {p.advice}" for p in problems))
        self.problems = tuple(problems)


def parse_rule(body: Any) -> Group:
    """A rule from its JSON; InvalidRule names everything that is wrong with it."""
    problems: list[Problem] = []
    group = _group(body, "", 1, problems)
    if group is not None and sum(1 for _ in conditions(group)) > MOST_CONDITIONS:
        problems.append(Problem("", f"use at most {MOST_CONDITIONS} conditions"))
    if problems or group is None:
        raise InvalidRule(problems)
    return group


def rule_json(group: Group) -> dict[str, Any]:
    """The rule as react-querybuilder's JSON: the inverse of `parse_rule`."""
    return {
        "combinator": group.combinator.value,
        "not": group.negated,
        "rules": [
            rule_json(member) if isinstance(member, Group) else _condition_json(member)
            for member in group.members
        ],
    }


def _condition_json(condition: Condition) -> dict[str, Any]:
    many = condition.operator in (Operator.IN, Operator.NOT_IN, *RANGE)
    value: Any = list(condition.values) if many else next(iter(condition.values), None)
    return {"field": condition.field.value, "operator": condition.operator.value, "value": value}


def _group(body: Any, path: str, depth: int, problems: list[Problem]) -> Group | None:
    if not isinstance(body, Mapping) or not isinstance(body.get("rules"), list):
        problems.append(Problem(path, "a group needs `combinator` and a list `rules`"))
        return None
    if depth > DEEPEST:
        problems.append(Problem(path, f"nest groups at most {DEEPEST} deep"))
        return None
    combinator, negated = body.get("combinator", "and"), body.get("not", False)
    if combinator not in tuple(Combinator):
        problems.append(Problem(_below(path, "combinator"), "choose `and` or `or`"))
        return None
    if not isinstance(negated, bool):
        problems.append(Problem(_below(path, "not"), "choose true or false"))
        return None
    if not body["rules"]:
        problems.append(Problem(_below(path, "rules"), "add a condition, or remove the empty group"))
    members = [
        _member(one, _below(path, f"rules.{i}"), depth, problems) for i, one in enumerate(body["rules"])
    ]
    return Group(Combinator(combinator), negated, tuple(m for m in members if m is not None))


def _member(body: Any, path: str, depth: int, problems: list[Problem]) -> Condition | Group | None:
    if isinstance(body, Mapping) and "rules" in body:
        return _group(body, path, depth + 1, problems)
    if not isinstance(body, Mapping):
        problems.append(Problem(path, "a condition needs `field`, `operator` and `value`"))
        return None
    field, operator = body.get("field"), body.get("operator")
    if field not in tuple(Field):
        problems.append(Problem(_below(path, "field"), f"choose one of {', '.join(Field)}"))
        return None
    allowed = OPERATORS[KINDS[Field(field)]]
    if operator not in allowed:
        problems.append(Problem(_below(path, "operator"), f"{field} takes {', '.join(allowed)}"))
        return None
    if body.get("valueSource", "value") != "value":
        problems.append(Problem(path, "compare with a value, not with another field"))
        return None
    try:
        values = _values(Field(field), Operator(operator), body.get("value"))
    except ValueError as error:
        problems.append(Problem(_below(path, "value"), str(error)))
        return None
    return Condition(Field(field), Operator(operator), values)


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _values(field: Field, operator: Operator, value: Any) -> Values:
    if operator in EXISTENCE:
        return ()
    raw = _listed(value) if operator in (Operator.IN, Operator.NOT_IN, *RANGE) else [value]
    if not 1 <= len(raw) <= MOST_VALUES:
        raise ValueError(f"give 1 to {MOST_VALUES} values")
    if KINDS[field] is not Kind.NUMBER:
        return tuple(dict.fromkeys(_text(field, one) for one in raw))
    numbers = tuple(_number(one) for one in raw)
    if operator not in RANGE:
        return tuple(dict.fromkeys(numbers))
    if len(numbers) != 2 or numbers[0] > numbers[1]:
        raise ValueError("give two numbers, the smaller one first")
    return numbers


def _listed(value: Any) -> list[Any]:
    """A list, or what editors write for one: values separated by commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return list(value) if isinstance(value, list | tuple) else [value]


def _number(value: Any) -> int:
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, str) and text.removeprefix("-").isdecimal() and text.isascii():
        text = int(text)
    if isinstance(text, float) and text.is_integer():
        text = int(text)
    if isinstance(text, bool) or not isinstance(text, int) or abs(text) > _LARGEST:
        raise ValueError(f"give a whole number, not {str(value)[:40]!r}")
    return text


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_TEXT or not value.isprintable():
        raise ValueError(f"give a text of 1 to {LONGEST_TEXT} printable characters")
    if field in CHOICES and value not in CHOICES[field]:
        raise ValueError(f"choose among {', '.join(CHOICES[field])}")
    return value
