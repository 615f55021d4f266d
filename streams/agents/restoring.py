"""Changelog records back into the state of a partition."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from schemas.codec import Codec
from schemas.keys import split_contact_key, split_member_key
from streams.engine.contract import RestoreFailed
from streams.rfm.account import Account
from streams.rfm.changes import StepKind
from streams.rfm.contact import Contact
from streams.rfm.fold import PartitionState
from streams.rfm.history import Models
from streams.rfm.interactions import Talk
from streams.rfm.orders import Entry
from streams.rfm.people import Card
from streams.rfm.segments import Segment
from streams.rfm.state import AccountState

Identity = tuple[str, str]
"""(account_id, contact_id)."""

Last = dict[bytes | None, bytes | None]
"""Values by key, of one changelog."""

CLOCK = "clock.v1"
_MOST_KEYS = 300_000
_ADVICE = "`latido replay` rebuilds the state from the inputs."

_PROFILE = (
    "account_id", "contact_id", "sequence", "r", "f", "m", "segment", "model_version", "scored_day",
    "boundary_day", "next_segment", "next_segment_day", "changes", "interactions", "changed_at", "removed",
    "sentiment_sum", "sentiment_weight", "orders", "revenue_minor",
)  # fmt: skip
_CARD = (
    "contact_version", "contact_updated_at", "contact_event_id", "tags", "consent", "personal", "origin",
    "origin_version", "origin_updated_at", "origin_event_id",
)  # fmt: skip
_LEDGER = (
    "account_id", "contact_id", "order_id", "version", "updated_at", "event_id", "day", "net_minor",
    "counted",
)  # fmt: skip
_TALKS = (
    "account_id", "contact_id", "interaction_id", "version", "updated_at", "event_id", "day", "sentiment",
)  # fmt: skip
_STEPS = ("account_id", "kind", "day", "model_version")
_FLOOR = (1 << 40) - 1

_SEGMENTS = {segment.value: segment for segment in Segment}


class Restoring:
    """Collects changelog records in log order; `finish` makes the state."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._topic = ""
        self._last: Last = {}
        self._sequence = 0
        self._contacts: dict[Identity, Contact] = {}
        self._ledgers: dict[Identity, dict[str, Entry]] = {}
        self._talks: dict[Identity, dict[str, Talk]] = {}
        self._days: dict[str, int] = {}
        self._milestone_days: dict[str, int] = {}
        self._models: dict[str, int] = {}
        self._takers = {
            "contact-profiles.v1": self._profiles,
            "contact-orders.v1": self._orders,
            "contact-interactions.v1": self._interactions,
        }

    def take(self, topic: str, keys: Sequence[bytes | None], values: Sequence[bytes | None]) -> None:
        """Take a slice of one changelog; KeyError for a topic that is none.

        Of the compacted ones only last values are decoded: before compaction most records are superseded.
        """
        if topic == CLOCK:
            self._steps(values)
            return
        if topic != self._topic:
            self._flush()
            self._topic = topic
        self._last.update(zip(keys, values, strict=True))
        if len(self._last) >= _MOST_KEYS:
            self._flush()

    def _flush(self) -> None:
        if self._last:
            last, self._last = self._last, {}
            self._takers[self._topic](last)

    def finish(self, accounts: Mapping[str, Account], models: Models, sequence: int) -> PartitionState:
        """The state after everything taken. KeyError names an account that has no definition.

        An account stands under the model that was adopted here, not under one that was only published.

        RestoreFailed if changelogs do not hold what the watermark and the profiles say they should.
        """
        self._flush()
        if self._sequence != sequence:
            raise RestoreFailed(f"contact-profiles.v1 ends at {self._sequence}, not at {sequence}. {_ADVICE}")
        partition = PartitionState()
        partition.sequence = sequence
        for account_id, day in self._days.items():
            account = accounts[account_id]
            model = models.get((account_id, self._models[account_id]), account.model)
            state = partition.accounts[account_id] = AccountState(replace(account, model=model), day)
            state.milestones_day = self._milestone_days[account_id]
        for identity, contact in self._contacts.items():
            state = partition.accounts[contact.account_id]
            contact.ledger = self._ledgers.pop(identity, {})
            orders, revenue_minor = contact.orders, contact.revenue_minor
            for interaction_id, talk in self._talks.pop(identity, {}).items():
                if state.remembers(talk.day):
                    contact.remember(interaction_id, talk)
                else:
                    contact.forget(interaction_id)
            contact.rebuild()
            if (contact.orders, contact.revenue_minor) != (orders, revenue_minor):
                raise RestoreFailed(f"contact-orders.v1 lacks orders of {identity}. {_ADVICE}")
            state.adopt(contact)
        return partition

    def _profiles(self, last: Last) -> None:
        for key, value in last.items():
            if value is None and key is not None:
                self._contacts.pop(split_contact_key(key), None)
        columns = self._columns("contact_profile", (*_PROFILE, *_CARD), last.values())
        cards = zip(*(columns[name] for name in _CARD), strict=True)
        rows = zip(*(columns[name] for name in _PROFILE), strict=True)
        for (account_id, contact_id, sequence, r, f, m, segment, *rest), card in zip(
            rows, cards, strict=True
        ):
            model_version, scored_day, boundary_day, next_segment, next_day, changes, interactions, *more = (
                rest
            )
            contact = Contact(account_id, contact_id, model_version, scored_day)
            contact.sequence = sequence & _FLOOR
            self._sequence = max(self._sequence, contact.sequence)
            contact.r, contact.f, contact.m, contact.segment = r, f, m, _SEGMENTS[segment]
            contact.boundary_day = boundary_day
            contact.next_segment = _SEGMENTS[next_segment] if next_segment else None
            contact.next_segment_day = next_day
            contact.changes, contact.interactions = changes, interactions
            contact.changed_at_ms, contact.removed, weighted_sum, weights, *totals = more
            contact.orders, contact.revenue_minor = totals
            if weights:
                contact.sentiment_sum = int.from_bytes(weighted_sum, "big", signed=True)
                contact.sentiment_weight = int.from_bytes(weights, "big", signed=True)
            if card[0] is not None:
                contact.card = _card(*card)
            self._contacts[account_id, contact_id] = contact

    def _orders(self, last: Last) -> None:
        self._drop(self._ledgers, last)
        columns = self._columns("contact_order", _LEDGER, last.values())
        identities = zip(columns["account_id"], columns["contact_id"], strict=True)
        entries = map(Entry._make, zip(*(columns[name] for name in _LEDGER[3:]), strict=True))
        ledgers = self._ledgers
        for identity, order_id, entry in zip(identities, columns["order_id"], entries, strict=True):
            ledger = ledgers.get(identity)
            if ledger is None:
                ledgers[identity] = {order_id: entry}
            else:
                ledger[order_id] = entry

    def _interactions(self, last: Last) -> None:
        self._drop(self._talks, last)
        for account_id, contact_id, i, *talk in self._rows("contact_interaction", _TALKS, last.values()):
            self._talks.setdefault((account_id, contact_id), {})[i] = Talk(*talk)

    def _drop(self, kept: dict[Identity, dict[str, Any]], last: Last) -> None:
        for key, value in last.items():
            if value is None and key is not None:
                account_id, contact_id, member = split_member_key(key)
                kept.get((account_id, contact_id), {}).pop(member, None)

    def _steps(self, values: Iterable[bytes | None]) -> None:
        for account_id, kind, day, model_version in self._rows("clock_step", _STEPS, values):
            self._models[account_id] = model_version
            if kind == StepKind.OPENED:
                self._milestone_days[account_id] = day
            if kind == StepKind.MILESTONES:
                self._milestone_days[account_id] = day
            else:
                self._days[account_id] = day

    def _rows(
        self, name: str, fields: tuple[str, ...], values: Iterable[bytes | None]
    ) -> Iterable[tuple[Any, ...]]:
        columns = self._columns(name, fields, values)
        return zip(*(columns[field] for field in fields), strict=True)

    def _columns(
        self, name: str, fields: tuple[str, ...], values: Iterable[bytes | None]
    ) -> Mapping[str, list[Any]]:
        payloads = [value for value in values if value is not None]
        decoded = self._codec.decode_block(name, payloads, columns=fields)
        if decoded.bad:
            raise ValueError(f"our own {name} record does not decode: {decoded.bad[0]}")
        return decoded.columns


def _card(
    version: int, updated_at: int, event_id: str, tags: Any, consent: Any, personal: Any, *origin: Any
) -> Card:
    name, *stamp = origin
    origin_stamp = (stamp[0], stamp[1], stamp[2]) if name is not None else None
    return Card((version, updated_at, event_id), tags, consent, personal, name, origin_stamp)
