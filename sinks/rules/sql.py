"""A rule as a ClickHouse condition over `contact_profiles`: the second evaluator, equal to the stream's.

Every expression is 0 or 1, never null: a field without a value satisfies no comparison, and a negative
operator is the opposite of its positive one (`schemas.rules`). Values are bound, never text of the query.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from schemas.rules import KINDS, NO_DATA, Combinator, Condition, Field, Group, Kind, Operator

_TODAY = "toInt32({today:Date32})"


def _days(column: str, *, ahead: bool = False) -> str:
    """Days since a day, or until it; never below 0, and null without one, which `greatest` passes over."""
    day = f"toInt32(assumeNotNull({column}))"
    difference = f"{day} - {_TODAY}" if ahead else f"{_TODAY} - {day}"
    return f"if(isNull({column}), NULL, greatest({difference}, 0))"


_NUMBERS: Mapping[Field, str] = {
    Field.R: "toInt64(r)",
    Field.F: "toInt64(f)",
    Field.V: "toInt64(m)",
    Field.ORDERS: "orders",
    Field.REVENUE_MINOR: "revenue_minor",
    Field.AVERAGE_TICKET_MINOR: (
        "if(orders > 0, intDiv(2 * revenue_minor + orders, 2 * greatest(orders, 1)), NULL)"
    ),
    Field.INTERACTIONS: "interactions",
    Field.DAYS_SINCE_LAST: _days("last_order_day"),
    Field.DAYS_SINCE_FIRST: _days("first_order_day"),
    Field.DAYS_UNTIL_NEXT_SEGMENT: _days("next_segment_day", ahead=True),
}
_TEXTS: Mapping[Field, str] = {
    Field.SEGMENT: "toString(segment)",
    Field.NEXT_SEGMENT: "toString(next_segment)",
    Field.SENTIMENT: f"ifNull(toString(sentiment), '{NO_DATA}')",
    Field.ORIGIN: "toString(origin)",
    Field.NAME: "personal_name",
    Field.EMAIL: "personal_email",
    Field.PHONE: "personal_phone",
    Field.DOCUMENT: "personal_document",
}
_SETS: Mapping[Field, str] = {
    Field.TAGS: "tags",
    Field.CONSENT: "arrayMap(one -> one.1, arrayFilter(one -> one.2, consent))",
}
_COMPARISONS = {
    Operator.LESS: "<",
    Operator.AT_MOST: "<=",
    Operator.MORE: ">",
    Operator.AT_LEAST: ">=",
}
_NEGATIVE = {
    Operator.NOT_EQUAL: Operator.EQUAL,
    Operator.NOT_IN: Operator.IN,
    Operator.NOT_BETWEEN: Operator.BETWEEN,
    Operator.CONTAINS_NOT: Operator.CONTAINS,
    Operator.ABSENT: Operator.PRESENT,
}


@dataclass(frozen=True, slots=True)
class RuleSql:
    """A condition and what it binds."""

    text: str
    parameters: Mapping[str, Any]


def to_sql(rule: Group, today: date) -> RuleSql:
    """The rule as of a day of the account's calendar."""
    binding = _Binding({"today": today})
    return RuleSql(binding.group(rule), binding.parameters)


def as_of_each_row(sql: RuleSql, column: str) -> RuleSql:
    """The same, as of the day that a column of each row names."""
    return RuleSql(sql.text.replace(_TODAY, f"toInt32({column})"), sql.parameters)


@dataclass(slots=True)
class _Binding:
    parameters: dict[str, Any] = field(default_factory=dict)

    def group(self, group: Group) -> str:
        parts = [
            self.group(member) if isinstance(member, Group) else self._condition(member)
            for member in group.members
        ]
        joined = f" {'AND' if group.combinator is Combinator.AND else 'OR'} ".join(parts)
        return f"(NOT ({joined}))" if group.negated else f"({joined})"

    def _condition(self, condition: Condition) -> str:
        positive = _NEGATIVE.get(condition.operator)
        if positive is not None:
            return f"(NOT {self._positive(condition, positive)})"
        return self._positive(condition, condition.operator)

    def _positive(self, condition: Condition, operator: Operator) -> str:
        asked, values = condition.field, condition.values
        if KINDS[asked] is Kind.SET:
            found = _SETS[asked]
            return (
                f"notEmpty({found})"
                if operator is Operator.PRESENT
                else f"has({found}, {self._text(values)})"
            )
        found = _NUMBERS[asked] if KINDS[asked] is Kind.NUMBER else _TEXTS[asked]
        if operator is Operator.PRESENT:
            return f"isNotNull({found})"
        if operator in (Operator.EQUAL, Operator.IN):
            return f"ifNull(has({self._list(condition)}, {found}), 0)"
        numbers = [int(value) for value in values]
        if operator is Operator.BETWEEN:
            low, high = (self._bind(number, "Int64") for number in numbers)
            return f"ifNull({found} BETWEEN {low} AND {high}, 0)"
        return f"ifNull({found} {_COMPARISONS[operator]} {self._bind(numbers[0], 'Int64')}, 0)"

    def _list(self, condition: Condition) -> str:
        kind = "Array(Int64)" if KINDS[condition.field] is Kind.NUMBER else "Array(String)"
        return self._bind(list(condition.values), kind)

    def _text(self, values: Sequence[int | str]) -> str:
        return self._bind(str(values[0]), "String")

    def _bind(self, value: Any, kind: str) -> str:
        name = f"rule_{len(self.parameters)}"
        self.parameters[name] = value
        return f"{{{name}:{kind}}}"
