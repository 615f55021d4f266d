"""A shop with a known history: rows as the sink would store them, and the same figures by plain Python.

Nothing here uses the code under test: days by zoneinfo, scores by comparing with cuts one by one.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from schemas.records import Segment
from sinks.clickhouse.database import Database
from sinks.monitor.parts import ModelView
from streams.rfm.account import Account

Sale = tuple[str, datetime, int]
"""Contact, instant, minor units."""


def model_of(currency: str = "USD", **body: Any) -> ModelView:
    """The account's first model."""
    model = Account.from_body("shop", {"currency": currency, "time_zone": "UTC", **body}).model
    return ModelView(
        recency_cuts=model.recency_cuts,
        frequency_cuts=model.frequency_cuts,
        value_cuts=model.value_cuts,
        value_of=model.value_of.value,
        interaction_weight=model.interaction_weight / 100,
        version=model.version,
        cells={scores: Segment(segment.value) for scores, segment in model.cells.items()},
    )


@dataclass(frozen=True)
class Shop:
    """Purchases by contact and local day: orders and revenue."""

    account_id: str
    zone: ZoneInfo
    model: ModelView
    bought: dict[str, dict[date, tuple[int, int]]] = field(default_factory=dict)

    def sell(self, sales: Iterable[Sale]) -> None:
        """Book sales on the days of the shop's zone."""
        for contact, at, minor in sales:
            days = self.bought.setdefault(contact, {})
            day = at.astimezone(self.zone).date()
            orders, revenue = days.get(day, (0, 0))
            days[day] = (orders + 1, revenue + minor)

    def segment(self, contact: str, day: date) -> Segment | None:
        """Where a contact stood at the end of a day; None before its first purchase."""
        until = {d: sums for d, sums in self.bought[contact].items() if d <= day}
        if not until:
            return None
        orders = sum(n for n, _ in until.values())
        revenue = sum(v for _, v in until.values())
        silent = (day - max(until)).days
        r = 5 - sum(cut < silent for cut in self.model.recency_cuts)
        f = 1 + sum(cut < orders for cut in self.model.frequency_cuts)
        worth = Fraction(revenue, orders if self.model.value_of == "average" else 1)
        m = 1 + sum(cut < worth for cut in self.model.value_cuts)
        return self.model.cells[r, f, m]

    def standing(self, day: date) -> Counter[Segment]:
        """Contacts by segment at the end of a day."""
        found = (self.segment(contact, day) for contact in self.bought)
        return Counter(segment for segment in found if segment is not None)

    def moves(self, first: date, last: date) -> Counter[tuple[str, str]]:
        """Contacts by where they were and where they are; `new` before the first purchase."""
        pairs = ((self.segment(c, first), self.segment(c, last)) for c in self.bought)
        return Counter((a.value if a else "new", b.value) for a, b in pairs if b is not None)

    def sales(self, first: date, last: date) -> dict[str, Any]:
        """What `Sales` says of a period."""
        ordered = [sorted(days) for days in self.bought.values()]
        last_ever = [days[bisect_left(days, last + timedelta(1)) - 1] for days in ordered if days[0] <= last]
        buyers = [day for day in last_ever if day >= first]
        within = [s for days in self.bought.values() for d, s in days.items() if first <= d <= last]
        orders, revenue = sum(n for n, _ in within), sum(v for _, v in within)
        return {
            "recency_days": _mean([(last - day).days for day in buyers]),
            "recency_days_all": _mean([(last - day).days for day in last_ever]),
            "orders": orders,
            "average_ticket_minor": int(Fraction(revenue, orders) + Fraction(1, 2)) if orders else None,
            "revenue_minor": revenue,
            "buyers": len(buyers),
        }

    def store(self, database: Database, first: int = 1) -> None:
        """Days, and profiles after the last of them: only what the figures of movement and sales read."""
        rows = [
            (self.account_id, contact, day, before, *days[day])
            for contact, days in self.bought.items()
            for before, day in zip([None, *sorted(days)], sorted(days), strict=False)
        ]
        names = ("account_id", "contact_id", "day", "prev_day", "orders", "revenue_minor")
        frame = pl.DataFrame(rows, schema=dict(zip(names, _DAY_TYPES, strict=True)), orient="row")
        database.insert("contact_days", numbered(frame, first))
        store_profiles(database, self.profiles(max(max(days) for days in self.bought.values())), first)

    def profiles(self, today: date, **more: Any) -> list[dict[str, Any]]:
        """Rows of contact_profiles at the end of a day; `more` goes into each."""
        return [self._profile(contact, today) | more for contact in self.bought]

    def _profile(self, contact: str, today: date) -> dict[str, Any]:
        days = self.bought[contact]
        segment = self.segment(contact, today)
        return {
            "account_id": self.account_id,
            "contact_id": contact,
            "orders": sum(n for n, _ in days.values()),
            "revenue_minor": sum(v for _, v in days.values()),
            "currency": "USD",
            "segment": (segment or Segment.NO_PURCHASES).value,
            "first_order_day": min(days),
            "last_order_day": max(days),
        }


def numbered(frame: pl.DataFrame, first: int = 1) -> pl.DataFrame:
    """Rows with a growing sequence."""
    sequence = pl.int_range(first, first + frame.height, dtype=pl.UInt64, eager=True)
    return frame.with_columns(sequence.alias("sequence"))


def store_profiles(database: Database, rows: Sequence[Mapping[str, Any]], first: int = 1) -> None:
    """Insert profiles; columns that a row lacks get their defaults."""
    database.insert("contact_profiles", numbered(pl.DataFrame(rows, infer_schema_length=None), first))


def _mean(numbers: list[int]) -> float | None:
    """To two places, rounded half up."""
    if not numbers:
        return None
    return int(Fraction(100 * sum(numbers), len(numbers)) + Fraction(1, 2)) / 100


_DAY_TYPES = (pl.String, pl.String, pl.Date, pl.Date, pl.Int64, pl.Int64)
