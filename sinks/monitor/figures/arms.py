"""Arms of an experiment, and what can be said of their difference."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from math import ceil, isnan

from schemas.actions import Arm
from sinks.monitor.figures.sequences import ALPHA, FLOOR, WEIGHT, Moments, band, weight


class Verdict(StrEnum):
    """What an interval says; all but the last two are not conclusive yet."""

    FEW_CONTACTS = "few_contacts"
    FEW_PURCHASES = "few_purchases"
    OPEN = "open"
    MORE = "more"
    LESS = "less"


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


def pairs(sides: Sequence[Side]) -> Iterator[tuple[Side, Side]]:
    """Every arm with the holdout, then the arms with each other; several share the risk of an error."""
    held = [side for side in sides if side.arm is Arm.HOLDOUT]
    treated = [side for side in sides if side.arm is not Arm.HOLDOUT]
    yield from ((side, other) for side in treated for other in held)
    yield from ((later, earlier) for earlier, later in combinations(treated, 2))


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
