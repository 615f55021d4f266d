"""Intervals that hold however often somebody looks: confidence sequences for the difference of two means.

An ordinary interval of 95 % is right at one moment chosen before; looked at every day it misses the truth
sooner or later. These hold at all times at once: the probability that the truth *ever* lies outside is at
most `alpha`. Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and
asymptotic confidence sequences" (Annals of Statistics, 2024; arXiv 2103.06476), the Gaussian mixture boundary
of theorem 2.2, here for the difference of two means: its variance V, not assumed equal in the arms, stands
for their sigma^2 / t, and t is n1 n2 / (n1 + n2). It is asymptotic, which two things make good for small
bases, chosen by simulation (tests/unit/monitor/test_sequences.py):

* The variance of an arm is not less than that of both arms together: an arm of 100 contacts in which by
  chance nobody bought, or nobody much, does not look certain.
* There is no interval before purchases weigh as much as WEIGHT equal ones, (sum of x)^2 / (sum of x^2): a few
  large ones tell little.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

ALPHA = 0.05
"""The truth lies outside, at any time whatever, with at most this probability."""
FLOOR = 100
"""Contacts that an arm has before its interval says anything (REQUIREMENTS D)."""
WEIGHT = 30
"""Equal purchases of both arms together that theirs weigh as much as."""
TUNED_TO = 500
"""The interval is narrowest where n1 n2 / (n1 + n2) contacts are this many; it holds everywhere."""

Numbers = npt.NDArray[np.float64]


class Moments(NamedTuple):
    """Of each contact's value in an arm: how many, their sum, the sum of their squares. Any shape."""

    contacts: Numbers
    total: Numbers
    squares: Numbers

    @classmethod
    def of(cls, contacts: int, total: float, squares: float) -> "Moments":
        """Of a single arm."""
        return cls(*(np.asarray(one, np.float64) for one in (contacts, total, squares)))

    @property
    def mean(self) -> Numbers:
        """Nan of nobody."""
        with np.errstate(invalid="ignore"):
            return self.total / self.contacts

    @property
    def deviations(self) -> Numbers:
        """Sum of the squared deviations from the mean."""
        with np.errstate(invalid="ignore"):
            return np.maximum(self.squares - self.total * self.total / self.contacts, 0.0)


class Band(NamedTuple):
    """A difference, one less the other, with its interval; nan where there is none yet."""

    difference: Numbers
    low: Numbers
    high: Numbers


def band(one: Moments, other: Moments, alpha: float = ALPHA) -> Band:
    """The difference of the means of two arms and its interval, element by element."""
    difference = one.mean - other.mean
    radius = np.where(_tells(one, other), _radius(one, other, alpha), np.nan)
    return Band(difference, difference - radius, difference + radius)


def weight(one: Moments, other: Moments) -> Numbers:
    """As many equal purchases as those of two arms weigh."""
    squares = one.squares + other.squares
    return np.where(squares > 0, (one.total + other.total) ** 2 / np.where(squares > 0, squares, 1.0), 0.0)


def _tells(one: Moments, other: Moments) -> npt.NDArray[np.bool_]:
    enough = np.minimum(one.contacts, other.contacts) >= FLOOR
    return np.asarray(enough & (weight(one, other) >= WEIGHT))


def _radius(one: Moments, other: Moments, alpha: float) -> Numbers:
    """Half the interval: sqrt(V) times the boundary of the mixture at time n1 n2 / (n1 + n2)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        both = one.contacts + other.contacts
        pooled = (one.deviations + other.deviations) / (both - 2)
        variance = sum(
            np.maximum(arm.deviations / (arm.contacts - 1), pooled) / arm.contacts for arm in (one, other)
        )
        time = one.contacts * other.contacts / both * _rho_squared(alpha)
        boundary = 2 * (time + 1) / time * np.log(np.sqrt(time + 1) / alpha)
        return np.sqrt(variance * boundary)


def _rho_squared(alpha: float) -> float:
    certain = -2 * np.log(alpha)
    return float((certain + np.log(certain + 1)) / TUNED_TO)
