"""Who an automation or a manual send is for: one rule over profiles, counted and looked at."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.automation import Audience
from schemas.automation_json import InvalidAutomation, parse_send
from schemas.rule_json import Problem
from schemas.rules import Combinator, Condition, Field, Group, Operator
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.groups import segments_of
from sinks.rules.sql import RuleSql, to_sql

Saved = Callable[[str], Group | None]
"""A saved rule by its id, as it is now."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How many match now, and how many of them have not agreed to each channel."""

    contacts: int
    without_consent: Mapping[str, int]


def audience_of(body: Mapping[str, Any]) -> Audience:
    """The audience of a body that may lack everything else. InvalidAutomation."""
    return parse_send(
        {"name": "-", "audience": body.get("audience"), "steps": [{"kind": "nothing"}]}
    ).audience


def rule_of(audience: Audience, saved: Saved) -> Group | None:
    """The audience as one rule; None is everybody. InvalidAutomation if it names a rule that is not there."""
    parts: list[Condition | Group] = []
    if audience.of != "all":
        segments = tuple(segment.value for segment in segments_of(audience.of))
        parts.append(Condition(Field.SEGMENT, Operator.IN, segments))
    if audience.origin is not None:
        parts.append(Condition(Field.ORIGIN, Operator.EQUAL, (audience.origin,)))
    if audience.rule is not None:
        parts.append(audience.rule)
    if audience.rule_id is not None:
        parts.append(_saved(audience.rule_id, saved))
    return Group(Combinator.AND, negated=False, members=tuple(parts)) if parts else None


def where(rule: Group | None, today: date) -> RuleSql:
    """The rule as a condition of a query; everybody matches None."""
    return to_sql(rule, today) if rule is not None else RuleSql("1", {"today": today})


def read_reach(
    queries: Queries, account_id: str, rule: Group | None, channels: Sequence[str], today: date
) -> Reach:
    """Count them as of now."""
    sql = where(rule, today)
    [found] = queries.rows_where(
        "audience_reach", account_id, sql.text, channels=list(channels), **sql.parameters
    )
    without = found["without_consent"] or [0] * len(channels)
    return Reach(int(found["contacts"]), dict(zip(channels, map(int, without), strict=True)))


def read_sample(
    queries: Queries, account_id: str, rule: Group | None, channel: str, today: date
) -> Mapping[str, Any] | None:
    """One of them, rather one who agreed to the channel; None if nobody matches."""
    sql = where(rule, today)
    found = queries.rows_where("audience_sample", account_id, sql.text, channel=channel, **sql.parameters)
    return found[0] if found else None


def _saved(rule_id: str, saved: Saved) -> Group:
    found = saved(rule_id)
    if found is None:
        raise InvalidAutomation(
            [Problem("audience.rule_id", f"there is no rule {rule_id}: choose another one")]
        )
    return found
