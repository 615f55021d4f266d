"""Segmentation rules as conditions of the core."""

from schemas.rules import KINDS, Combinator, Condition, Field, Group, Kind, Operator
from streams.automations import conditions as core
from streams.automations.conditions import Compiled, Value

_VALUES: dict[Field, Value] = {
    Field.SEGMENT: Value.SEGMENT,
    Field.NEXT_SEGMENT: Value.NEXT_SEGMENT,
    Field.SENTIMENT: Value.SENTIMENT,
    Field.R: Value.R,
    Field.F: Value.F,
    Field.V: Value.M,
    Field.ORDERS: Value.ORDERS,
    Field.REVENUE_MINOR: Value.REVENUE,
    Field.AVERAGE_TICKET_MINOR: Value.AVERAGE,
    Field.INTERACTIONS: Value.INTERACTIONS,
    Field.DAYS_SINCE_LAST: Value.SINCE_LAST,
    Field.DAYS_SINCE_FIRST: Value.SINCE_FIRST,
    Field.DAYS_UNTIL_NEXT_SEGMENT: Value.UNTIL_NEXT,
    Field.ORIGIN: Value.ORIGIN,
    Field.TAGS: Value.TAGS,
    Field.CONSENT: Value.CONSENT,
    Field.NAME: Value.NAME,
    Field.EMAIL: Value.EMAIL,
    Field.PHONE: Value.PHONE,
    Field.DOCUMENT: Value.DOCUMENT,
}

_NEGATIVE = {
    Operator.NOT_EQUAL: Operator.EQUAL,
    Operator.NOT_IN: Operator.IN,
    Operator.NOT_BETWEEN: Operator.BETWEEN,
    Operator.CONTAINS_NOT: Operator.CONTAINS,
    Operator.ABSENT: Operator.PRESENT,
}


def compile_rule(group: Group) -> Compiled:
    """The rule as the core evaluates it."""
    parts = [
        compile_rule(member) if isinstance(member, Group) else _condition(member) for member in group.members
    ]
    joined = core.every(parts) if group.combinator is Combinator.AND else core.some(parts)
    return core.negated(joined) if group.negated else joined


def _condition(condition: Condition) -> Compiled:
    positive = _NEGATIVE.get(condition.operator)
    if positive is not None:
        return core.negated(_positive(condition, positive))
    return _positive(condition, condition.operator)


def _positive(condition: Condition, operator: Operator) -> Compiled:
    value = _VALUES[condition.field]
    if operator is Operator.PRESENT:
        return core.exists(value)
    if KINDS[condition.field] is Kind.NUMBER:
        return _number(value, operator, [int(one) for one in condition.values])
    texts = [str(one) for one in condition.values]
    return core.has(value, texts[0]) if operator is Operator.CONTAINS else core.one_of(value, texts)


def _number(value: Value, operator: Operator, given: list[int]) -> Compiled:
    first = given[0]
    match operator:
        case Operator.LESS:
            return core.within(value, None, first - 1)
        case Operator.AT_MOST:
            return core.within(value, None, first)
        case Operator.MORE:
            return core.within(value, first + 1, None)
        case Operator.AT_LEAST:
            return core.within(value, first, None)
        case Operator.BETWEEN:
            return core.within(value, first, given[1])
    return core.numbers(value, given)
