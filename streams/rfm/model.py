"""Scoring models: frozen, versioned cuts and a map. Equal values get equal scores, always."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise, product
from typing import NamedTuple

from streams.rfm.segment_map import SCORES, Scores, require_complete, standard_map
from streams.rfm.segments import Segment

Cuts = tuple[int, int, int, int]
"""Four values that grow; a score is 1 + the number of them below the value."""

RECENCY_CUTS: Cuts = (30, 90, 180, 365)
FREQUENCY_CUTS: Cuts = (1, 2, 4, 7)
VALUE_CUTS: Cuts = (25, 50, 100, 200)

CURRENCY_FACTORS = {
    "USD": 1, "EUR": 1, "BRL": 5, "PEN": 4, "MXN": 20, "UYU": 40,
    "CLP": 1_000, "ARS": 1_000, "COP": 4_000, "PYG": 7_500,
}  # fmt: skip
"""What multiplies VALUE_CUTS (REQUIREMENTS A12)."""

MINOR_DIGITS = {"CLP": 0, "PYG": 0, "JPY": 0, "KRW": 0, "VND": 0, "ISK": 0, "KWD": 3, "BHD": 3, "TND": 3}
"""ISO 4217 minor units where they are not 2."""

WEIGHT_SCALE = 100
"""Weights of interactions are kept in hundredths."""


class ValueOf(StrEnum):
    """What the monetary score looks at."""

    AVERAGE = "average"
    SUM = "sum"


class Decline(NamedTuple):
    """Where silence leads from one cell: the first other segment, `days` after the last purchase."""

    segment: Segment
    days: int


class Outlook(NamedTuple):
    """What a cell of scores means. `falls`: days since the last purchase at which recency falls."""

    segment: Segment
    decline: Decline | None
    falls: int | None


def minor_units(currency: str) -> int:
    """Minor units in one unit of the currency (ISO 4217)."""
    return int(10 ** MINOR_DIGITS.get(currency, 2))


def default_value_cuts(currency: str) -> Cuts:
    """Cuts in minor units; ValueError for a currency without a factor: its account states its own."""
    factor = CURRENCY_FACTORS.get(currency)
    if factor is None:
        raise ValueError(f"there are no default cuts for {currency}: state the account's own value cuts")
    scale = factor * minor_units(currency)
    a, b, c, d = (cut * scale for cut in VALUE_CUTS)
    return a, b, c, d


@dataclass(frozen=True)
class ScoringModel:
    """Cuts for recency (days), frequency (purchases) and value (minor units), and the map.

    A score is 1 + the number of cuts below the value; recency counts the other way, for fewer days are
    better. Raises ValueError for cuts that do not grow or an incomplete map.
    """

    value_cuts: Cuts
    recency_cuts: Cuts = RECENCY_CUTS
    frequency_cuts: Cuts = FREQUENCY_CUTS
    cells: Mapping[Scores, Segment] = field(default_factory=standard_map)
    value_of: ValueOf = ValueOf.AVERAGE
    interaction_weight: int = 0
    version: int = 1
    outlook: tuple[Outlook, ...] = field(init=False, repr=False, compare=False)
    scaled_frequency_cuts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name, cuts in (("recency", self.recency_cuts), ("frequency", self.frequency_cuts)):
            _require_growing(name, cuts)
        _require_growing("value", self.value_cuts)
        if self.interaction_weight < 0:
            raise ValueError("the weight of interactions is not negative")
        require_complete(self.cells)
        outlook = [Outlook(Segment.NO_PURCHASES, None, None)] * 216
        for r, f, m in product(SCORES, repeat=3):
            outlook[(r * 6 + f) * 6 + m] = Outlook(
                self.cells[r, f, m], self._decline(r, f, m), self.boundary(r)
            )
        object.__setattr__(self, "outlook", tuple(outlook))
        scaled = tuple(cut * WEIGHT_SCALE for cut in self.frequency_cuts)
        object.__setattr__(self, "scaled_frequency_cuts", scaled)

    def recency_score(self, days: int) -> int:
        """Score of whole days since the last purchase."""
        return 5 - bisect_left(self.recency_cuts, days)

    def frequency_score(self, orders: int, interactions: int) -> int:
        """Score of purchases plus weighted interactions."""
        if not self.interaction_weight:
            return 1 + bisect_left(self.frequency_cuts, orders)
        weighted = orders * WEIGHT_SCALE + interactions * self.interaction_weight
        return 1 + bisect_left(self.scaled_frequency_cuts, weighted)

    def value_score(self, revenue_minor: int, orders: int) -> int:
        """Score of the average (or sum) of the purchases; exact: a cut counts if cut x orders < revenue."""
        if self.value_of is ValueOf.AVERAGE:
            return 1 + bisect_right(self.value_cuts, (revenue_minor - 1) // orders)
        return 1 + bisect_left(self.value_cuts, revenue_minor)

    def boundary(self, recency: int) -> int | None:
        """Days since the last purchase at which this recency score falls; None for the lowest."""
        return None if recency <= 1 else self.recency_cuts[5 - recency] + 1

    def _decline(self, r: int, f: int, m: int) -> Decline | None:
        here = self.cells[r, f, m]
        for lower in range(r - 1, 0, -1):
            if self.cells[lower, f, m] != here:
                return Decline(self.cells[lower, f, m], self.recency_cuts[4 - lower] + 1)
        return None


def average_minor(revenue_minor: int, orders: int) -> int | None:
    """Average ticket in minor units, rounded half up; None without orders."""
    return (2 * revenue_minor + orders) // (2 * orders) if orders else None


def _require_growing(name: str, cuts: Cuts) -> None:
    if any(b <= a for a, b in pairwise(cuts)) or cuts[0] < 0:
        raise ValueError(f"{name} needs four cuts that grow from 0 up, not {cuts}")
