"""Changelog records back into the state of a partition."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import polars as pl

from schemas.codec import Codec
from schemas.keys import split_contact_key, split_member_key
from streams.agents.columns import ROW
from streams.agents.packed import ADDED_TAGS, CARD, ENTRY, LAST_DAY, PROFILE, SEQUENCE_MASK, TALK, Packed
from streams.engine.contract import RestoreFailed
from streams.rfm.account import Account
from streams.rfm.changes import StepKind
from streams.rfm.fold import PartitionState
from streams.rfm.history import Models
from streams.rfm.state import AccountState

Last = dict[bytes | None, bytes | None]
"""Values by key, of one changelog."""

CLOCK = "clock.v1"
_MOST_KEYS = 300_000
_ADVICE = "`latido replay` rebuilds the state from the inputs."

_CONTACT = ("account_id", "contact_id")
_STEPS = ("account_id", "kind", "day", "model_version")
_GONE = "gone"
_SMALL = {
    **dict.fromkeys(("r", "f", "m", "sentiment"), pl.Int8),
    **dict.fromkeys(("model_version", "scored_day", "boundary_day", "next_segment_day", "day"), pl.Int32),
}


class _Changelog(NamedTuple):
    """What is kept of a compacted topic's records: `identity` says whose last value one is."""

    schema: str
    identity: tuple[str, ...]
    columns: tuple[str, ...]


_PROFILES = _Changelog("contact_profile", _CONTACT, (*PROFILE, *CARD, ADDED_TAGS))
_ORDERS = _Changelog("contact_order", (*_CONTACT, "order_id"), (*_CONTACT, "order_id", *ENTRY))
_TALKS = _Changelog(
    "contact_interaction", (*_CONTACT, "interaction_id"), (*_CONTACT, "interaction_id", *TALK)
)  # fmt: skip
_CHANGELOGS = {
    "contact-profiles.v1": _PROFILES,
    "contact-orders.v1": _ORDERS,
    "contact-interactions.v1": _TALKS,
}


class Stored(NamedTuple):
    """What the changelogs of a partition hold: frames as `Packed` takes them, the profiles' highest sequence,
    and where the clock of each account stands."""

    profiles: pl.DataFrame
    orders: pl.DataFrame
    talks: pl.DataFrame
    sequence: int
    days: Mapping[str, int]
    milestone_days: Mapping[str, int]
    models: Mapping[str, int]


def state_of(
    stored: Stored, accounts: Mapping[str, Account], models: Models, sequence: int
) -> PartitionState:
    """The state, whose contacts sleep. KeyError names an account that has no definition.

    An account stands under the model that was adopted here, not under one that was only published.

    RestoreFailed if changelogs do not hold what the watermark says they should.
    """
    if stored.sequence != sequence:
        raise RestoreFailed(f"contact-profiles.v1 ends at {stored.sequence}, not at {sequence}. {_ADVICE}")
    shelf = Packed(stored.profiles, stored.orders, stored.talks)
    partition = PartitionState(shelf)
    partition.sequence = sequence
    for account_id, day in stored.days.items():
        account = accounts[account_id]
        model = models.get((account_id, stored.models[account_id]), account.model)
        state = AccountState(replace(account, model=model), day, shelf)
        state.milestones_day = stored.milestone_days[account_id]
        partition.accounts[account_id] = state
    for account_id in shelf.accounts():
        partition.accounts[account_id]
    return partition


class Restoring:
    """Collects changelog records in log order. See `engine.contract.Collector`."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._topic = ""
        self._last: Last = {}
        self._sequence = 0
        self._frames = {log.schema: [self._frame(log, ())] for log in _CHANGELOGS.values()}
        self._days: dict[str, int] = {}
        self._milestone_days: dict[str, int] = {}
        self._models: dict[str, int] = {}

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

    def collected(self) -> Stored:
        """Everything taken. RestoreFailed if the ledger does not hold what profiles say it should."""
        self._flush()
        profiles = self._latest(_PROFILES).sort("account_id", maintain_order=True).with_row_index(ROW)
        whose = profiles.select(*_CONTACT, ROW)
        orders, talks = self._members(_ORDERS, whose), self._members(_TALKS, whose)
        counted = pl.col("counted")
        booked = (
            orders.lazy()
            .group_by(ROW)
            .agg(
                counted.sum().cast(pl.Int64).alias("#orders"),
                pl.col("net_minor").filter(counted).sum().alias("#revenue_minor"),
                pl.col("day").filter(counted).max().alias(LAST_DAY),
            )
        )
        profiles = profiles.lazy().join(booked, on=ROW, how="left", maintain_order="left").collect()
        lacking = profiles.filter(
            (pl.col("#orders").fill_null(0) != pl.col("orders"))
            | (pl.col("#revenue_minor").fill_null(0) != pl.col("revenue_minor"))
        )
        if len(lacking):
            identity = lacking.select(_CONTACT).row(0)
            raise RestoreFailed(f"contact-orders.v1 lacks orders of {identity}. {_ADVICE}")
        profiles = profiles.drop(ROW, "#orders", "#revenue_minor")
        return Stored(profiles, orders, talks, self._sequence, self._days, self._milestone_days, self._models)

    def _members(self, log: _Changelog, whose: pl.DataFrame) -> pl.DataFrame:
        """A ledger with rows of profiles instead of names, those of one contact together."""
        joined = self._latest(log).lazy().join(whose.lazy(), on=_CONTACT, how="inner")
        return joined.drop(_CONTACT).sort(ROW).collect()

    def _latest(self, log: _Changelog) -> pl.DataFrame:
        """Last values that stand; what was taken is let go of."""
        frames = self._frames.pop(log.schema)
        whole = pl.concat(frames, how="diagonal")
        if len(frames) > 2 or _GONE in whole.columns:
            whole = whole.unique(log.identity, keep="last", maintain_order=True)
        if _GONE in whole.columns:
            whole = whole.filter(pl.col(_GONE).is_null()).drop(_GONE)
        return whole

    def _flush(self) -> None:
        if not self._last:
            return
        last, self._last = self._last, {}
        log = _CHANGELOGS[self._topic]
        gone = [key for key, value in last.items() if value is None and key is not None]
        if gone:
            split = split_contact_key if log is _PROFILES else split_member_key
            names = pl.DataFrame([split(key) for key in gone], log.identity, orient="row")
            self._frames[log.schema].append(names.with_columns(pl.lit(True).alias(_GONE)))
        frame = self._frame(log, last.values())
        self._frames[log.schema].append(frame)
        if log is _PROFILES and len(frame):
            self._sequence = max(self._sequence, *(frame["sequence"] & SEQUENCE_MASK).top_k(1))

    def _frame(self, log: _Changelog, values: Iterable[bytes | None]) -> pl.DataFrame:
        frame = self._own(log.schema, values, log.columns)
        return frame.cast({name: kind for name, kind in _SMALL.items() if name in log.columns})

    def _steps(self, values: Iterable[bytes | None]) -> None:
        for account_id, kind, day, model_version in self._own("clock_step", values, _STEPS).rows():
            self._models[account_id] = model_version
            if kind == StepKind.OPENED:
                self._milestone_days[account_id] = day
            if kind == StepKind.MILESTONES:
                self._milestone_days[account_id] = day
            else:
                self._days[account_id] = day

    def _own(self, name: str, values: Iterable[bytes | None], columns: Sequence[str]) -> pl.DataFrame:
        return self._codec.read_own(name, [value for value in values if value is not None], columns)
