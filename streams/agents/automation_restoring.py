"""Records of contact-automations.v1 back into the state of a partition."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from schemas.codec import Codec
from schemas.keys import contact_key
from streams.automations.core import Book
from streams.automations.facts import Facts, Personal
from streams.automations.guards import Quota
from streams.automations.partition import Account, Partition
from streams.automations.visits import Change, ContactState, Milestone, Sent, Visit
from streams.engine.contract import RestoreFailed

_BLOCK = 20_000
_Row = Mapping[str, Any]


Last = dict[bytes | None, bytes]
"""Last values by key."""


class Restoring:
    """Collects records in log order. See `engine.contract.Collector`."""

    def __init__(self) -> None:
        self._last: Last = {}

    def take(self, _topic: str, keys: Sequence[bytes | None], values: Sequence[bytes | None]) -> None:
        """Take a slice; the last value of a key counts, a tombstone takes it away."""
        for key, value in zip(keys, values, strict=True):
            if value is None:
                self._last.pop(key, None)
            else:
                self._last[key] = value

    def collected(self) -> Last:
        """The last values."""
        return self._last


def state_of(codec: Codec, last: Last, books: Mapping[str, Book]) -> Partition:
    """The partition after everything taken. RestoreFailed if it lacks what must be there."""
    partition = Partition()
    own_keys = {contact_key(account_id, "") for account_id in books}
    for row in _rows(codec, [last.pop(key) for key in list(last) if key in own_keys]):
        partition.accounts[row["account_id"]] = _account(row, books[row["account_id"]])
    for row in _rows(codec, list(last.values())):
        account = partition.accounts.get(row["account_id"])
        if account is None:
            raise RestoreFailed(f"contact-automations.v1 has contacts of {row['account_id']}, not itself")
        partition.adopt(account, row["contact_id"], _state(row))
    return partition


def _rows(codec: Codec, values: Sequence[bytes]) -> Iterable[_Row]:
    for start in range(0, len(values), _BLOCK):
        decoded = codec.decode_block("contact_automation", values[start : start + _BLOCK])
        if decoded.bad:
            raise RestoreFailed(f"our own contact_automation does not decode: {decoded.bad[0].detail}")
        names = list(decoded.columns)
        for values_of_row in zip(*decoded.columns.values(), strict=True):
            yield dict(zip(names, values_of_row, strict=True))


def _account(row: _Row, book: Book) -> Account:
    account = Account(row["account_id"], book, row["day"])
    account.quota = Quota(row["messages_day"], row["messages"])
    account.sends_done = set(row["sends_done"] or ())
    return account


def _state(row: _Row) -> ContactState:
    visits = (_visit(one) for one in row["visits"] or ())
    return ContactState(
        facts=_facts(row) if row["known"] else None,
        seq=row["seq"],
        visits={visit.automation_id: visit for visit in visits},
        sent=tuple(
            Sent(one["sent_at"], one["automation_id"], one["visit"], one["step"])
            for one in row["sent"] or ()
        ),
        changes=tuple(
            Change(
                one["seq"], one["event_id"], one["from_segment"], one["to_segment"], one["cause"],
                one["occurred_at"],
            )
            for one in row["waiting_changes"] or ()
        ),
        milestones=tuple(
            Milestone(one["event_id"], one["days"], one["last_order_day"], one["occurred_at"], one["missed"])
            for one in row["waiting_milestones"] or ()
        ),
        silence=(row["silence_day"], row["silence_days"]),
    )  # fmt: skip


def _facts(row: _Row) -> Facts:
    personal = row["personal"]
    return Facts(
        row["segment"], row["r"], row["f"], row["m"], row["orders"], row["revenue_minor"],
        row["first_order_day"], row["last_order_day"], row["interactions"], row["sentiment"],
        row["origin"], tuple(row["tags"] or ()), tuple(row["consent"] or ()), row["next_segment"],
        row["next_segment_day"], row["changes"], row["profile_sequence"],
        Personal(**personal) if personal else Personal(),
    )  # fmt: skip


def _visit(one: _Row) -> Visit:
    return Visit(
        one["automation_id"], one["version"], one["visit"], one["cause_event_id"], one["triggered_at"],
        one["entered_at"], one["holdout"], one["orders"], one["last_order_day"], one["at"], one["due_at"],
        one["deferred"],
    )  # fmt: skip
