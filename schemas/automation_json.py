"""Automations from JSON: complete ones as `schemas.automation.Automation`, others as a list of what to do."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.automation import (
    Audience,
    Automation,
    Exit,
    Messaging,
    Reentry,
    SendStatus,
    Status,
    Trigger,
    TriggerKind,
)
from schemas.automation_steps import read_steps
from schemas.fields import Reader
from schemas.records import Cause, Segment
from schemas.rule_json import Problem
from schemas.rules import Group

GROUPS = ("all", "best_customers", "have_potential", "priority_attention")
FIRING = (Cause.ORDER, Cause.AMENDMENT, Cause.INTERACTION, Cause.DECAY)
MOST_DAYS = 3650
DEFAULT_DAYS = 30
MOST_HOLDOUT = 50


class InvalidAutomation(ValueError):
    """It cannot run as it is; `problems` says what to do, place by place."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{p.path}: {p.advice}" for p in problems))
        self.problems = tuple(problems)


def parse_automation(body: Mapping[str, Any]) -> Automation:
    """A complete automation; InvalidAutomation names everything that is missing or wrong."""
    reader = Reader(body)
    made = Automation(
        name=reader.text("name", 120),
        status=Status(reader.choice("status", tuple(Status), Status.DRAFT)),
        audience=_audience(reader.inner("audience")),
        trigger=_trigger(reader.inner("trigger")),
        steps=read_steps(reader, "steps"),
        reentry=Reentry(reader.inner("reentry").choice("kind", tuple(Reentry), _default_reentry(body))),
        reentry_days=reader.inner("reentry").whole("days", 1, MOST_DAYS, DEFAULT_DAYS),
        exit=Exit(reader.choice("exit", tuple(Exit), Exit.CONDITION_ENDS)),
        exit_on_purchase=reader.flag("exit_on_purchase", default=True),
        holdout_percent=reader.whole("holdout_percent", 0, MOST_HOLDOUT, 0),
        specialist=reader.flag("specialist", default=False),
    )
    if reader.problems:
        raise InvalidAutomation(reader.problems)
    return made


def parse_send(body: Mapping[str, Any]) -> Automation:
    """A manual send as an automation of trigger `manual`; a stopped one is paused. InvalidAutomation."""
    reader = Reader(body)
    status = reader.choice("status", tuple(SendStatus), SendStatus.CONFIRMED)
    made = Automation(
        name=reader.text("name", 120),
        status=Status.ACTIVE if status == SendStatus.CONFIRMED else Status.PAUSED,
        audience=_audience(reader.inner("audience")),
        trigger=Trigger(TriggerKind.MANUAL),
        steps=read_steps(reader, "steps"),
        reentry=Reentry.NEVER,
        reentry_days=DEFAULT_DAYS,
        exit=Exit.NEVER,
        exit_on_purchase=False,
        holdout_percent=reader.whole("holdout_percent", 0, MOST_HOLDOUT, 0),
    )
    if reader.problems:
        raise InvalidAutomation(reader.problems)
    return made


def parse_messaging(body: Mapping[str, Any]) -> Messaging:
    """Settings of an account's messages; InvalidAutomation."""
    reader, plain = Reader(body), Messaging()
    made = Messaging(
        legal_basis=reader.optional_text("legal_basis", 500),
        quiet_from=reader.whole("quiet_from", 0, 23, plain.quiet_from),
        quiet_to=reader.whole("quiet_to", 0, 23, plain.quiet_to),
        contact_cap=reader.whole("contact_cap", 0, 1_000, plain.contact_cap),
        account_cap=reader.whole("account_cap", 0, 1 << 31, 0)
        if body.get("account_cap") is not None
        else None,
    )
    if reader.problems:
        raise InvalidAutomation(reader.problems)
    return made


def problems_of(body: Mapping[str, Any]) -> tuple[Problem, ...]:
    """What is to be done before the automation can be activated; empty if nothing."""
    try:
        parse_automation(body)
    except InvalidAutomation as invalid:
        return invalid.problems
    return ()


def _default_reentry(body: Mapping[str, Any]) -> Reentry:
    trigger = body.get("trigger")
    silence = isinstance(trigger, Mapping) and trigger.get("kind") == TriggerKind.SILENCE
    return Reentry.ALWAYS if silence else Reentry.AFTER


def _audience(reader: Reader) -> Audience:
    return Audience(
        of=reader.choice("of", (*GROUPS, *Segment), "all"),
        origin=reader.optional_text("origin", 200),
        rule=reader.rule("rule"),
        rule_id=reader.optional_text("rule_id", 64),
    )


def _trigger(reader: Reader) -> Trigger:
    found = reader.choice("kind", tuple(TriggerKind), "")
    if not found:
        return Trigger(TriggerKind.MANUAL)
    kind = TriggerKind(found)
    match kind:
        case TriggerKind.SEGMENT_ENTERED | TriggerKind.SEGMENT_LEFT:
            return _segment_trigger(reader, kind)
        case TriggerKind.SILENCE:
            return Trigger(kind, days=reader.whole("days", 1, MOST_DAYS, None))
        case TriggerKind.RULE:
            return _rule_trigger(reader)
        case TriggerKind.SENTIMENT:
            chosen = reader.choice("sentiment", ("negative", "positive", "neutral"), "")
            return Trigger(kind, sentiment=chosen)
        case TriggerKind.FORECAST:
            segments = reader.choices("segments", tuple(Segment))
            return Trigger(kind, segments=segments, days=reader.whole("days", 1, 365, None))
    return Trigger(kind)


def _segment_trigger(reader: Reader, kind: TriggerKind) -> Trigger:
    segments = reader.choices("segments", tuple(Segment))
    if not reader.items("segments"):
        reader.problem("segments", "choose at least one segment")
    other = reader.choices("from" if kind is TriggerKind.SEGMENT_ENTERED else "to", tuple(Segment))
    return Trigger(kind, segments, other, reader.choices("causes", tuple(FIRING)))


def _rule_trigger(reader: Reader) -> Trigger:
    rule: Group | None = reader.rule("rule")
    rule_id = reader.optional_text("rule_id", 64)
    if rule_id is None and not reader.has("rule"):
        reader.problem("rule", "choose a rule, or add conditions")
    return Trigger(TriggerKind.RULE, rule=rule, rule_id=rule_id)
