"""What an account has defined, as a rehearsal takes it: everything as it is now, since the beginning."""

from collections.abc import Mapping
from typing import Any

import structlog

from schemas.automation import Automation, Messaging, Status, TriggerKind
from schemas.automation_json import InvalidAutomation, parse_automation, parse_messaging
from schemas.rehearsal import Setting
from schemas.rule_json import InvalidRule, parse_rule
from schemas.rules import Group
from streams.automations.core import Book
from streams.automations.index import Index
from streams.automations.plan import Plan
from streams.definitions.plans import UnknownRule, compile_plan, limits_of
from streams.rfm.account import Account, model_from_body

_VERSION = 1
_log = structlog.get_logger()


class Told:
    """Definitions for `streams.agents.clockwork`: one account, and the silences its automations wait for."""

    def __init__(self, account: Account, setting: Setting, since_ms: int) -> None:
        self._accounts = {account.id: account}
        silences = {
            made.trigger.days
            for made in automations_of(setting).values()
            if made.trigger.kind is TriggerKind.SILENCE
        }
        self._asked = tuple((days, since_ms) for days in sorted(silences))

    @property
    def next_offset(self) -> int:
        """Nothing is edited."""
        return 0

    @property
    def accounts(self) -> Mapping[str, Account]:
        """The one there is."""
        return self._accounts

    def milestones(self, account_id: str, /) -> tuple[tuple[int, int], ...]:
        """(days, since when)."""
        return self._asked if account_id in self._accounts else ()


def account_of(setting: Setting) -> Account:
    """The account under the model of the setting; ValueError for one that cannot be."""
    model = setting.model
    published = model_from_body(str(setting.account["currency"]), model) if model is not None else None
    return Account.from_body(setting.account_id, setting.account, published)


def book_of(account: Account, setting: Setting, since_ms: int) -> Book:
    """Its automations as plans, active since the beginning; those that cannot run are left out."""
    rules = _rules(setting.rules)
    found = (_plan(id_, made, since_ms, rules) for id_, made in automations_of(setting).items())
    plans = {plan.id: plan for plan in found if plan is not None}
    versions = {(plan.id, plan.version): plan for plan in plans.values()}
    limits = limits_of(_messaging(setting.messaging), account.horizon_ms, (0, setting.share))
    return Book(account.calendar, limits, plans, versions, Index(plans.values()))


def automations_of(setting: Setting) -> dict[str, Automation]:
    """The automations that can run by themselves, as active."""
    found = {}
    for id_, body in setting.automations.items():
        try:
            made = parse_automation({**body, "status": Status.ACTIVE.value})
        except InvalidAutomation:
            continue
        if made.trigger.kind is not TriggerKind.MANUAL:
            found[id_] = made
    return found


def _plan(id_: str, made: Automation, since_ms: int, rules: Mapping[str, Group]) -> Plan | None:
    try:
        return compile_plan(made, id_, _VERSION, since_ms, rules.get)
    except UnknownRule as error:
        _log.warning("automation_not_rehearsed", automation=id_, error=str(error))
        return None


def _rules(bodies: Mapping[str, Mapping[str, Any]]) -> dict[str, Group]:
    found = {}
    for id_, body in bodies.items():
        try:
            found[id_] = parse_rule(body.get("rule"))
        except InvalidRule as error:
            _log.warning("rule_not_rehearsed", rule=id_, error=str(error))
    return found


def _messaging(body: Mapping[str, Any] | None) -> Messaging:
    try:
        return parse_messaging(body) if body is not None else Messaging()
    except InvalidAutomation:
        return Messaging()
