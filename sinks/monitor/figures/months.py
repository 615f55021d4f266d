"""Cells of purchases kept by month: after a change only the months that it touched are read again.

A new order touches its own month alone; a late one also that of the contact's next purchase.
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.sales import Cells, read_cells

_WELL_AFTER_SECONDS = 1.0
_MOST_SINGLE_READS = 6
_MOST_ACCOUNTS = 16


@dataclass(slots=True)
class _Month:
    """How much was written and when (monotonic seconds), and the cells with the time of their read."""

    written: int
    written_at: float
    read_at: float = -1.0
    cells: Cells | None = None

    @property
    def holds(self) -> bool:
        """A view may show a block a moment before its table does: read once more, well after."""
        return self.read_at > self.written_at + _WELL_AFTER_SECONDS


@dataclass(slots=True)
class _Account:
    lock: threading.Lock = field(default_factory=threading.Lock)
    months: dict[int, _Month] = field(default_factory=dict)
    whole: Cells | None = None


class MonthCells:
    """The cells of the accounts asked for last. Thread-safe."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self._lock = threading.Lock()
        self._accounts: OrderedDict[str, _Account] = OrderedDict()

    def of(self, account_id: str) -> Cells:
        """All purchases of the account as of now."""
        with self._lock:
            account = self._accounts.pop(account_id, None) or _Account()
            self._accounts[account_id] = account
            while len(self._accounts) > _MOST_ACCOUNTS:
                self._accounts.popitem(last=False)
        with account.lock:
            return self._refreshed(account_id, account)

    def _refreshed(self, account_id: str, account: _Account) -> Cells:
        now = time.monotonic()
        for row in self._queries.rows("month_ticks", account_id):
            known = account.months.get(row["month"])
            if known is None or known.written != row["rows_written"]:
                cells = known.cells if known else None
                account.months[row["month"]] = _Month(row["rows_written"], now - row["age"], cells=cells)
        stale = [number for number, month in account.months.items() if not month.holds]
        if account.whole is None or len(stale) > _MOST_SINGLE_READS:
            self._read_all(account_id, account)
        elif stale:
            for number in stale:
                first = _first_day(number)
                self._keep(account.months[number], account_id, (first, _first_day(number + 1) - timedelta(1)))
            kept = [account.months[number].cells for number in sorted(account.months)]
            account.whole = _joined([cells for cells in kept if cells is not None])
        return account.whole if account.whole is not None else _joined([])

    def _keep(self, month: _Month, account_id: str, days: tuple[date, date]) -> None:
        month.read_at = time.monotonic()
        month.cells = read_cells(self._queries, account_id, days=days)

    def _read_all(self, account_id: str, account: _Account) -> None:
        begun = time.monotonic()
        whole = read_cells(self._queries, account_id)
        numbers = _months_of(whole)
        for number in {*account.months, *(int(n) for n in np.unique(numbers))}:
            month = account.months.setdefault(number, _Month(0, begun))
            month.read_at, month.cells = begun, whole.chosen(numbers == number)
        account.whole = whole


def _first_day(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def _months_of(cells: Cells) -> np.typing.NDArray[np.int64]:
    """Months since year 0 of each cell's day."""
    return cells.day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12


def _joined(parts: list[Cells]) -> Cells:
    columns = zip(*(part.columns for part in parts), strict=True)
    return Cells.of([np.concatenate(column) for column in columns] or [np.zeros(0, np.int64)] * 5)
