"""The state of one contact: ledger, purchases by day, scores."""

from bisect import bisect_left

from streams.rfm.interactions import Talk
from streams.rfm.orders import Entry
from streams.rfm.people import Card
from streams.rfm.segments import Segment

_NO_TALKS: dict[str, Talk] = {}
"""Shared by all who never said anything; never written to."""


class Contact:
    """Mutable, owned by one partition. `days` ascends; `day_orders` and `day_revenue` run beside it.

    `forgotten`: ids of interactions too old to be amended, whose records go when the contact does.
    """

    __slots__ = (
        "account_id", "added_tags", "boundary_day", "card", "changed_at_ms", "changes", "day_orders",
        "day_revenue", "days", "f", "forgotten", "id", "interactions", "last_day", "ledger", "m",
        "model_version", "next_segment", "next_segment_day", "orders", "r", "removed", "revenue_minor",
        "scored_day", "segment", "sentiment_sum", "sentiment_weight", "sequence", "talks",
    )  # fmt: skip

    def __init__(self, account_id: str, contact_id: str, model_version: int, day: int) -> None:
        self.account_id = account_id
        self.id = contact_id
        self.model_version = model_version
        self.scored_day = day
        self.changes = 0
        self.sequence = 0
        self.changed_at_ms = 0
        self.last_day: int | None = None
        self.boundary_day: int | None = None
        self.clear()
        self.removed = False

    def clear(self) -> None:
        """Make it a contact of whom nothing is known but the number of its changes."""
        self.ledger: dict[str, Entry] = {}
        self.talks: dict[str, Talk] = _NO_TALKS
        self.forgotten: tuple[str, ...] = ()
        self.card: Card | None = None
        self.added_tags: tuple[str, ...] = ()
        self.days: list[int] = []
        self.day_orders: list[int] = []
        self.day_revenue: list[int] = []
        self.orders = 0
        self.revenue_minor = 0
        self.interactions = 0
        self.sentiment_sum = 0
        self.sentiment_weight = 0
        self.r = self.f = self.m = 0
        self.segment = Segment.NO_PURCHASES
        self.next_segment: Segment | None = None
        self.next_segment_day: int | None = None
        self.removed = True

    @property
    def origin(self) -> str | None:
        """Where the contact came from, if a contact event said so."""
        return self.card.origin if self.card else None

    def remember(self, interaction_id: str, talk: Talk) -> None:
        """Keep the version of an interaction that is in force."""
        if self.talks is _NO_TALKS:
            self.talks = {}
        self.talks[interaction_id] = talk

    def forget(self, interaction_id: str) -> None:
        """Let go of an interaction but for its id."""
        self.talks.pop(interaction_id, None)
        if interaction_id not in self.forgotten:
            self.forgotten += (interaction_id,)

    def add(self, day: int, orders: int, revenue_minor: int) -> tuple[int, ...]:
        """Add purchases (negative: take away) to a day; returns the days whose row changed."""
        self.orders += orders
        self.revenue_minor += revenue_minor
        days = self.days
        if not days or day > days[-1]:
            i = len(days)
        else:
            i = bisect_left(days, day)
            if days[i] == day:
                return self._add_to_known(i, orders, revenue_minor)
        days.insert(i, day)
        self.day_orders.insert(i, orders)
        self.day_revenue.insert(i, revenue_minor)
        return (day, days[i + 1]) if i + 1 < len(days) else (day,)

    def _add_to_known(self, i: int, orders: int, revenue_minor: int) -> tuple[int, ...]:
        day = self.days[i]
        self.day_orders[i] += orders
        self.day_revenue[i] += revenue_minor
        if self.day_orders[i]:
            return (day,)
        del self.days[i], self.day_orders[i], self.day_revenue[i]
        return (day, self.days[i]) if i < len(self.days) else (day,)

    def rebuild(self) -> None:
        """Compute days and totals from the ledger."""
        booked = [(day, net_minor) for _, _, _, day, net_minor, counted in self.ledger.values() if counted]
        booked.sort()
        days: list[int] = []
        orders: list[int] = []
        revenue_minor: list[int] = []
        for day, net_minor in booked:
            if days and days[-1] == day:
                orders[-1] += 1
                revenue_minor[-1] += net_minor
            else:
                days.append(day)
                orders.append(1)
                revenue_minor.append(net_minor)
        self.days, self.day_orders, self.day_revenue = days, orders, revenue_minor
        self.orders, self.revenue_minor = len(booked), sum(revenue_minor)

    def day_row(self, day: int) -> tuple[int, int, int | None] | None:
        """(orders, revenue_minor, prev_day) of a day; None if nothing was bought on it."""
        i = bisect_left(self.days, day)
        if i == len(self.days) or self.days[i] != day:
            return None
        return self.day_orders[i], self.day_revenue[i], self.days[i - 1] if i else None
