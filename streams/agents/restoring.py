"""Changelog records back into the state of a partition."""

from collections.abc import Iterable, Mapping, Sequence

from schemas.codec import Codec
from schemas.keys import split_contact_key, split_member_key
from streams.engine.contract import Record
from streams.rfm.account import Account
from streams.rfm.contact import Contact
from streams.rfm.fold import AccountState, PartitionState
from streams.rfm.orders import Entry
from streams.rfm.segments import Segment

Identity = tuple[str, str]
"""(account_id, contact_id)."""

_PROFILE = (
    "account_id", "contact_id", "sequence", "r", "f", "m", "segment", "model_version", "scored_day",
    "boundary_day", "next_segment", "next_segment_day", "changes", "interactions", "origin", "changed_at",
)  # fmt: skip
_LEDGER = (
    "account_id",
    "contact_id",
    "order_id",
    "version",
    "updated_at",
    "event_id",
    "day",
    "net_minor",
    "counted",
)
_FLOOR = (1 << 40) - 1

_SEGMENTS = {segment.value: segment for segment in Segment}


class Restoring:
    """Collects changelog records in log order; `finish` makes the state."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._contacts: dict[Identity, Contact] = {}
        self._ledgers: dict[Identity, dict[str, Entry]] = {}
        self._days: dict[str, int] = {}

    def take(self, topic: str, records: Sequence[Record]) -> None:
        """Take a slice of one changelog; KeyError for a topic that is none."""
        latest = (
            {record.key: record for record in records} if topic != "clock.v1" else dict(enumerate(records))
        )
        takers = {
            "contact-profiles.v1": self._profiles,
            "contact-orders.v1": self._orders,
            "clock.v1": self._steps,
        }
        takers[topic](list(latest.values()))

    def finish(self, accounts: Mapping[str, Account], sequence: int) -> PartitionState:
        """The state after everything taken. KeyError names an account that has no definition."""
        state = PartitionState()
        state.sequence = sequence
        for account_id, day in self._days.items():
            state.accounts[account_id] = AccountState(accounts[account_id], day)
        for identity, contact in self._contacts.items():
            contact.ledger = self._ledgers.get(identity, {})
            contact.rebuild()
            state.accounts[contact.account_id].adopt(contact)
        return state

    def _profiles(self, records: Sequence[Record]) -> None:
        for record in records:
            if record.value is None and record.key is not None:
                self._contacts.pop(split_contact_key(record.key), None)
        for account_id, contact_id, sequence, r, f, m, segment, *rest in self._rows(
            "contact_profile", _PROFILE, records
        ):
            (
                model_version,
                scored_day,
                boundary_day,
                next_segment,
                next_day,
                changes,
                interactions,
                origin,
                at,
            ) = rest
            contact = Contact(account_id, contact_id, model_version, scored_day)
            contact.sequence = sequence & _FLOOR
            contact.r, contact.f, contact.m, contact.segment = r, f, m, _SEGMENTS[segment]
            contact.boundary_day = boundary_day
            contact.next_segment = _SEGMENTS[next_segment] if next_segment else None
            contact.next_segment_day = next_day
            contact.changes, contact.interactions, contact.origin = changes, interactions, origin
            contact.changed_at_ms = at
            self._contacts[account_id, contact_id] = contact

    def _orders(self, records: Sequence[Record]) -> None:
        for record in records:
            if record.value is None and record.key is not None:
                account_id, contact_id, order_id = split_member_key(record.key)
                self._ledgers.get((account_id, contact_id), {}).pop(order_id, None)
        for account_id, contact_id, order_id, *entry in self._rows("contact_order", _LEDGER, records):
            self._ledgers.setdefault((account_id, contact_id), {})[order_id] = Entry(*entry)

    def _steps(self, records: Sequence[Record]) -> None:
        for account_id, day in self._rows("clock_step", ("account_id", "day"), records):
            self._days[account_id] = day

    def _rows(self, name: str, fields: tuple[str, ...], records: Sequence[Record]) -> Iterable[tuple]:  # type: ignore[type-arg]
        payloads = [record.value for record in records if record.value is not None]
        decoded = self._codec.decode_block(name, payloads, columns=fields)
        if decoded.bad:
            raise ValueError(f"our own {name} record does not decode: {decoded.bad[0]}")
        return zip(*(decoded.columns[field] for field in fields), strict=True)
