"""Rules while they are edited: any JSON, or a form, in the one shape that editors show.

What is missing or wrong stays as it was typed; `schemas.rule_json.parse_rule` says what to do about it.
"""

from collections.abc import Mapping
from typing import Any

from schemas.rule_json import LONGEST_TEXT, MOST_VALUES
from schemas.rules import EXISTENCE, KINDS, OPERATORS, RANGE, Field, Kind, Operator
from sinks.monitor.authoring.fields import items, listed, mapping, minor, text_of, whole

MONEY = frozenset({Field.REVENUE_MINOR, Field.AVERAGE_TICKET_MINOR})
DEEPEST_SHOWN = 12
MANY = (Operator.IN, Operator.NOT_IN)

Draft = dict[str, Any]


def first_operator(field: Field) -> Operator:
    """What an editor proposes for a field."""
    if field in (Field.DAYS_SINCE_LAST, Field.DAYS_SINCE_FIRST):
        return Operator.MORE
    return {
        Kind.CHOICE: Operator.IN,
        Kind.NUMBER: Operator.AT_LEAST,
        Kind.TEXT: Operator.EQUAL,
        Kind.SET: Operator.CONTAINS,
        Kind.PRESENCE: Operator.PRESENT,
    }[KINDS[field]]


def new_condition(field: Field = Field.SEGMENT) -> Draft:
    """A condition that nobody has filled in yet."""
    operator = first_operator(field)
    return {"field": field.value, "operator": operator.value, "value": _value(field, operator, None, None)}


def new_group() -> Draft:
    """A group with one such condition."""
    return {"combinator": "and", "not": False, "rules": [new_condition()]}


def clean_group(raw: Any, digits: int | None, depth: int = 1) -> Draft:
    """A group in its one shape. `digits`: amounts were typed as money of so many decimals."""
    group = mapping(raw)
    rules = items(group.get("rules")) if depth < DEEPEST_SHOWN else []
    return {
        "combinator": "or" if group.get("combinator") == "or" else "and",
        "not": group.get("not") in (True, "true"),
        "rules": [
            clean_group(one, digits, depth + 1)
            if "rules" in one or "combinator" in one
            else _clean(one, digits)
            for one in map(mapping, rules)
        ],
    }


def optional_group(raw: Any, digits: int | None) -> Draft | None:
    """The same; None where there is none."""
    return clean_group(raw, digits) if isinstance(raw, Mapping) else None


def _clean(raw: Mapping[str, Any], digits: int | None) -> Draft:
    field = Field(raw["field"]) if raw.get("field") in tuple(Field) else Field.SEGMENT
    if raw.get("was", field.value) != field.value:
        return new_condition(field)
    allowed = OPERATORS[KINDS[field]]
    operator = Operator(raw["operator"]) if raw.get("operator") in allowed else first_operator(field)
    value = _value(field, operator, raw.get("value"), digits)
    return {"field": field.value, "operator": operator.value, "value": value}


def _value(field: Field, operator: Operator, given: Any, digits: int | None) -> Any:
    """As the operator takes it: nothing, a list, two ends, or one value."""
    if operator in EXISTENCE:
        return None
    if operator in MANY:
        return _many(field, given, digits)
    if operator in RANGE:
        ends = [*(given if isinstance(given, list) else [given]), "", ""][:2]
        return [_one(field, end, digits) for end in ends]
    one = next(iter(given), None) if isinstance(given, list) else given
    return _one(field, one, digits)


def _many(field: Field, given: Any, digits: int | None) -> list[Any]:
    if isinstance(given, str):
        typed = KINDS[field] is Kind.NUMBER and (digits is not None or "," in given)
        given = listed(given, commas=field not in MONEY) if typed else [given]
    values = given if isinstance(given, list) else [given]
    return [_one(field, one, digits) for one in values if one not in (None, "")][:MOST_VALUES]


def _one(field: Field, value: Any, digits: int | None) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return ""
    if KINDS[field] is not Kind.NUMBER:
        return text_of(value, LONGEST_TEXT)
    if field in MONEY and digits is not None:
        return minor(value, digits)
    return whole(value)
