"""Sales of any period from one read: purchases summed by (day, day on which the contact bought before).

A contact's first row within a period is the one whose purchase before lies outside. Its last day there is the
sum of its days less the sum of the days before, for all others cancel out; so sums over cells are enough.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from sinks.clickhouse.queries import Queries
from sinks.clickhouse.report import mean_days, rounded
from sinks.periods import Period

Column = npt.NDArray[np.int64]
EPOCH = date(1970, 1, 1)
EVER = (date(1901, 1, 1), date(2298, 12, 31))
_LONG_AGO = -100_000
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
    """Parallel columns; days are numbers since 1970, `before` far below any where there was no purchase."""

    day: Column
    before: Column
    contacts: Column
    orders: Column
    revenue_minor: Column

    def sales(self, period: Period) -> Sales:
        """Figures of a period as of its last day."""
        first, last = number(period.first), number(period.last)
        within = (self.day >= first) & (self.day <= last)
        orders, revenue = int(self.orders[within].sum()), int(self.revenue_minor[within].sum())
        buyers, silent = self._silence(first, last)
        all_buyers, all_silent = self._silence(_LONG_AGO, last)
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
        columns = (self.day, self.before, self.contacts, self.orders, self.revenue_minor)
        return Cells(*(column[which] for column in columns))

    def by_day(self, period: Period) -> list[DaySales]:
        """Every day of a period, also those without sales."""
        first, count = number(period.first), (period.last - period.first).days + 1
        within = (self.day >= first) & (self.day < first + count)
        orders, revenue = np.zeros(count, np.int64), np.zeros(count, np.int64)
        np.add.at(orders, self.day[within] - first, self.orders[within])
        np.add.at(revenue, self.day[within] - first, self.revenue_minor[within])
        days = (period.first + timedelta(days=i) for i in range(count))
        return [DaySales(d, int(o), int(r)) for d, o, r in zip(days, orders, revenue, strict=True)]

    def _silence(self, first: int, last: int) -> tuple[int, int]:
        """Buyers of the days `first` to `last`, and the sum of their days of silence up to `last`."""
        within = (self.day >= first) & (self.day <= last)
        again = within & (self.before >= first)
        contacts = self.contacts
        buyers = int(contacts[within].sum() - contacts[again].sum())
        last_days = int((contacts * self.day)[within].sum() - (contacts * self.before)[again].sum())
        return buyers, buyers * last - last_days


def read_cells(
    queries: Queries, account_id: str, origin: str | None, days: tuple[date, date] = EVER
) -> Cells:
    """Purchases of some days by all contacts, or all by those of one origin ("" means unknown)."""
    if origin is None:
        batches = queries.batches("day_cells", account_id, first=days[0], last=days[1])
    else:
        batches = queries.batches("day_cells_of_origin", account_id, origin=origin, nothing="")
    parts: dict[str, list[Column]] = {name: [] for name in _COLUMNS}
    for batch in batches:
        for name in _COLUMNS:
            parts[name].append(batch.column(name).to_numpy(zero_copy_only=False).astype(np.int64))
    return Cells(*(np.concatenate(part) if part else np.zeros(0, np.int64) for part in parts.values()))


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
