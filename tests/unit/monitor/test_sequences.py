"""The interval of a lift holds at its rate when it is looked at every day: simulations with fixed seeds.

Each experiment is one shop: contacts enter day by day, and every day somebody looks. It has failed if the
truth was outside at any look. Of 1,000 experiments no more than 50 may fail; there is no tolerance on top,
although an interval that failed with probability 0.05 would exceed 50 every other time and 73 (binomial) once
in a thousand. The ordinary interval fails more than 100 times, so that this file tells the two apart.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from sinks.monitor.figures.sequences import ALPHA, FLOOR, WEIGHT, Band, Moments, band, weight

EXPERIMENTS = 1_000
MOST_FAILURES = int(EXPERIMENTS * ALPHA)
DAYS = 30


class Base(NamedTuple):
    """A simulated base: contacts of both arms, share that buys untreated, how many times that of the treated,
    and the spread of an amount's logarithm (0: all are 1, which is the repurchase rate)."""

    treated: int
    held: int
    buys: float
    times: float = 1.0
    spread: float = 0.0

    @property
    def truth(self) -> float:
        """The difference of the means."""
        return self.buys * (self.times - 1) * float(np.exp(self.spread**2 / 2))


NOTHING_HAPPENS = [
    Base(2_000, 222, 0.1),
    Base(600, 600, 0.1),
    Base(2_000, 222, 0.03),
    Base(300, 300, 0.3),
    Base(2_000, 222, 0.1, spread=1.0),
    Base(4_000, 444, 0.1, spread=1.5),
    Base(1_500, 1_500, 0.1, spread=1.5),
]
SOMETHING_HAPPENS = [
    Base(2_000, 222, 0.1, 1.5),
    Base(2_000, 222, 0.1, 3.0),
    Base(600, 600, 0.2, 1.5),
    Base(2_000, 222, 0.1, 0.5),
    Base(2_000, 222, 0.1, 2.0, spread=1.0),
    Base(2_000, 222, 0.1, 0.33, spread=1.0),
    Base(600, 600, 0.1, 3.0, spread=1.5),
]


def looks(rng: np.random.Generator, contacts: int, buys: float, spread: float) -> Moments:
    """Moments of an arm at the end of every day of every experiment."""
    shape = (EXPERIMENTS, contacts)
    values = (rng.random(shape, dtype=np.float32) < buys).astype(np.float32)
    if spread:
        values *= np.exp(spread * rng.standard_normal(shape, dtype=np.float32))
    return by_day(values)


def by_day(values: npt.NDArray[np.float32]) -> Moments:
    """Moments at the end of every day of each experiment; contacts come in the order of columns."""
    contacts = values.shape[1]
    starts = np.arange(DAYS) * contacts // DAYS
    known = np.append(starts[1:], contacts).astype(np.float64)
    total, squares = (
        np.add.reduceat(of, starts, axis=1, dtype=np.float64).cumsum(axis=1) for of in (values, values**2)
    )
    return Moments(np.broadcast_to(known, total.shape), total, squares)


def experiments(base: Base, seed: int = 7) -> tuple[Moments, Moments]:
    """Both arms, treated first."""
    rng = np.random.default_rng(seed)
    return (
        looks(rng, base.treated, base.buys * base.times, base.spread),
        looks(rng, base.held, base.buys, base.spread),
    )


def outside(found: Band, value: float) -> npt.NDArray[np.bool_]:
    """Whether the interval leaves a value out; one that is not there leaves nothing out."""
    return (value < found.low) | (value > found.high)


def ever_outside(found: Band, value: float) -> int:
    """In how many experiments the value was outside at some look."""
    return int(outside(found, value).any(axis=1).sum())


def fixed(one: Moments, other: Moments) -> Band:
    """The ordinary interval of 95 %, right at one moment chosen before, where ours has one."""
    ours = band(one, other)
    variance = sum(arm.deviations / (arm.contacts - 1) / arm.contacts for arm in (one, other))
    radius = np.where(np.isnan(ours.low), np.nan, 1.96 * np.sqrt(variance))
    return Band(ours.difference, ours.difference - radius, ours.difference + radius)


@pytest.mark.parametrize("base", NOTHING_HAPPENS + SOMETHING_HAPPENS, ids=str)
def test_looked_at_daily_the_interval_covers_the_truth_at_its_rate(base: Base) -> None:
    found = band(*experiments(base))
    assert np.isfinite(found.low[:, -1]).mean() > 0.5
    assert ever_outside(found, base.truth) <= MOST_FAILURES


@pytest.mark.parametrize("base", NOTHING_HAPPENS, ids=str)
def test_looked_at_daily_nothing_is_seldom_called_a_winner(base: Base) -> None:
    assert ever_outside(band(*experiments(base, seed=8)), 0.0) <= MOST_FAILURES


def test_a_season_of_both_arms_alike_is_no_winner() -> None:
    rng = np.random.default_rng(9)

    def arm(contacts: int) -> Moments:
        season = np.linspace(0.02, 0.3, contacts)
        return by_day((rng.random((EXPERIMENTS, contacts)) < season).astype(np.float32))

    assert ever_outside(band(arm(2_000), arm(222)), 0.0) <= MOST_FAILURES


@pytest.mark.parametrize("base", [Base(2_000, 222, 0.1), Base(600, 600, 0.1)], ids=str)
def test_the_ordinary_interval_would_be_too_narrow(base: Base) -> None:
    arms = experiments(base)
    once = outside(fixed(*arms), 0.0)[:, -1].sum()
    assert once < 2 * MOST_FAILURES
    assert ever_outside(fixed(*arms), 0.0) > 2 * MOST_FAILURES


@pytest.mark.parametrize(
    ("base", "share"),
    [(Base(2_000, 222, 0.1, 3.0), 0.9), (Base(600, 600, 0.1, 2.0), 0.7), (Base(2_000, 222, 0.1, 2.0), 0.2)],
    ids=str,
)
def test_an_effect_is_found(base: Base, share: float) -> None:
    found = band(*experiments(base))
    assert ((found.low > 0).any(axis=1)).mean() >= share


def test_it_narrows_as_contacts_come() -> None:
    found = band(*experiments(Base(2_000, 2_000, 0.2)))
    widths = (found.high - found.low)[:, 5:].mean(axis=0)
    assert (np.diff(widths) < 0).all()


def arm(contacts: int, buyers: int, amount: float = 1.0) -> Moments:
    """Buyers who spent the same."""
    return Moments.of(contacts, buyers * amount, buyers * amount**2)


@pytest.mark.parametrize(
    ("one", "other", "tells"),
    [
        (arm(FLOOR, 20), arm(FLOOR, 20), True),
        (arm(FLOOR - 1, 20), arm(9_000, 900), False),
        (arm(FLOOR, WEIGHT), arm(FLOOR, 0), True),
        (arm(FLOOR, WEIGHT - 1), arm(FLOOR, 0), False),
        (arm(0, 0), arm(FLOOR, 50), False),
        (Moments.of(FLOOR, 1_029, 1_000_029), arm(FLOOR, 1), False),
    ],
)
def test_it_says_nothing_of_few_contacts_or_purchases(one: Moments, other: Moments, tells: bool) -> None:
    found = band(one, other)
    assert np.isfinite(found.low) == np.isfinite(found.high) == tells


@pytest.mark.parametrize("scale", [0.01, 100.0])
def test_it_is_the_same_in_any_currency(scale: float) -> None:
    def turned(of: Moments) -> Moments:
        return Moments(of.contacts, of.total * scale, of.squares * scale**2)

    one, other = Moments.of(400, 900.0, 9_000.0), Moments.of(150, 80.0, 900.0)
    plain, other_units = band(one, other), band(turned(one), turned(other))
    assert np.allclose([value * scale for value in plain], other_units)
    assert np.isclose(weight(one, other), weight(turned(one), turned(other)))


def test_exchanged_arms_turn_the_sign_and_a_stricter_level_widens() -> None:
    one, other = arm(500, 80), arm(300, 20)
    there, back = band(one, other), band(other, one)
    assert np.allclose([there.difference, there.low, there.high], [-back.difference, -back.high, -back.low])
    assert band(one, other, ALPHA / 3).low < there.low
