"""Conditions over a contact's facts: how they are evaluated, and which changes of a value can flip them.

A condition is compiled to a function of (facts, today), and to its sensitivity: the values of its field at
which its truth may change. Whatever waits for a condition is looked up by the change of a value, so that a
change costs what it can flip and not what waits.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from streams.automations.facts import Facts, age_days

Test = Callable[[Facts, int], bool]
"""Of facts and the account's day."""


class Value(StrEnum):
    """What conditions look at."""

    SEGMENT = "segment"
    NEXT_SEGMENT = "next_segment"
    SENTIMENT = "sentiment"
    R = "r"
    F = "f"
    M = "m"
    ORDERS = "orders"
    REVENUE = "revenue"
    AVERAGE = "average"
    INTERACTIONS = "interactions"
    SINCE_LAST = "since_last"
    SINCE_FIRST = "since_first"
    UNTIL_NEXT = "until_next"
    ORIGIN = "origin"
    TAGS = "tags"
    CONSENT = "consent"
    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    DOCUMENT = "document"


NO_DATA = "no_data"

READERS: dict[Value, Callable[[Facts, int], Any]] = {
    Value.SEGMENT: lambda facts, _: facts.segment,
    Value.NEXT_SEGMENT: lambda facts, _: facts.next_segment,
    Value.SENTIMENT: lambda facts, _: facts.sentiment or NO_DATA,
    Value.R: lambda facts, _: facts.r,
    Value.F: lambda facts, _: facts.f,
    Value.M: lambda facts, _: facts.m,
    Value.ORDERS: lambda facts, _: facts.orders,
    Value.REVENUE: lambda facts, _: facts.revenue_minor,
    Value.AVERAGE: lambda facts, _: facts.average_ticket_minor,
    Value.INTERACTIONS: lambda facts, _: facts.interactions,
    Value.SINCE_LAST: lambda facts, today: age_days(facts.last_day, today),
    Value.SINCE_FIRST: lambda facts, today: age_days(facts.first_day, today),
    Value.UNTIL_NEXT: lambda facts, today: until_next(facts, today),  # noqa: PLW0108 - defined below
    Value.ORIGIN: lambda facts, _: facts.origin,
    Value.TAGS: lambda facts, _: facts.tags,
    Value.CONSENT: lambda facts, _: facts.consent,
    Value.NAME: lambda facts, _: facts.personal.name,
    Value.EMAIL: lambda facts, _: facts.personal.email,
    Value.PHONE: lambda facts, _: facts.personal.phone,
    Value.DOCUMENT: lambda facts, _: facts.personal.document,
}


class Sensitivity(NamedTuple):
    """When the truth of a condition may change: a number crosses a bound (`lows` are true from there on,
    `highs` up to there, exclusive), or one of `members` comes or goes. None of all: existence itself."""

    value: Value
    lows: tuple[int, ...] = ()
    highs: tuple[int, ...] = ()
    members: tuple[int | str, ...] = ()


class Required(NamedTuple):
    """Nothing holds unless a word or number is one of `members`, or a set has one of them."""

    value: Value
    members: tuple[int | str, ...]


class Compiled(NamedTuple):
    """A condition or a tree of them. `required` are parts without which it cannot hold."""

    test: Test
    sensitivities: tuple[Sensitivity, ...]
    required: tuple[Required, ...] = ()


def until_next(facts: Facts, today: int) -> int | None:
    """Days until the contact changes segment if silent; None where it stays."""
    day = facts.next_segment_day
    return None if day is None else max(0, day - today)


def everyone() -> Compiled:
    """True of every contact."""
    return Compiled(lambda _facts, _today: True, ())


def exists(value: Value) -> Compiled:
    """There is a value; for sets, at least one."""
    read = READERS[value]

    def test(facts: Facts, today: int) -> bool:
        found = read(facts, today)
        return found is not None and found != ()

    return Compiled(test, (Sensitivity(value),))


def one_of(value: Value, wanted: Sequence[str]) -> Compiled:
    """A text is among others."""
    read, among = READERS[value], frozenset(wanted)
    return _one_of(lambda facts, today: read(facts, today) in among, value, tuple(wanted))


def has(value: Value, member: str) -> Compiled:
    """A set holds a member."""
    read = READERS[value]
    return _one_of(lambda facts, today: member in read(facts, today), value, (member,))


def within(value: Value, low: int | None, high: int | None) -> Compiled:
    """A number lies between two others, both included; None leaves a side open."""
    read = READERS[value]
    lows = () if low is None else (low,)
    highs = () if high is None else (high + 1,)

    def test(facts: Facts, today: int) -> bool:
        found = read(facts, today)
        return found is not None and (low is None or found >= low) and (high is None or found <= high)

    return Compiled(test, (Sensitivity(value, lows, highs),))


def numbers(value: Value, wanted: Sequence[int]) -> Compiled:
    """A number is among others."""
    read, among = READERS[value], frozenset(wanted)
    return _one_of(lambda facts, today: read(facts, today) in among, value, tuple(sorted(among)))


def _one_of(test: Test, value: Value, members: tuple[int | str, ...]) -> Compiled:
    return Compiled(test, (Sensitivity(value, members=members),), (Required(value, members),))


def negated(part: Compiled) -> Compiled:
    """The exact opposite."""
    return Compiled(lambda facts, today: not part.test(facts, today), part.sensitivities)


def every(parts: Sequence[Compiled]) -> Compiled:
    """All parts hold."""
    if len(parts) == 1:
        return parts[0]
    tests = tuple(part.test for part in parts)
    return Compiled(
        lambda facts, today: all(test(facts, today) for test in tests),
        _merged(parts),
        tuple(one for part in parts for one in part.required),
    )


def some(parts: Sequence[Compiled]) -> Compiled:
    """At least one part holds."""
    if len(parts) == 1:
        return parts[0]
    tests = tuple(part.test for part in parts)
    return Compiled(lambda facts, today: any(test(facts, today) for test in tests), _merged(parts))


def _merged(parts: Iterable[Compiled]) -> tuple[Sensitivity, ...]:
    return tuple(dict.fromkeys(one for part in parts for one in part.sensitivities))
