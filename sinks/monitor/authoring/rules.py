"""Segmentation rules of an account (B3-B5): read by everybody, written by its Administrators.

The definition's body: `name`, and `rule` as react-querybuilder's JSON.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from schemas.automation import AUTOMATION, RULE, SEND
from schemas.definitions import Definition
from schemas.rule_json import InvalidRule, parse_rule, rule_json
from schemas.rule_json import Problem as Fault
from schemas.rules import Group, is_dated
from sinks.monitor.api.context import Asked
from sinks.monitor.authoring.fields import mapping
from sinks.monitor.authoring.saving import Kept, all_of, found, keep, new_id
from sinks.monitor.problems import Problem
from sinks.rules.members import count_members

LONGEST_NAME = 120
_SENDS_LAST = timedelta(days=30)
"""So long a manual send may still ask for its rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A saved rule. `group` is None if it can no longer be read; `dated`: it changes as days pass."""

    id: str
    version: int
    name: str
    group: Group | None
    author: str
    at_ms: int

    @property
    def dated(self) -> bool:
        """Whether membership changes with time alone."""
        return self.group is not None and is_dated(self.group)

    @property
    def body(self) -> dict[str, Any]:
        """As react-querybuilder's JSON."""
        return rule_json(self.group) if self.group else {"combinator": "and", "not": False, "rules": []}


@dataclass(frozen=True, slots=True)
class User:
    """An automation or manual send that uses a rule."""

    kind: str
    id: str
    name: str


def rules_of(ask: Asked) -> list[Rule]:
    """Every rule of the account, the one changed last first."""
    return [_rule(one) for one in all_of(ask, RULE)]


def rule_of(ask: Asked, rule_id: str) -> Rule:
    """One rule; NotFound."""
    return _rule(found(ask, RULE, rule_id))


def groups_of(ask: Asked) -> dict[str, Group]:
    """Rules that can be evaluated, by id."""
    return {one.id: one.group for one in rules_of(ask) if one.group is not None}


def save_rule(
    ask: Asked, rule_id: str | None, base: int, name: str, rule: Mapping[str, Any], address: str
) -> tuple[str, int]:
    """Id and version of a rule that was saved; InvalidRule, Conflict. Without an id it is a new one."""
    if rule_id is not None:
        found(ask, RULE, rule_id)
    faults = [] if name.strip() else [Fault("name", "fill it in")]
    try:
        body = rule_json(parse_rule(rule))
    except InvalidRule as invalid:
        raise InvalidRule([*faults, *under(invalid, "rule")]) from None
    if faults:
        raise InvalidRule(faults)
    chosen = rule_id or new_id(ask, RULE)
    kept = {"name": name.strip()[:LONGEST_NAME], "rule": body}
    return chosen, keep(ask, Kept(RULE, chosen, base, kept), address)


def remove_rule(ask: Asked, rule_id: str, base: int, address: str) -> None:
    """Remove a rule; Problem 409 while something uses it, Conflict."""
    found(ask, RULE, rule_id)
    users = users_of(ask, rule_id)
    if users:
        raise Problem(
            409, "the rule is in use", used_by=[{"kind": u.kind, "id": u.id, "name": u.name} for u in users]
        )
    keep(ask, Kept(RULE, rule_id, base, None), address)


def users_of(ask: Asked, rule_id: str) -> list[User]:
    """Automations that name a rule, and manual sends of the last days that do."""
    oldest_ms = int((ask.now - _SENDS_LAST).timestamp() * 1000)
    sends = [one for one in all_of(ask, SEND) if one.at_ms >= oldest_ms]
    return [
        User(one.kind, one.id, str(one.body.get("name") or ""))
        for one in [*all_of(ask, AUTOMATION), *sends]
        if rule_id in _named(one.body)
    ]


def count_rule(ask: Asked, group: Group) -> int:
    """How many contacts match now."""
    return count_members(ask.queries, ask.account_id, group, ask.today)


def under(invalid: InvalidRule, name: str) -> list[Fault]:
    """Its problems, at their place in the whole."""
    return [Fault(f"{name}.{one.path}" if one.path else name, one.advice) for one in invalid.problems]


def _named(body: Mapping[str, Any]) -> Iterator[Any]:
    for part in ("audience", "trigger"):
        yield mapping(body.get(part)).get("rule_id")


def _rule(definition: Definition) -> Rule:
    try:
        group: Group | None = parse_rule(definition.body.get("rule"))
    except InvalidRule:
        group = None
    name = str(definition.body.get("name") or "")
    return Rule(definition.id, definition.version, name, group, definition.author, definition.at_ms)
