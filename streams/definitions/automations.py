"""Automations, sends, rules and limits of every account, as definitions.v1 has them by now."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import structlog

from schemas.automation import AUTOMATION, MESSAGING, RULE, SEND, SETTINGS, Automation, Messaging, Status
from schemas.automation import TriggerKind as On
from schemas.automation_json import InvalidAutomation, parse_automation, parse_messaging, parse_send
from schemas.definitions import Definition
from schemas.rule_json import InvalidRule, parse_rule
from schemas.rules import Group
from streams.automations.core import Book
from streams.automations.index import Index
from streams.automations.plan import Plan, Source
from streams.definitions.accounts import Accounts
from streams.definitions.plans import UnknownRule, compile_plan, limits_of

_log = structlog.get_logger()


class _Version(NamedTuple):
    """A version that can run: what was defined, and since when the automation is active."""

    number: int
    made: Automation
    since_ms: int


@dataclass(slots=True)
class _Shelf:
    """What one account defined. `versions` by id, oldest first; a deleted definition leaves `current`."""

    versions: dict[str, list[_Version]] = field(default_factory=lambda: defaultdict(list))
    current: dict[str, _Version] = field(default_factory=dict)
    rules: dict[str, Group] = field(default_factory=dict)
    messaging: Messaging = field(default_factory=Messaging)


class Automations(Accounts):
    """Definitions in the form the automations' core needs. A body that makes no sense is passed over."""

    _shelves: dict[str, _Shelf]
    _revisions: dict[str, int]

    def start(self) -> None:
        """Read the log to its present end, then follow it."""
        self._shelves, self._revisions = defaultdict(_Shelf), defaultdict(int)
        super().start()

    def revision(self, account_id: str) -> int:
        """Grows with everything that `book` depends on."""
        return self._revisions.get(account_id, 0)

    def book(self, account_id: str, share: tuple[int, int]) -> Book:
        """Plans and limits for partition `share[0]` of `share[1]`; KeyError: there is no such account."""
        with self._lock:
            account, shelf = self.accounts[account_id], self._shelves.get(account_id) or _Shelf()
            plans = {
                (id_, one.number): plan
                for id_, versions in shelf.versions.items()
                for one in versions
                if (plan := _plan(id_, one, shelf.rules)) is not None
            }
            current = {
                id_: plans[id_, one.number]
                for id_, one in shelf.current.items()
                if (id_, one.number) in plans
            }
        limits = limits_of(shelf.messaging, account.horizon_ms, share)
        sends = tuple(plan for plan in current.values() if plan.source is Source.SEND and plan.active)
        return Book(account.calendar, limits, current, plans, Index(current.values()), sends)

    def on_accepted(self, account_id: str, kind: str) -> None:
        """Derive anew what an accepted edit touches."""
        super().on_accepted(account_id, kind)
        self._revisions[account_id] += 1
        shelf = self._shelves[account_id]
        if kind in (AUTOMATION, SEND):
            found = {one.id: one for one in self.of_kind(kind, account_id)}
            for id_ in [id_ for id_, one in shelf.current.items() if _kind(one) == kind and id_ not in found]:
                del shelf.current[id_]
            for definition in found.values():
                _put(shelf, definition)
        elif kind == RULE:
            shelf.rules = _rules(self.of_kind(RULE, account_id))
        elif kind == SETTINGS and (settings := self.get(account_id, SETTINGS, MESSAGING)) is not None:
            shelf.messaging = parse_messaging(settings.body)


def _put(shelf: _Shelf, definition: Definition) -> None:
    """Take a version, unless it is there already. One that cannot run ends the automation."""
    versions = shelf.versions[definition.id]
    if versions and versions[-1].number >= definition.version:
        return
    try:
        parse = parse_send if definition.kind == SEND else parse_automation
        made = parse(definition.body)
    except InvalidAutomation:
        shelf.current.pop(definition.id, None)
        return
    before = shelf.current.get(definition.id)
    active = before is not None and before.made.status is Status.ACTIVE
    since_ms = before.since_ms if before is not None and active else definition.at_ms
    shelf.current[definition.id] = _Version(definition.version, made, since_ms)
    versions.append(shelf.current[definition.id])


def _plan(id_: str, version: _Version, rules: Mapping[str, Group]) -> Plan | None:
    try:
        return compile_plan(version.made, id_, version.number, version.since_ms, rules.get)
    except UnknownRule as error:
        _log.error("automation_without_rule", automation=id_, error=str(error))
        return None


def _kind(version: _Version) -> str:
    return SEND if version.made.trigger.kind is On.MANUAL else AUTOMATION


def _rules(found: list[Definition]) -> dict[str, Group]:
    rules = {}
    for definition in found:
        try:
            rules[definition.id] = parse_rule(definition.body.get("rule"))
        except InvalidRule as error:
            _log.error("rule_ignored", rule=definition.id, error=str(error))
    return rules
