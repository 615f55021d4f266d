"""Segmentation rules: the validated form of react-querybuilder's JSON, which every evaluator takes.

A group is `{"combinator": "and"|"or", "not": bool, "rules": [condition | group, ...]}`, a condition
`{"field": ..., "operator": ..., "value": ...}`; `id` and `path`, which editors add, are passed over.

Meaning, the same in the stream and in ClickHouse: logic has two values. A field without a value (no
origin, no purchase) satisfies no comparison; an operator with `not` is exactly the opposite of the one
without, so that it holds where there is no value. Days are whole days of the account's calendar, never
below 0 (REQUIREMENTS A12, B3: "more than 60 days" is an age of 61 or more); amounts are minor units.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from schemas.records import Segment


class Field(StrEnum):
    """What a condition may ask of a contact. `v` is the value score that profiles call m."""

    SEGMENT = "segment"
    NEXT_SEGMENT = "next_segment"
    SENTIMENT = "sentiment"
    R = "r"
    F = "f"
    V = "v"
    ORDERS = "orders"
    REVENUE_MINOR = "revenue_minor"
    AVERAGE_TICKET_MINOR = "average_ticket_minor"
    INTERACTIONS = "interactions"
    DAYS_SINCE_LAST = "days_since_last"
    DAYS_SINCE_FIRST = "days_since_first"
    DAYS_UNTIL_NEXT_SEGMENT = "days_until_next_segment"
    ORIGIN = "origin"
    TAGS = "tags"
    CONSENT = "consent"
    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    DOCUMENT = "document"


class Kind(StrEnum):
    """What a field holds."""

    CHOICE = "choice"
    NUMBER = "number"
    TEXT = "text"
    SET = "set"
    PRESENCE = "presence"


class Operator(StrEnum):
    """Names as react-querybuilder writes them."""

    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    BETWEEN = "between"
    NOT_BETWEEN = "notBetween"
    IN = "in"
    NOT_IN = "notIn"
    CONTAINS = "contains"
    CONTAINS_NOT = "doesNotContain"
    ABSENT = "null"
    PRESENT = "notNull"


class Combinator(StrEnum):
    """How the members of a group are joined."""

    AND = "and"
    OR = "or"


NO_DATA = "no_data"
"""Sentiment of a contact without rated interactions: a value of its own, never neutral (B8)."""

CHOICES: Mapping[Field, tuple[str, ...]] = {
    Field.SEGMENT: tuple(Segment),
    Field.NEXT_SEGMENT: tuple(Segment),
    Field.SENTIMENT: ("positive", "neutral", "negative", NO_DATA),
}

KINDS: Mapping[Field, Kind] = {
    **dict.fromkeys((Field.SEGMENT, Field.NEXT_SEGMENT, Field.SENTIMENT), Kind.CHOICE),
    **dict.fromkeys(
        (
            Field.R, Field.F, Field.V, Field.ORDERS, Field.REVENUE_MINOR, Field.AVERAGE_TICKET_MINOR,
            Field.INTERACTIONS, Field.DAYS_SINCE_LAST, Field.DAYS_SINCE_FIRST, Field.DAYS_UNTIL_NEXT_SEGMENT,
        ),
        Kind.NUMBER,
    ),
    Field.ORIGIN: Kind.TEXT,
    Field.TAGS: Kind.SET,
    Field.CONSENT: Kind.SET,
    **dict.fromkeys((Field.NAME, Field.EMAIL, Field.PHONE, Field.DOCUMENT), Kind.PRESENCE),
}  # fmt: skip

EQUALITY = (Operator.EQUAL, Operator.NOT_EQUAL, Operator.IN, Operator.NOT_IN)
EXISTENCE = (Operator.ABSENT, Operator.PRESENT)
MEMBERSHIP = (Operator.CONTAINS, Operator.CONTAINS_NOT)
ORDER = (Operator.LESS, Operator.AT_MOST, Operator.MORE, Operator.AT_LEAST)
RANGE = (Operator.BETWEEN, Operator.NOT_BETWEEN)

OPERATORS: Mapping[Kind, tuple[Operator, ...]] = {
    Kind.CHOICE: (*EQUALITY, *EXISTENCE),
    Kind.NUMBER: (*EQUALITY, *ORDER, *RANGE, *EXISTENCE),
    Kind.TEXT: (*EQUALITY, *EXISTENCE),
    Kind.SET: (*MEMBERSHIP, *EXISTENCE),
    Kind.PRESENCE: EXISTENCE,
}

Values = tuple[int, ...] | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """`values`: none for existence, two ascending ones for a range, any number for a list, else one."""

    field: Field
    operator: Operator
    values: Values


@dataclass(frozen=True, slots=True)
class Group:
    """Members joined; the whole negated if `negated`."""

    combinator: Combinator
    negated: bool
    members: tuple["Condition | Group", ...]


def conditions(group: Group) -> Iterator[Condition]:
    """Every condition of a rule, in its order."""
    for member in group.members:
        if isinstance(member, Group):
            yield from conditions(member)
        else:
            yield member


def is_dated(group: Group) -> bool:
    """Whether membership changes as days pass, without any event."""
    dated = {Field.DAYS_SINCE_LAST, Field.DAYS_SINCE_FIRST, Field.DAYS_UNTIL_NEXT_SEGMENT}
    return any(condition.field in dated for condition in conditions(group))
