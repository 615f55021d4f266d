"""What the agent `automations` writes: actions, and where every contact stands."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from schemas.actions import Arm, VariableType, action_id
from schemas.cloudevents import block_headers
from schemas.codec import ENCODE_NATIVELY_FROM, Codec
from schemas.keys import contact_key
from schemas.records import Topic
from streams.automations.facts import Facts, Personal, age_days
from streams.automations.partition import Account, Decided
from streams.automations.plan import Send, SetTag
from streams.automations.visits import ContactState
from streams.engine.contract import Output
from streams.rfm.calendar import to_date

_SLICE = ENCODE_NATIVELY_FROM - 1


def write_actions(
    codec: Codec, decided: Sequence[Decided], accounts: dict[str, Account], currencies: dict[str, str]
) -> Output:
    """automation-actions.v1: one record a decision."""
    records = [_action(one, accounts[one.account_id], currencies[one.account_id]) for one in decided]
    columns = {name: [record[name] for record in records] for name in records[0]}
    keys = [contact_key(one.account_id, one.contact_id) for one in decided]
    told = block_headers(
        Topic.AUTOMATION_ACTIONS,
        columns["action_id"],
        columns["account_id"],
        columns["contact_id"],
        columns["triggered_at"],
    )
    return Output(Topic.AUTOMATION_ACTIONS, keys, _encoded(codec, "automation_action", columns), list(told))


def write_tags(codec: Codec, decided: Sequence[Decided]) -> list[Output]:
    """contacts.v1: the tags decided, as events that add them; the profiles that follow have them."""
    tagged = [(one, one.decision.action.tag) for one in decided if isinstance(one.decision.action, SetTag)]
    if not tagged:
        return []
    columns: dict[str, list[Any]] = {
        "event_id": [_id(one) for one, _ in tagged],
        "account_id": [one.account_id for one, _ in tagged],
        "contact_id": [one.contact_id for one, _ in tagged],
        "version": [0] * len(tagged),
        "updated_at": [one.decision.due_at_ms for one, _ in tagged],
        "add_tags": [[tag] for _, tag in tagged],
    }
    keys = [contact_key(one.account_id, one.contact_id) for one, _ in tagged]
    return [Output(Topic.CONTACTS, keys, _encoded(codec, "contact", columns))]


def _encoded(codec: Codec, name: str, columns: Mapping[str, list[Any]]) -> list[bytes | None]:
    """Lists of records cost more to make a native frame of than to write column by column."""
    rows = len(columns["account_id"])
    values: list[bytes | None] = []
    for start in range(0, rows, _SLICE):
        part = {field: column[start : start + _SLICE] for field, column in columns.items()}
        values += codec.encode_block(name, part)
    return values


def id_of(account_id: str, contact_id: str, automation_id: str, visit: str, step: str) -> str:
    """The action's id."""
    return action_id(account_id, automation_id, contact_id, visit, step)


def _action(one: Decided, account: Account, currency: str) -> dict[str, Any]:
    decision, contact_id = one.decision, one.contact_id
    action = decision.action
    send = action if isinstance(action, Send) else None
    facts = decision.facts
    limits, message = account.book.limits, send is not None and send.channel is not None
    quiet = message and limits.quiet_from != limits.quiet_to
    return {
        "action_id": _id(one),
        "account_id": one.account_id,
        "contact_id": contact_id,
        "source": decision.source.value,
        "automation_id": decision.automation_id,
        "automation_version": decision.version,
        "visit": decision.visit,
        "step": decision.step,
        "kind": decision.kind.value,
        "reason": decision.reason.value if decision.reason else None,
        "arm": Arm.HOLDOUT.value if decision.holdout else Arm.TREATED.value,
        "cause_event_id": decision.cause_event_id,
        "triggered_at": decision.triggered_at_ms,
        "due_at": decision.due_at_ms,
        "historical": False,
        "test": False,
        "endpoint_id": send.endpoint if send else None,
        "channel": send.channel if send else None,
        "message_template": send.template if send else None,
        "tag": action.tag if isinstance(action, SetTag) else None,
        "variables": _variables(facts, account.day) if facts and send else None,
        "currency": currency if send else None,
        "personal": _personal(facts.personal) if facts and send else None,
        "quiet_start_minute": limits.quiet_from * 60 if quiet else None,
        "quiet_end_minute": limits.quiet_to * 60 if quiet else None,
        "time_zone": account.book.calendar.zone if quiet else None,
    }


def _id(one: Decided) -> str:
    """Of a decision: it stands for a step of a visit, or for the visit's beginning or end."""
    decision = one.decision
    part = decision.step or f"#{decision.kind.value}"
    return id_of(one.account_id, one.contact_id, decision.automation_id, decision.visit, part)


def _personal(personal: Personal) -> dict[str, str | None]:
    return {"name": personal.name, "email": personal.email, "phone": personal.phone}


def _variables(facts: Facts, today: int) -> list[dict[str, str | None]]:
    text, whole, money = VariableType.TEXT, VariableType.INTEGER, VariableType.MONEY
    values: tuple[tuple[str, VariableType, object], ...] = (
        ("segment", text, facts.segment),
        ("r", whole, facts.r),
        ("f", whole, facts.f),
        ("v", whole, facts.m),
        ("orders", whole, facts.orders),
        ("revenue", money, facts.revenue_minor),
        ("average_ticket", money, facts.average_ticket_minor),
        ("days_since_last", whole, age_days(facts.last_day, today)),
        ("last_purchase", VariableType.DATE, _date(facts.last_day)),
        ("origin", text, facts.origin),
        ("next_segment", text, facts.next_segment),
        ("next_segment_date", VariableType.DATE, _date(facts.next_segment_day)),
        ("sentiment", text, facts.sentiment),
    )
    return [
        {"variable": name, "type": kind.value, "value": None if value is None else str(value)}
        for name, kind, value in values
    ]


def _date(day: int | None) -> str | None:
    return None if day is None else to_date(day).isoformat()


def write_states(
    codec: Codec, touched: Iterable[tuple[str, str]], accounts: dict[str, Account]
) -> list[Output]:
    """contact-automations.v1: who was touched, last value a key; tombstones of who is gone."""
    standing, gone = [], []
    for account_id, contact_id in touched:
        state = accounts[account_id].contacts.get(contact_id)
        if state is None:
            gone.append(contact_key(account_id, contact_id))
        else:
            standing.append((account_id, contact_id, state))
    outputs = []
    if standing:
        keys = [contact_key(account_id, contact_id) for account_id, contact_id, _ in standing]
        columns = _columns(standing)
        outputs.append(_states(keys, _encoded(codec, "contact_automation", columns)))
    if gone:
        outputs.append(_states(gone, [None] * len(gone)))
    return outputs


def write_accounts(codec: Codec, accounts: Sequence[Account]) -> Output:
    """contact-automations.v1: the accounts' own records."""
    columns: dict[str, list[Any]] = {
        "account_id": [account.id for account in accounts],
        "contact_id": ["" for _ in accounts],
        "day": [account.day for account in accounts],
        "messages_day": [account.quota.day for account in accounts],
        "messages": [account.quota.messages for account in accounts],
        "sends_done": [sorted(account.sends_done) for account in accounts],
    }
    keys = [contact_key(account.id, "") for account in accounts]
    return _states(keys, codec.encode_block("contact_automation", columns))


def _states(keys: list[bytes], values: Sequence[bytes | None]) -> Output:
    return Output(Topic.CONTACT_AUTOMATIONS, keys, list(values))


def _columns(standing: Sequence[tuple[str, str, ContactState]]) -> dict[str, list[Any]]:
    states = [state for _, _, state in standing]
    facts = [state.facts or _NOTHING for state in states]
    return {
        "account_id": [account_id for account_id, _, _ in standing],
        "contact_id": [contact_id for _, contact_id, _ in standing],
        "known": [state.facts is not None for state in states],
        "segment": [one.segment for one in facts],
        "r": [one.r for one in facts],
        "f": [one.f for one in facts],
        "m": [one.m for one in facts],
        "orders": [one.orders for one in facts],
        "revenue_minor": [one.revenue_minor for one in facts],
        "first_order_day": [one.first_day for one in facts],
        "last_order_day": [one.last_day for one in facts],
        "interactions": [one.interactions for one in facts],
        "sentiment": [one.sentiment for one in facts],
        "origin": [one.origin for one in facts],
        "tags": [list(one.tags) or None for one in facts],
        "consent": [list(one.consent) or None for one in facts],
        "next_segment": [one.next_segment for one in facts],
        "next_segment_day": [one.next_segment_day for one in facts],
        "changes": [one.changes for one in facts],
        "profile_sequence": [one.sequence for one in facts],
        "personal": [one.personal._asdict() if any(one.personal) else None for one in facts],
        "seq": [state.seq for state in states],
        "silence_day": [state.silence[0] for state in states],
        "silence_days": [state.silence[1] for state in states],
        "visits": [_visits(state) for state in states],
        "sent": [[_sent(one) for one in state.sent] or None for state in states],
        "waiting_changes": [[_change(one) for one in state.changes] or None for state in states],
        "waiting_milestones": [[_milestone(one) for one in state.milestones] or None for state in states],
    }


_NOTHING = Facts()


def _visits(state: ContactState) -> list[dict[str, Any]] | None:
    return [
        {
            "automation_id": visit.automation_id,
            "version": visit.version,
            "visit": visit.visit,
            "cause_event_id": visit.cause_event_id,
            "triggered_at": visit.triggered_at_ms,
            "entered_at": visit.entered_at_ms,
            "holdout": visit.holdout,
            "orders": visit.orders,
            "last_order_day": visit.last_day,
            "at": visit.at,
            "due_at": visit.due_ms,
            "deferred": visit.deferred,
        }
        for visit in state.visits.values()
    ] or None


def _sent(one: Any) -> dict[str, Any]:
    return {"sent_at": one.at_ms, "automation_id": one.automation_id, "visit": one.visit, "step": one.step}


def _change(one: Any) -> dict[str, Any]:
    return {
        "seq": one.seq, "event_id": one.event_id, "from_segment": one.from_segment,
        "to_segment": one.to_segment, "cause": one.cause, "occurred_at": one.occurred_at_ms,
    }  # fmt: skip


def _milestone(one: Any) -> dict[str, Any]:
    return {
        "event_id": one.event_id, "days": one.days, "last_order_day": one.last_day,
        "occurred_at": one.occurred_at_ms, "missed": one.missed,
    }  # fmt: skip
