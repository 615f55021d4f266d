"""What an automation achieves: the arm that was treated beside the one that was held back (holdout), and the
arms of a split beside each other. REQUIREMENTS D and E5.

Intention to treat: a contact counts in the arm it was dealt, whatever became of its messages. Each contact
counts once, by its first entry: who enters again was treated before, and would not be independent of itself.
The entry counts when its window has closed, in every arm alike, so that nobody is judged after half the time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import combinations
from math import ceil, isnan
from typing import Any

from schemas.actions import ActionKind, Arm
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.results import milliseconds
from sinks.monitor.figures.sequences import ALPHA, FLOOR, WEIGHT, Moments, band, weight

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Slice(StrEnum):
    """Which entries are compared."""

    ALL = "all"
    TRANSITION = "transition"
    SPLIT = "split"


class Verdict(StrEnum):
    """What an interval says; all but the last two are not conclusive yet."""

    FEW_CONTACTS = "few_contacts"
    FEW_PURCHASES = "few_purchases"
    OPEN = "open"
    MORE = "more"
    LESS = "less"


CONCLUSIVE = (Verdict.MORE, Verdict.LESS)


@dataclass(frozen=True, slots=True)
class Question:
    """Entries from `since` on, of one version or of all, and how long each is watched.

    There is no end but now: the interval is right at all times of a base that grows, not of one that slides.
    """

    automation_id: str
    window_days: int
    since: datetime = EPOCH
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """An arm. `contacts` are those whose window has closed, buyers are of them; `running` are the others."""

    arm: Arm
    split_arm: str | None
    contacts: int
    running: int
    buyers: int
    revenue_minor: int
    squares: int
    """Sum of the squares of each contact's revenue."""

    @property
    def repurchase_rate(self) -> float | None:
        """Share of the contacts that bought."""
        return self.buyers / self.contacts if self.contacts else None

    @property
    def revenue_per_contact_minor(self) -> float | None:
        """Mean over all contacts, also those who bought nothing."""
        return self.revenue_minor / self.contacts if self.contacts else None

    @property
    def purchases(self) -> Moments:
        """Of whether each contact bought."""
        return Moments.of(self.contacts, self.buyers, self.buyers)

    @property
    def revenues(self) -> Moments:
        """Of what each contact spent."""
        return Moments.of(self.contacts, self.revenue_minor, self.squares)

    @property
    def missing(self) -> int:
        """Contacts below the floor."""
        return max(0, FLOOR - self.contacts)


@dataclass(frozen=True, slots=True)
class Effect:
    """A difference of means with its interval, and `relative` to the other arm (0.2: 20 % more).
    `missing_purchases`: equal ones, of both arms together."""

    difference: float | None
    low: float | None
    high: float | None
    relative: float | None
    verdict: Verdict
    missing_purchases: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """One arm less the other. `level` of each interval."""

    one: Side
    other: Side
    level: float
    repurchase: Effect
    revenue_minor: Effect
    missing_contacts: int


@dataclass(frozen=True, slots=True)
class Part:
    """Arms to be compared: of all entries, of one transition, or of one split."""

    slice: Slice
    from_segment: str | None
    to_segment: str | None
    split: str | None
    sides: tuple[Side, ...]
    comparisons: tuple[Comparison, ...]


def read_lift(queries: Queries, account_id: str, question: Question, now: datetime) -> list[Part]:
    """All entries first, then transitions, the largest first, then splits by name."""
    window = timedelta(days=question.window_days)
    rows = queries.rows(
        "lift",
        account_id,
        automation_id=question.automation_id,
        any_version=question.version is None,
        version=question.version or 0,
        since_ms=milliseconds(question.since),
        now_ms=milliseconds(now),
        window_ms=round(window.total_seconds() * 1000),
        entered=ActionKind.ENTERED.value,
        assigned=ActionKind.ASSIGNED.value,
        treated=Arm.TREATED.value,
        nothing="",
        **{one.value: one.value for one in Slice},
    )
    found: dict[tuple[str, str, str], list[Side]] = {}
    for row in rows:
        found.setdefault((row["which"], row["one"], row["other"]), []).append(_side(row))
    parts = [_part(Slice(which), one, other, sides) for (which, one, other), sides in found.items()]
    order = list(Slice)
    return sorted(parts, key=lambda part: (order.index(part.slice), -_size(part), part.split or ""))


def compared(one: Side, other: Side, alpha: float = ALPHA) -> Comparison:
    """One arm less the other, each interval wrong at any time whatever with at most `alpha`."""
    return Comparison(
        one,
        other,
        1 - alpha,
        _effect(one.purchases, other.purchases, alpha),
        _effect(one.revenues, other.revenues, alpha),
        max(one.missing, other.missing),
    )


def _effect(one: Moments, other: Moments, alpha: float) -> Effect:
    found = band(one, other, alpha)
    difference, low, high = (None if isnan(value) else float(value) for value in found)
    base = float(other.mean)
    relative = difference / base if difference is not None and base > 0 else None
    missing = max(0, ceil(WEIGHT - float(weight(one, other))))
    return Effect(difference, low, high, relative, _verdict(one, other, low, high), missing)


def _verdict(one: Moments, other: Moments, low: float | None, high: float | None) -> Verdict:
    if min(one.contacts, other.contacts) < FLOOR:
        return Verdict.FEW_CONTACTS
    if low is None or high is None:
        return Verdict.FEW_PURCHASES
    return Verdict.MORE if low > 0 else Verdict.LESS if high < 0 else Verdict.OPEN


def _part(which: Slice, one: str, other: str, sides: Sequence[Side]) -> Part:
    moved, split = which is Slice.TRANSITION, which is Slice.SPLIT
    pairs = list(_pairs(sides))
    return Part(
        which,
        one if moved else None,
        other if moved else None,
        one if split else None,
        tuple(sides),
        tuple(compared(a, b, ALPHA / len(pairs)) for a, b in pairs),
    )


def _pairs(sides: Sequence[Side]) -> Iterator[tuple[Side, Side]]:
    """Every arm with the holdout, then the arms with each other; several share the risk of an error."""
    held = [side for side in sides if side.arm is Arm.HOLDOUT]
    treated = [side for side in sides if side.arm is not Arm.HOLDOUT]
    yield from ((side, other) for side in treated for other in held)
    yield from ((later, earlier) for earlier, later in combinations(treated, 2))


def _size(part: Part) -> int:
    return sum(side.contacts + side.running for side in part.sides)


def _side(row: dict[str, Any]) -> Side:
    return Side(
        Arm(row["arm"]),
        row["split_arm"] or None,
        int(row["contacts"]),
        int(row["running"]),
        int(row["buyers"]),
        int(row["revenue_minor"]),
        int(row["squares"]),
    )
