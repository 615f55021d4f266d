"""Automations and manual sends as plans of the core."""

from collections.abc import Callable, Sequence

from schemas import automation as body
from schemas.automation import Automation, Messaging, Status, TriggerKind
from schemas.records import Segment
from schemas.rules import Combinator as Join
from schemas.rules import Condition as Ask
from schemas.rules import Field, Group
from schemas.rules import Operator as Is
from streams.automations import conditions as core
from streams.automations.conditions import Compiled, Value
from streams.automations.plan import (
    Act,
    Again,
    AwaitPurchase,
    Check,
    DoNothing,
    Instruction,
    Jump,
    Limits,
    On,
    Pause,
    Plan,
    Send,
    SetTag,
    Source,
    Split,
    SplitArm,
    Trigger,
)
from streams.definitions.rules import compile_rule
from streams.rfm.calendar import DAY_MS
from streams.rfm.segments import GROUPS
from streams.rfm.segments import Group as Card

Rules = Callable[[str], Group | None]
"""A saved rule by its id, as it is now."""


class UnknownRule(ValueError):
    """An automation names a rule that is not there: choose another one."""


def compile_plan(made: Automation, id_: str, version: int, since_ms: int, rules: Rules) -> Plan:
    """The plan of an automation; UnknownRule."""
    manual = made.trigger.kind is TriggerKind.MANUAL
    trigger, allowed = _trigger(made.trigger, rules), audience(made.audience, rules)
    return Plan(
        id=id_,
        version=version,
        source=Source.SEND if manual else Source.AUTOMATION,
        active=made.status is Status.ACTIVE,
        since_ms=since_ms,
        trigger=trigger,
        audience=allowed.test,
        code=compile_steps(made.steps),
        again=Again(made.reentry.value),
        again_ms=made.reentry_days * DAY_MS,
        leaves_when_ended=made.exit is body.Exit.CONDITION_ENDS,
        leaves_on_purchase=made.exit_on_purchase,
        holdout_percent=made.holdout_percent,
        required=(*allowed.required, *(trigger.rule.required if trigger.rule is not None else ())),
    )


def limits_of(messaging: Messaging, horizon_ms: int, share: tuple[int, int]) -> Limits:
    """Limits of an account in partition `share[0]` of `share[1]`: shares of the cap add up to the cap."""
    partition, partitions = share
    cap = messaging.account_cap
    return Limits(
        any_consent=messaging.legal_basis is not None,
        quiet_from=messaging.quiet_from,
        quiet_to=messaging.quiet_to,
        contact_cap=messaging.contact_cap,
        account_cap=None if cap is None else cap // partitions + (partition < cap % partitions),
        horizon_ms=horizon_ms,
    )


def audience(of: body.Audience, rules: Rules) -> Compiled:
    """Who may enter, as a condition; UnknownRule."""
    parts: list[Compiled] = []
    if of.of != "all":
        parts.append(core.one_of(Value.SEGMENT, _segments(of.of)))
    if of.origin is not None:
        parts.append(core.one_of(Value.ORIGIN, [of.origin]))
    if of.rule is not None:
        parts.append(compile_rule(of.rule))
    if of.rule_id is not None:
        parts.append(compile_rule(_saved(of.rule_id, rules)))
    return core.every(parts) if parts else core.everyone()


def compile_steps(steps: Sequence[body.Step]) -> tuple[Instruction, ...]:
    """Steps as instructions."""
    code: list[Instruction] = []
    _append(steps, "", code)
    return tuple(code)


def _append(steps: Sequence[body.Step], path: str, code: list[Instruction]) -> None:
    for number, step in enumerate(steps, start=1):
        here = f"{path}{number}"
        match step:
            case body.Branch():
                _append_branch(step, here, code)
            case body.Split():
                _append_split(step, here, code)
            case body.Wait():
                code.append(Pause(step.ms))
            case body.WaitForPurchase():
                _append_wait(step, here, code)
            case body.Message():
                code.append(Act(here, Send(step.endpoint, step.channel, step.template)))
            case body.Tag():
                code.append(Act(here, SetTag(step.tag)))
            case body.Nothing():
                code.append(Act(here, DoNothing()))


def _append_branch(step: body.Branch, path: str, code: list[Instruction]) -> None:
    at = len(code)
    code.append(Jump(at))
    ends: list[int] = []
    targets = []
    for number, (rule, inner) in enumerate(step.paths, start=1):
        targets.append((compile_rule(rule).test, len(code)))
        _append(inner, f"{path}.{number}.", code)
        ends.append(len(code))
        code.append(Jump(at))
    otherwise = len(code)
    _append(step.otherwise, f"{path}.else.", code)
    code[at] = Check(tuple(targets), otherwise)
    for end in ends:
        code[end] = Jump(len(code))


def _append_split(step: body.Split, path: str, code: list[Instruction]) -> None:
    at = len(code)
    code.append(Jump(at))
    ends: list[int] = []
    arms = []
    for number, arm in enumerate(step.arms, start=1):
        arms.append(SplitArm(arm.name, arm.weight, len(code)))
        _append(arm.steps, f"{path}.{number}.", code)
        ends.append(len(code))
        code.append(Jump(at))
    code[at] = Split(path, step.name, tuple(arms))
    for end in ends:
        code[end] = Jump(len(code))


def _append_wait(step: body.WaitForPurchase, path: str, code: list[Instruction]) -> None:
    at = len(code)
    code.append(Jump(at))
    bought = len(code)
    _append(step.bought, f"{path}.bought.", code)
    end = len(code)
    code.append(Jump(at))
    silent = len(code)
    _append(step.silent, f"{path}.silent.", code)
    code[at] = AwaitPurchase(step.ms, bought, silent)
    code[end] = Jump(len(code))


def _trigger(given: body.Trigger, rules: Rules) -> Trigger:
    segments = frozenset(given.segments)
    other, causes = frozenset(given.other), frozenset(given.causes)
    inside = core.one_of(Value.SEGMENT, sorted(segments))
    match given.kind:
        case TriggerKind.SEGMENT_ENTERED:
            return Trigger(On.ENTERED, inside.test, segments, other, causes)
        case TriggerKind.SEGMENT_LEFT:
            return Trigger(On.LEFT, core.negated(inside).test, segments, other, causes)
        case TriggerKind.SILENCE:
            return Trigger(On.SILENCE, core.everyone().test, days=given.days)
        case TriggerKind.MANUAL:
            return Trigger(On.MANUAL, core.everyone().test)
    rule = compile_rule(_rule_of(given, rules))
    return Trigger(On.RULE, rule.test, rule=rule)


def _rule_of(given: body.Trigger, rules: Rules) -> Group:
    """The rule whose becoming true is the trigger; both a saved one and one of its own must hold."""
    if given.kind is TriggerKind.SENTIMENT:
        return _all(Ask(Field.SENTIMENT, Is.EQUAL, (given.sentiment,)))
    if given.kind is TriggerKind.FORECAST:
        soon = Ask(Field.DAYS_UNTIL_NEXT_SEGMENT, Is.AT_MOST, (given.days,))
        return _all(soon, Ask(Field.NEXT_SEGMENT, Is.IN, given.segments)) if given.segments else _all(soon)
    parts = [given.rule] if given.rule is not None else []
    if given.rule_id is not None:
        parts.append(_saved(given.rule_id, rules))
    return _all(*parts)


def _all(*members: Ask | Group) -> Group:
    return Group(Join.AND, negated=False, members=members)


def _saved(rule_id: str, rules: Rules) -> Group:
    found = rules(rule_id)
    if found is None:
        raise UnknownRule(f"the rule {rule_id} is not there: choose another one")
    return found


def _segments(of: str) -> list[str]:
    return [segment.value for segment in GROUPS[Card(of)]] if of in tuple(Card) else [Segment(of).value]
