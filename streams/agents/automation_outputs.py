"""What the agent `automations` writes: actions, and where every contact stands."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from typing import Any

from schemas.actions import Arm, VariableType, action_id
from schemas.cloudevents import block_headers
from schemas.codec import Codec
from schemas.columnwriter import Written
from schemas.keys import contact_key
from schemas.records import Topic
from streams.automations.facts import Facts, age_days
from streams.automations.partition import Account, Decided
from streams.automations.plan import Send, SetTag
from streams.automations.visits import ContactState, Visit
from streams.engine.contract import Output
from streams.rfm.calendar import to_date


def write_actions(
    codec: Codec, decided: Sequence[Decided], accounts: dict[str, Account], currencies: dict[str, str]
) -> Output:
    """automation-actions.v1: one record a decision."""
    variables = _variables(codec)
    rows = [_action(one, accounts[one.account_id], currencies[one.account_id], variables) for one in decided]
    columns = dict(zip(_ACTION, zip(*rows, strict=True), strict=True))
    keys = [contact_key(one.account_id, one.contact_id) for one in decided]
    told = block_headers(
        Topic.AUTOMATION_ACTIONS,
        columns["action_id"],
        columns["account_id"],
        columns["contact_id"],
        columns["triggered_at"],
    )
    values = codec.encode_block("automation_action", columns, nested=True)
    return Output(Topic.AUTOMATION_ACTIONS, keys, list(values), list(told))


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
    return [Output(Topic.CONTACTS, keys, list(codec.encode_block("contact", columns, nested=True)))]


def id_of(account_id: str, contact_id: str, automation_id: str, visit: str, step: str) -> str:
    """The action's id."""
    return action_id(account_id, automation_id, contact_id, visit, step)


_ACTION = (
    "action_id", "account_id", "contact_id", "source", "automation_id", "automation_version", "visit", "step",
    "kind", "reason", "arm", "cause_event_id", "triggered_at", "due_at", "historical", "test", "endpoint_id",
    "channel", "message_template", "tag", "variables", "currency", "personal", "quiet_start_minute",
    "quiet_end_minute", "time_zone", "split", "split_arm",
)  # fmt: skip
_NOTHING_TOLD: tuple[Any, Any, Any] = (None, None, None)


def _action(one: Decided, account: Account, currency: str, variables: "_Variables") -> tuple[Any, ...]:
    """Values of _ACTION."""
    decision, contact_id, facts = one.decision, one.contact_id, one.decision.facts
    action = decision.action
    send = action if isinstance(action, Send) else None
    about = quiet = _NOTHING_TOLD
    if send is not None and facts is not None:
        about = (variables.of(facts, account.day), currency, facts.personal[:_TOLD_PERSONAL])
    limits = account.book.limits
    if send is not None and send.channel is not None and limits.quiet_from != limits.quiet_to:
        quiet = (limits.quiet_from * 60, limits.quiet_to * 60, account.book.calendar.zone)
    return (
        _id(one),
        one.account_id,
        contact_id,
        decision.source,
        decision.automation_id,
        decision.version,
        decision.visit,
        decision.step,
        decision.kind,
        decision.reason,
        Arm.HOLDOUT if decision.holdout else Arm.TREATED,
        decision.cause_event_id,
        decision.triggered_at_ms,
        decision.due_at_ms,
        False,
        False,
        *(_NOTHING_TOLD if send is None else send),
        action.tag if isinstance(action, SetTag) else None,
        *about,
        *quiet,
        decision.split,
        decision.split_arm,
    )


_TOLD_PERSONAL = 3
"""Name, e-mail and phone leave with a message; the document does not."""


def _id(one: Decided) -> str:
    """Of a decision: it stands for a step of a visit, or for the visit's beginning or end."""
    decision = one.decision
    part = decision.step or f"#{decision.kind.value}"
    return id_of(one.account_id, one.contact_id, decision.automation_id, decision.visit, part)


_VARIABLES: tuple[tuple[str, VariableType], ...] = (
    ("segment", VariableType.TEXT),
    ("r", VariableType.INTEGER),
    ("f", VariableType.INTEGER),
    ("v", VariableType.INTEGER),
    ("orders", VariableType.INTEGER),
    ("revenue", VariableType.MONEY),
    ("average_ticket", VariableType.MONEY),
    ("days_since_last", VariableType.INTEGER),
    ("last_purchase", VariableType.DATE),
    ("origin", VariableType.TEXT),
    ("next_segment", VariableType.TEXT),
    ("next_segment_date", VariableType.DATE),
    ("sentiment", VariableType.TEXT),
)
_REMEMBERED = 4096
"""Values of one variable whose bytes are kept: most of them are few and come again and again."""


class _Variables:
    """Variables of messages, written ahead."""

    def __init__(self, codec: Codec) -> None:
        write = codec.element_writer("automation_action", "variables")
        self._write = [_variable_writer(write, name, kind) for name, kind in _VARIABLES]

    def of(self, facts: Facts, today: int) -> list[Written]:
        """Those of a contact."""
        values = (
            facts.segment,
            facts.r,
            facts.f,
            facts.m,
            facts.orders,
            facts.revenue_minor,
            facts.average_ticket_minor,
            age_days(facts.last_day, today),
            facts.last_day,
            facts.origin,
            facts.next_segment,
            facts.next_segment_day,
            facts.sentiment,
        )
        return [write(value) for write, value in zip(self._write, values, strict=True)]


def _variable_writer(
    write: Callable[[Any], Written], name: str, kind: VariableType
) -> Callable[[Any], Written]:
    text = _date if kind is VariableType.DATE else str

    @lru_cache(_REMEMBERED)
    def remembering(value: Any) -> Written:
        return write((name, kind, None if value is None else text(value)))

    return remembering


@cache
def _variables(codec: Codec) -> _Variables:
    return _Variables(codec)


def _date(day: int) -> str:
    return to_date(day).isoformat()


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
        outputs.append(
            _states(
                keys,
                codec.encode_block("contact_automation", _columns(standing, _visits(codec)), nested=True),
            )
        )
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


_FACTS = (
    "segment", "r", "f", "m", "orders", "revenue_minor", "first_order_day", "last_order_day", "interactions",
    "sentiment", "origin", "tags", "consent", "next_segment", "next_segment_day", "changes",
    "profile_sequence", "personal",
)  # fmt: skip
"""Fields of `Facts` as the schema names them."""


def _columns(
    standing: Sequence[tuple[str, str, ContactState]], write_visit: Callable[[Visit], Written]
) -> dict[str, Sequence[Any]]:
    """Visits, messages and what waits are tuples in the order of their schemas' fields."""
    account_ids, contact_ids, states = zip(*standing, strict=True)
    facts, seqs, visits, sent, changes, milestones, silences = zip(*states, strict=True)
    columns: dict[str, Sequence[Any]] = {
        "account_id": account_ids,
        "contact_id": contact_ids,
        "known": [one is not None for one in facts],
        **dict(zip(_FACTS, zip(*[one or _NOTHING for one in facts], strict=True), strict=True)),
        "seq": seqs,
        "silence_day": [day for day, _ in silences],
        "silence_days": [days for _, days in silences],
        "visits": [list(map(write_visit, one.values())) or None for one in visits],
        "sent": [one or None for one in sent],
        "waiting_changes": [one or None for one in changes],
        "waiting_milestones": [one or None for one in milestones],
    }
    columns["tags"] = [tags or None for tags in columns["tags"]]
    columns["consent"] = [consent or None for consent in columns["consent"]]
    columns["personal"] = [personal if any(personal) else None for personal in columns["personal"]]
    return columns


_NOTHING = Facts()
_REMEMBERED_VISITS = 16_384


@cache
def _visits(codec: Codec) -> Callable[[Visit], Written]:
    """Writes visits ahead: most of a contact's are over, and do not change any more."""
    return lru_cache(_REMEMBERED_VISITS)(codec.element_writer("contact_automation", "visits"))
