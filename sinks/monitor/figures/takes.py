"""What it takes: the smallest purchase today that makes a contact a Champion (E7)."""

from dataclasses import dataclass

from schemas.records import Segment
from sinks.monitor.parts import ModelView

_TODAY = 5
"""Recency score of whoever buys today."""


@dataclass(frozen=True, slots=True)
class Takes:
    """So many purchases today, together of at least so much (minor units; 0: any purchase)."""

    purchases: int
    amount_minor: int


def what_it_takes(
    model: ModelView, *, orders: int, revenue_minor: int, interactions: int, most_purchases: int = 100
) -> Takes | None:
    """The fewest purchases, then the least amount; None if no number of purchases does it."""
    for purchases in range(1, most_purchases + 1):
        total = orders + purchases
        f = frequency_score(model, total, interactions)
        amounts = [
            _least_amount(model, m, total, revenue_minor)
            for m in range(value_score(model, revenue_minor, total), 6)
            if model.cells[_TODAY, f, m] is Segment.CHAMPIONS
        ]
        if amounts:
            return Takes(purchases, min(amounts))
    return None


def frequency_score(model: ModelView, orders: int, interactions: int) -> int:
    """1 + the cuts below purchases plus weighted interactions, in hundredths."""
    weighted = orders * 100 + interactions * round(100 * model.interaction_weight)
    return 1 + sum(cut * 100 < weighted for cut in model.frequency_cuts)


def value_score(model: ModelView, revenue_minor: int, orders: int) -> int:
    """1 + the cuts below the average (or the sum), compared without rounding."""
    scale = 1 if model.value_of == "sum" else orders
    return 1 + sum(cut * scale < revenue_minor for cut in model.value_cuts)


def _least_amount(model: ModelView, m: int, orders: int, revenue_minor: int) -> int:
    """What must be added so that the value score is at least m."""
    if m == 1:
        return 0
    scale = 1 if model.value_of == "sum" else orders
    return max(0, model.value_cuts[m - 2] * scale + 1 - revenue_minor)
