"""An audience as one rule: the same contacts that the automations' core lets in, counted and listed here."""

from collections.abc import Callable

from schemas.automation import Audience
from schemas.records import Segment
from schemas.rules import Combinator, Condition, Field, Group, Operator
from sinks.clickhouse.report import GROUPS

Rules = Callable[[str], Group | None]
"""A saved rule by its id, as it is now."""


class UnknownRule(ValueError):
    """The audience names a rule that is not there."""


def audience_rule(audience: Audience, rules: Rules) -> Group:
    """Everybody of a group or segment, of an origin, who matches the rules; UnknownRule."""
    members: list[Condition | Group] = [Condition(Field.SEGMENT, Operator.IN, segments_of(audience.of))]
    if audience.origin is not None:
        members.append(Condition(Field.ORIGIN, Operator.EQUAL, (audience.origin,)))
    if audience.rule is not None:
        members.append(audience.rule)
    if audience.rule_id is not None:
        saved = rules(audience.rule_id)
        if saved is None:
            raise UnknownRule(audience.rule_id)
        members.append(saved)
    return Group(Combinator.AND, negated=False, members=tuple(members))


def segments_of(of: str) -> tuple[str, ...]:
    """Names of the segments of a group, of a segment, or of `all`; ValueError for none of them."""
    if of == "all":
        return tuple(segment.value for segment in Segment)
    for name, segments in GROUPS.items():
        if str(name) == of:
            return tuple(segment.value for segment in segments)
    return (Segment(of).value,)
