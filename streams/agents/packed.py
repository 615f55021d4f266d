"""Restored contacts as they are until somebody touches them: columns, not objects.

A restore of a million contacts builds three frames and an index; a contact costs its objects when the first
event, midnight or model reaches it, together with all that the same chunk or slice reaches.
"""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any

import numpy as np
import polars as pl

from streams.agents.columns import Columns, Ints, Members
from streams.rfm.contact import Contact
from streams.rfm.interactions import Talk
from streams.rfm.orders import Entry
from streams.rfm.people import Card
from streams.rfm.segments import Segment

PROFILE = (
    "account_id", "contact_id", "sequence", "r", "f", "m", "segment", "model_version", "scored_day",
    "boundary_day", "next_segment", "next_segment_day", "changes", "interactions", "changed_at", "removed",
    "sentiment_sum", "sentiment_weight", "orders", "revenue_minor",
)  # fmt: skip
CARD = (
    "contact_version", "contact_updated_at", "contact_event_id", "tags", "consent", "personal", "origin",
    "origin_version", "origin_updated_at", "origin_event_id",
)  # fmt: skip
ADDED_TAGS = "added_tags"
ENTRY = ("version", "updated_at", "event_id", "day", "net_minor", "counted")
TALK = ("version", "updated_at", "event_id", "day", "sentiment")

LAST_DAY = "last_day"
SEQUENCE_MASK = (1 << 40) - 1
_NEVER = np.iinfo(np.int64).max
_SEGMENTS = {segment.value: segment for segment in Segment}


class Packed:
    """The contacts of one partition that sleep. See `streams.rfm.state.Shelf`.

    `profiles`: PROFILE, CARD, ADDED_TAGS and LAST_DAY, sorted by account. `orders` and `talks`: ROW of the
    profile, id, ENTRY or TALK, sorted by ROW.
    """

    def __init__(self, profiles: pl.DataFrame, orders: pl.DataFrame, talks: pl.DataFrame) -> None:
        self._profiles = Columns(profiles.select(PROFILE))
        has_cards = profiles["contact_version"].null_count() < len(profiles)
        self._card_columns = Columns(profiles.select(CARD)) if has_cards else None
        self._added_tags = _rare(profiles[ADDED_TAGS])
        self._orders = Members(orders, len(profiles), "order_id", Entry._make)
        self._talks = Members(talks, len(profiles), "interaction_id", Talk._make)
        self._asleep = np.ones(len(profiles), dtype=np.bool_)
        self._left = len(profiles)
        self._boundaries = profiles["boundary_day"].fill_null(_NEVER).to_numpy()
        self._last_days = profiles[LAST_DAY].fill_null(_NEVER).to_numpy()
        self._models = profiles["model_version"].to_numpy()
        self._accounts: dict[str, _Account] = {}
        ids, start = profiles["contact_id"].to_list(), 0
        for account_id, count in profiles["account_id"].rle().struct.unnest().select("value", "len").rows():
            span = range(start, start + count)
            self._accounts[account_id] = _Account(
                span, dict(zip(ids[start : start + count], span, strict=True))
            )
            start += count

    def __len__(self) -> int:
        """How many sleep."""
        return self._left

    def accounts(self) -> Iterable[str]:
        """Whose contacts these are."""
        return self._accounts

    def holds(self, account_id: str, contact_id: str) -> bool:
        """Whether a contact sleeps here."""
        account = self._accounts.get(account_id)
        return account is not None and contact_id in account.rows

    def take(self, pairs: Iterable[tuple[str, str]]) -> list[Contact]:
        """Wake those of the pairs (account, contact) that sleep."""
        rows = []
        for account_id, contact_id in pairs:
            account = self._accounts.get(account_id)
            row = account.rows.pop(contact_id, None) if account is not None else None
            if row is not None:
                rows.append(row)
        return self._build(rows)

    def take_behind(self, account_id: str, day: int, model_version: int, most: int) -> list[Contact]:
        """Wake up to `most` of an account's contacts that stand before a boundary or under another model."""
        account = self._accounts.get(account_id)
        if account is None or not account.rows:
            return []
        if account.asked != (day, model_version):
            here = slice(account.span.start, account.span.stop)
            behind = (self._boundaries[here] <= day) | (self._models[here] != model_version)
            account.asked = (day, model_version)
            account.behind = (np.flatnonzero(behind) + here.start).tolist()
        rows: list[int] = []
        while account.behind and not rows:
            rows = self._sleeping(account.behind[-most:])
            del account.behind[-most:]
        return self._wake(account, rows)

    def take_last_bought_on(self, account_id: str, day: int) -> list[Contact]:
        """Wake an account's contacts whose last purchase was on a day."""
        account = self._accounts.get(account_id)
        if account is None or not account.rows:
            return []
        found = np.flatnonzero(self._last_days[account.span.start : account.span.stop] == day)
        return self._wake(account, self._sleeping(found + account.span.start))

    def take_all(self, account_id: str) -> list[Contact]:
        """Wake everybody of an account."""
        account = self._accounts.get(account_id)
        return [] if account is None else self._wake(account, list(account.rows.values()))

    def _sleeping(self, rows: Sequence[int] | Ints) -> list[int]:
        found = np.asarray(rows, dtype=np.int64)
        sleeping: list[int] = found[self._asleep[found]].tolist()
        return sleeping

    def _wake(self, account: "_Account", rows: list[int]) -> list[Contact]:
        contacts = self._build(rows)
        for contact in contacts:
            del account.rows[contact.id]
        return contacts

    def _build(self, rows: list[int]) -> list[Contact]:
        if not rows:
            return []
        chosen = np.array(rows, dtype=np.int64)
        self._asleep[chosen] = False
        self._left -= len(rows)
        contacts = []
        parts = (
            self._profiles.rows(chosen),
            self._cards(chosen),
            self._orders.of(chosen),
            self._talks.of(chosen),
        )
        for row, (profile, card, ledger, talks) in zip(rows, zip(*parts, strict=True), strict=True):
            contact = _contact(profile)
            contact.card = card
            contact.added_tags = self._added_tags.pop(row, ())
            contact.ledger = ledger
            if talks:
                contact.talks = talks
            contact.rebuild()
            contacts.append(contact)
        if not self._left:
            self._profiles, self._card_columns = Columns(), None
            self._orders.clear()
            self._talks.clear()
        return contacts

    def _cards(self, chosen: Ints) -> Iterable[Card | None]:
        if self._card_columns is None:
            return repeat(None, len(chosen))
        cards = self._card_columns.rows(chosen)
        return (_card(*card) if card[0] is not None else None for card in cards)


class _Account:
    """Rows of an account: all, those that sleep by contact, those that a day or a model left behind."""

    __slots__ = ("asked", "behind", "rows", "span")

    def __init__(self, span: range, rows: dict[str, int]) -> None:
        self.span = span
        self.rows = rows
        self.asked: tuple[int, int] | None = None
        self.behind: list[int] = []


def _rare(column: pl.Series) -> dict[int, tuple[str, ...]]:
    """Lists of a column by row, for few rows have one."""
    rows = column.is_not_null().arg_true()
    return {row: tuple(found) for row, found in zip(rows, column.gather(rows).to_list(), strict=True)}


def _contact(profile: Sequence[Any]) -> Contact:
    account_id, contact_id, sequence, r, f, m, segment, model_version, scored_day, *rest = profile
    boundary_day, next_segment, next_day, changes, interactions, changed_at, removed, *totals = rest
    contact = Contact(account_id, contact_id, model_version, scored_day)
    contact.sequence = sequence & SEQUENCE_MASK
    contact.r, contact.f, contact.m, contact.segment = r, f, m, _SEGMENTS[segment]
    contact.boundary_day = boundary_day
    contact.next_segment = _SEGMENTS[next_segment] if next_segment else None
    contact.next_segment_day = next_day
    contact.changes, contact.interactions = changes, interactions
    contact.changed_at_ms, contact.removed = changed_at, removed
    weighted_sum, weights, contact.orders, contact.revenue_minor = totals
    if weights:
        contact.sentiment_sum = int.from_bytes(weighted_sum, "big", signed=True)
        contact.sentiment_weight = int.from_bytes(weights, "big", signed=True)
    return contact


def _card(
    version: int, updated_at: int, event_id: str, tags: Any, consent: Any, personal: Any, *origin: Any
) -> Card:
    name, *stamp = origin
    origin_stamp = (stamp[0], stamp[1], stamp[2]) if name is not None else None
    return Card((version, updated_at, event_id), tags, consent, personal, name, origin_stamp)
