"""Running sums over days: what a span of days holds is a difference of two."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[np.int64]
_LONG_AGO = -100_000
"""Days since 1970: whoever has a day before that has none."""


@dataclass(frozen=True, slots=True)
class RunningSums:
    """Sums over the cells of the days before a day: index 0 before `first`, the last over all."""

    first: int
    cells: Column
    contacts: Column
    orders: Column
    revenue_minor: Column
    days: Column
    """Of contacts times day."""
    first_contacts: Column
    """Of those who had not bought before."""
    days_before: Column
    """Of contacts times the day before, where there is one."""

    @classmethod
    def of(
        cls, day: Column, before: Column, contacts: Column, orders: Column, revenue: Column
    ) -> "RunningSums":
        """Over parallel columns in the order of days."""
        first, last = (int(day[0]), int(day[-1])) if day.size else (0, -1)
        edges = np.searchsorted(day, np.arange(first, last + 2))
        again = before > _LONG_AGO
        summed = (contacts, orders, revenue, contacts * day, contacts * ~again, contacts * again * before)
        none = np.zeros(1, np.int64)
        return cls(first, edges, *(np.concatenate([none, np.cumsum(column)])[edges] for column in summed))

    def places(self, days: Column) -> Column:
        """Where what precedes each day stands."""
        return np.clip(days - self.first, 0, len(self.cells) - 1)
