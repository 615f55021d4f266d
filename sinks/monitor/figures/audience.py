"""Who an automation or a manual send is for: one rule over profiles, counted and looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.automation import Audience
from schemas.automation_json import InvalidAutomation, parse_send
from schemas.rule_json import Problem, rule_json
from schemas.rules import Combinator, Group
from sinks.clickhouse.queries import Queries
from sinks.rules.audience import Rules, UnknownRule, audience_rule
from sinks.rules.sql import to_sql


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


def rule_of(audience: Audience, saved: Rules) -> Group:
    """The audience as one rule. InvalidAutomation if it names a rule that is not there."""
    try:
        return audience_rule(audience, saved)
    except UnknownRule as unknown:
        advice = f"there is no rule {unknown}: choose another one"
        raise InvalidAutomation([Problem("audience.rule_id", advice)]) from unknown


def written_out(audience: Audience, saved: Rules) -> dict[str, Any]:
    """The audience with a saved rule written out, so that no later edit of it changes who is meant."""
    found = saved(audience.rule_id) if audience.rule_id is not None else None
    rules = tuple(one for one in (audience.rule, found) if one is not None)
    if not rules:
        return {"of": audience.of, "origin": audience.origin, "rule": None}
    whole = rules[0] if len(rules) == 1 else Group(Combinator.AND, negated=False, members=rules)
    return {"of": audience.of, "origin": audience.origin, "rule": rule_json(whole)}


def read_reach(queries: Queries, account_id: str, rule: Group, channels: Sequence[str], today: date) -> Reach:
    """Count them as of now."""
    sql = to_sql(rule, today)
    [found] = queries.rows_where(
        "audience_reach", account_id, sql.text, channels=list(channels), **sql.parameters
    )
    without = found["without_consent"] or [0] * len(channels)
    return Reach(int(found["contacts"]), dict(zip(channels, map(int, without), strict=True)))


def read_sample(
    queries: Queries, account_id: str, rule: Group, channel: str, today: date
) -> Mapping[str, Any] | None:
    """One of them, rather one who agreed to the channel; None if nobody matches."""
    sql = to_sql(rule, today)
    found = queries.rows_where("audience_sample", account_id, sql.text, channel=channel, **sql.parameters)
    return found[0] if found else None
