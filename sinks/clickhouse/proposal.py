"""Cuts proposed from the account's own buyers, once there are enough of them (REQUIREMENTS D)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sinks.clickhouse.queries import Queries

LEAST_BUYERS = 500
LEAST_DAYS = 180


@dataclass(frozen=True, slots=True)
class Proposal:
    """Quintiles as cuts: recency in days, frequency in purchases, value in minor units."""

    buyers: int
    days: int
    recency_cuts: list[int]
    frequency_cuts: list[int]
    value_cuts: list[int]

    @property
    def is_sound(self) -> bool:
        """Whether the base is large and old enough; below that the fixed cuts stay (REQUIREMENTS D)."""
        return self.buyers >= LEAST_BUYERS and self.days >= LEAST_DAYS


def propose(queries: Queries, account_id: str, today: date) -> Proposal:
    """What the base says as of `today`; look at `is_sound` before using it."""
    (row,) = queries.rows("proposal", account_id, to=today)
    return Proposal(
        buyers=row["buyers"],
        days=row["days"] if row["buyers"] else 0,
        recency_cuts=_growing(row["recency"]),
        frequency_cuts=_growing(row["frequency"]),
        value_cuts=_growing(row["value"]),
    )


def _growing(quantiles: Sequence[int]) -> list[int]:
    """Cuts must grow: where many contacts share a value, the next cut moves up by one."""
    cuts: list[int] = []
    for quantile in quantiles:
        cuts.append(max(int(quantile), cuts[-1] + 1 if cuts else 0))
    return cuts
