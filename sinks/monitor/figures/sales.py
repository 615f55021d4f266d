"""Sales of any period from one read: purchases summed by (day, day on which the contact bought before).

A contact's first row within a period is the one whose purchase before lies outside. Its last day there is the
sum of its days less the sum of the days before, for all others cancel out; so sums over cells are enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from sinks.clickhouse.queries import Queries
from sinks.clickhouse.report import mean_days, rounded
from sinks.monitor.figures.running import Column, RunningSums
from sinks.monitor.figures.whose import EVERYBODY, Whose
from sinks.periods import Period

EPOCH = date(1970, 1, 1)
EVER = (date(1901, 1, 1), date(2298, 12, 31))
_COLUMNS = ("bought_on", "bought_before", "contacts", "purchases", "revenue")
"""Of the query, in the order of `Cells`."""


@dataclass(frozen=True, slots=True)
class Sales:
    """Figures of a period (A14). Means over nobody are None; recency in days."""

    recency_days: float | None
    recency_days_all: float | None
    orders: int
    average_ticket_minor: int | None
    revenue_minor: int
    buyers: int


@dataclass(frozen=True, slots=True)
class DaySales:
    """One day of a period."""

    day: date
    orders: int
    revenue_minor: int


@dataclass(frozen=True, slots=True)
class Cells:
    """Parallel columns in the order of days; `before` lies far below any day where there was no purchase."""

    day: Column
    before: Column
    contacts: Column
    orders: Column
    revenue_minor: Column
    up_to: RunningSums

    @classmethod
    def of(cls, columns: Sequence[Column]) -> "Cells":
        """From columns in any order: days (numbers since 1970), days before, contacts, orders, revenue."""
        day, before, contacts, orders, revenue = columns
        if (day[1:] < day[:-1]).any():
            order = np.argsort(day, kind="stable")
            day, before, contacts, orders, revenue = (column[order] for column in columns)
        up_to = RunningSums.of(day, before, contacts, orders, revenue)
        return cls(day, before, contacts, orders, revenue, up_to)

    def sales(self, period: Period) -> Sales:
        """Figures of a period as of its last day."""
        low, high = self._places(period)
        up_to, last = self.up_to, number(period.last)
        orders = int(up_to.orders[high] - up_to.orders[low])
        revenue = int(up_to.revenue_minor[high] - up_to.revenue_minor[low])
        buyers, silent = self._silence(period)
        all_buyers = int(up_to.first_contacts[high])
        all_silent = all_buyers * last - int(up_to.days[high] - up_to.days_before[high])
        return Sales(
            recency_days=mean_days(silent, buyers),
            recency_days_all=mean_days(all_silent, all_buyers),
            orders=orders,
            average_ticket_minor=rounded(revenue, orders),
            revenue_minor=revenue,
            buyers=buyers,
        )

    def chosen(self, which: npt.NDArray[np.bool_]) -> "Cells":
        """Only some of them."""
        return Cells.of([column[which] for column in self.columns])

    @property
    def columns(self) -> tuple[Column, ...]:
        """As `of` takes them."""
        return self.day, self.before, self.contacts, self.orders, self.revenue_minor

    def by_day(self, period: Period) -> list[DaySales]:
        """Every day of a period, also those without sales."""
        first, count = number(period.first), (period.last - period.first).days + 1
        edges = self.up_to.places(np.arange(first, first + count + 1))
        orders, revenue = np.diff(self.up_to.orders[edges]), np.diff(self.up_to.revenue_minor[edges])
        days = (period.first + timedelta(days=i) for i in range(count))
        return [DaySales(d, int(o), int(r)) for d, o, r in zip(days, orders, revenue, strict=True)]

    def _silence(self, period: Period) -> tuple[int, int]:
        """Buyers of a period, and the sum of their days of silence up to its last day."""
        low, high = self._places(period)
        up_to = self.up_to
        inside = slice(up_to.cells[low], up_to.cells[high])
        before, contacts = self.before[inside], self.contacts[inside]
        again = (before >= number(period.first)) * contacts
        buyers = int(up_to.contacts[high] - up_to.contacts[low] - again.sum())
        last_days = int(up_to.days[high] - up_to.days[low] - again @ before)
        return buyers, buyers * number(period.last) - last_days

    def _places(self, period: Period) -> tuple[int, int]:
        low, high = self.up_to.places(np.array([number(period.first), number(period.last) + 1]))
        return int(low), int(high)


def read_cells(
    queries: Queries, account_id: str, whose: Whose = EVERYBODY, days: tuple[date, date] = EVER
) -> Cells:
    """Purchases of some days by all contacts, or all by some."""
    if whose.everybody:
        batches = queries.batches("day_cells", account_id, first=days[0], last=days[1])
    else:
        batches = queries.batches("day_cells_of_some", account_id, **whose.bound())
    parts: dict[str, list[Column]] = {name: [] for name in _COLUMNS}
    for batch in batches:
        for name in _COLUMNS:
            parts[name].append(batch.column(name).to_numpy(zero_copy_only=False).astype(np.int64))
    return Cells.of([np.concatenate(part) if part else np.zeros(0, np.int64) for part in parts.values()])


def before(period: Period) -> Period:
    """As many days immediately before."""
    days = (period.last - period.first).days + 1
    one_day = timedelta(days=1)
    return Period("before", period.first - timedelta(days=days), period.first - one_day)


def change(now: float | None, then: float | None) -> float | None:
    """Growth as a share: 0.25 is 25 % more; None over zero or over nothing."""
    return (now - then) / then if now is not None and then else None


def number(day: date) -> int:
    """Days since 1970."""
    return (day - EPOCH).days
