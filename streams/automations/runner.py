"""The steps: from where a contact stands on until it waits, is held back, or has reached the end."""

from collections.abc import Mapping

from streams.automations.facts import Calendar, Facts
from streams.automations.guards import Quota, arm_of, quiet_until_ms, recent, refusal
from streams.automations.plan import (
    Act,
    Action,
    AwaitPurchase,
    Check,
    DoNothing,
    Jump,
    Limits,
    On,
    Pause,
    Plan,
    Send,
    SetTag,
    Source,
    Split,
)
from streams.automations.visits import ContactState, Decision, Kind, Reason, Sent, Visit


class Runner:
    """Runs visits of one contact; decisions are appended as they are made."""

    __slots__ = ("_calendar", "_contact_id", "_current", "_decisions", "_limits", "_quota", "_versions")

    def __init__(
        self,
        contact_id: str,
        decisions: list[Decision],
        versions: Mapping[tuple[str, int], Plan],
        current: Mapping[str, Plan],
        limits: Limits,
        calendar: Calendar,
        quota: Quota,
    ) -> None:
        self._contact_id = contact_id
        self._decisions = decisions
        self._versions = versions
        self._current = current
        self._limits = limits
        self._calendar = calendar
        self._quota = quota

    def run(self, state: ContactState, visit: Visit, facts: Facts, today: int, now_ms: int) -> ContactState:
        """Go on from `visit.at`; the state with the visit where it came to stand."""
        plan = self._versions[visit.automation_id, visit.version]
        began = visit.entered_at_ms == now_ms and visit.at == 0
        while visit.at < len(plan.code):
            instruction = plan.code[visit.at]
            match instruction:
                case Check() | Split() | Jump():
                    visit = self._led(visit, instruction, facts, today, now_ms)
                case Pause():
                    return state.with_visit(visit._replace(due_ms=now_ms + instruction.ms))
                case AwaitPurchase():
                    due_ms = now_ms + instruction.ms
                    return state.with_visit(_marked(visit, facts)._replace(due_ms=due_ms))
                case Act():
                    quiet_ms = self._quiet_until_ms(instruction, visit, facts, now_ms)
                    if quiet_ms is not None:
                        self.tell(visit, Kind.DEFERRED, Reason.QUIET_HOURS, quiet_ms, instruction.step)
                        return state.with_visit(visit._replace(due_ms=quiet_ms, deferred=True))
                    state = self._act(state, visit, instruction, facts, today, now_ms)
                    visit = visit._replace(at=visit.at + 1, deferred=False)
        if visit.due_ms is not None or visit.deferred:
            visit = visit._replace(due_ms=None, deferred=False)
        if not began:
            self.tell(visit, Kind.EXITED, Reason.COMPLETED, now_ms)
        return state.with_visit(visit)

    def resume(
        self, state: ContactState, visit: Visit, facts: Facts, today: int, now_ms: int
    ) -> ContactState:
        """What the contact waited for has come, or quiet hours are over."""
        reason = self._leaving(visit, facts, today)
        if reason is not None:
            return state.with_visit(self.leave(visit, reason, now_ms))
        instruction = self._instruction(visit)
        awake = visit._replace(due_ms=None)
        if isinstance(instruction, Pause):
            awake = awake._replace(at=visit.at + 1)
        elif isinstance(instruction, AwaitPurchase):
            awake = awake._replace(at=instruction.silent)
        return self.run(state, awake, facts, today, now_ms)

    def reconsider(
        self, state: ContactState, visit: Visit, facts: Facts, today: int, now_ms: int
    ) -> ContactState:
        """The contact's facts changed while it was inside."""
        instruction = self._instruction(visit)
        if isinstance(instruction, AwaitPurchase) and visit.bought(facts):
            went_on = _marked(visit, facts)._replace(at=instruction.bought, due_ms=None)
            return self.run(state, went_on, facts, today, now_ms)
        reason = self._leaving(visit, facts, today)
        return state if reason is None else state.with_visit(self.leave(visit, reason, now_ms))

    def leave(self, visit: Visit, reason: Reason, now_ms: int) -> Visit:
        """The visit is over before the last step."""
        self.tell(visit, Kind.EXITED, reason, now_ms)
        return visit._replace(due_ms=None, deferred=False)

    def tell(self, visit: Visit, kind: Kind, reason: Reason | None, due_ms: int, step: str = "") -> None:
        """Decide something that is no action."""
        self._decisions.append(self._decision(visit, kind, reason, due_ms, step))

    def _led(
        self, visit: Visit, instruction: Check | Split | Jump, facts: Facts, today: int, now_ms: int
    ) -> Visit:
        match instruction:
            case Check():
                return visit._replace(at=_chosen(instruction, facts, today))
            case Split():
                return self._assigned(visit, instruction, now_ms)
        return visit._replace(at=instruction.to)

    def _assigned(self, visit: Visit, split: Split, now_ms: int) -> Visit:
        """The holdout gets an arm too, so that every arm has those to be compared with."""
        arm = arm_of(visit.automation_id, split.name, self._contact_id, split.arms)
        decision = self._decision(visit, Kind.ASSIGNED, None, now_ms, split.step)
        self._decisions.append(decision._replace(split=split.name, split_arm=arm.name))
        return visit._replace(at=arm.at)

    def _instruction(self, visit: Visit) -> object:
        plan = self._versions.get((visit.automation_id, visit.version))
        return plan.code[visit.at] if plan is not None and visit.at < len(plan.code) else None

    def _leaving(self, visit: Visit, facts: Facts, today: int) -> Reason | None:
        current = self._current.get(visit.automation_id)
        plan = self._versions.get((visit.automation_id, visit.version))
        if current is None or plan is None:
            return Reason.STOPPED
        if not current.active:
            return Reason.STOPPED if current.source is Source.SEND else Reason.PAUSED
        if plan.leaves_on_purchase and visit.bought(facts):
            return Reason.PURCHASED
        if (plan.leaves_when_ended or visit.deferred) and not _holds(plan, visit, facts, today):
            return Reason.CONDITION_ENDED
        return None

    def _quiet_until_ms(self, act: Act, visit: Visit, facts: Facts, now_ms: int) -> int | None:
        """Only what could be sent now is held back."""
        if visit.holdout or not isinstance(act.action, Send) or act.action.channel is None:
            return None
        if not self._limits.any_consent and act.action.channel not in facts.consent:
            return None
        return quiet_until_ms(self._limits, self._calendar, now_ms)

    def _act(
        self, state: ContactState, visit: Visit, act: Act, facts: Facts, today: int, now_ms: int
    ) -> ContactState:
        action = act.action
        if visit.holdout or isinstance(action, DoNothing):
            self._decisions.append(self._decision(visit, Kind.NOTHING, None, now_ms, act.step))
        elif isinstance(action, SetTag):
            self._decisions.append(self._decision(visit, Kind.TAG, None, now_ms, act.step, action, facts))
        elif action.channel is None:
            self._webhook(visit, act, facts, now_ms)
        else:
            return self._message(state, visit, act, action.channel, facts, today, now_ms)
        return state

    def _message(
        self,
        state: ContactState,
        visit: Visit,
        act: Act,
        channel: str,
        facts: Facts,
        today: int,
        now_ms: int,
    ) -> ContactState:
        sent = recent(state.sent, now_ms)
        refused = refusal(channel, facts, self._limits, sent, self._quota, today)
        if refused is not None:
            self.tell(visit, Kind.SUPPRESSED, refused, now_ms, act.step)
            return state._replace(sent=sent)
        self._webhook(visit, act, facts, now_ms)
        self._quota.count(today)
        return state._replace(sent=(*sent, Sent(now_ms, visit.automation_id, visit.visit, act.step)))

    def _webhook(self, visit: Visit, act: Act, facts: Facts, now_ms: int) -> None:
        self._decisions.append(self._decision(visit, Kind.WEBHOOK, None, now_ms, act.step, act.action, facts))

    def _decision(
        self,
        visit: Visit,
        kind: Kind,
        reason: Reason | None,
        due_ms: int,
        step: str,
        action: Action | None = None,
        facts: Facts | None = None,
    ) -> Decision:
        plan = self._versions.get((visit.automation_id, visit.version))
        return Decision(
            visit.automation_id,
            visit.version,
            plan.source if plan is not None else Source.AUTOMATION,
            visit.visit,
            step,
            kind,
            reason,
            visit.holdout,
            visit.cause_event_id,
            visit.triggered_at_ms,
            due_ms,
            action,
            facts,
        )


def _chosen(check: Check, facts: Facts, today: int) -> int:
    return next((at for test, at in check.paths if test(facts, today)), check.otherwise)


def _marked(visit: Visit, facts: Facts) -> Visit:
    """From now on, a purchase is one more than there are now."""
    return visit._replace(orders=facts.orders, last_day=facts.last_day)


def _holds(plan: Plan, visit: Visit, facts: Facts, today: int) -> bool:
    if plan.trigger.on is On.SILENCE:
        return not visit.bought(facts)
    return plan.trigger.holds(facts, today)
