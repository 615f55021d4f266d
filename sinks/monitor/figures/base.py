"""The contact base as of now: one read by segment and origin, of which everything on the screen is a sum."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.records import Segment
from sinks.clickhouse.queries import Queries
from sinks.clickhouse.report import rounded
from sinks.monitor.figures.groups import CLASSIFIED, SEGMENTS

MOST_ORIGINS = 50


@dataclass(frozen=True, slots=True)
class Totals:
    """Contacts with their purchases; `revenue_minor` in minor units."""

    contacts: int = 0
    orders: int = 0
    revenue_minor: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            self.contacts + other.contacts,
            self.orders + other.orders,
            self.revenue_minor + other.revenue_minor,
        )

    @property
    def average_ticket_minor(self) -> int | None:
        """Revenue an order, rounded half up; None without orders."""
        return rounded(self.revenue_minor, self.orders)


@dataclass(frozen=True, slots=True)
class OriginCount:
    """Contacts of one origin; None: unknown."""

    origin: str | None
    contacts: int


@dataclass(frozen=True, slots=True)
class Base:
    """Totals by (segment, origin)."""

    cells: dict[tuple[Segment, str | None], Totals]

    def of(self, segments: Iterable[Segment], origin: str | None = None) -> Totals:
        """Sum over segments; `origin` "" means unknown, None all."""
        wanted = frozenset(segments)
        chosen = (t for (s, o), t in self.cells.items() if s in wanted and origin in (None, o or ""))
        return sum(chosen, Totals())

    def classified(self, origin: str | None = None) -> Totals:
        """Sum over the eleven segments: contacts with purchases."""
        return self.of(CLASSIFIED, origin)

    def everybody(self, origin: str | None = None) -> Totals:
        """Sum over all contacts."""
        return self.of(SEGMENTS, origin)

    def origins(self) -> tuple[list[OriginCount], int]:
        """The origins with most contacts, and the contacts of the others (B1)."""
        counts: dict[str | None, int] = {}
        for (_, origin), totals in self.cells.items():
            counts[origin] = counts.get(origin, 0) + totals.contacts
        ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0] or ""))
        shown = [OriginCount(origin, contacts) for origin, contacts in ranked[:MOST_ORIGINS]]
        return shown, sum(contacts for _, contacts in ranked[MOST_ORIGINS:])


def read_base(queries: Queries, account_id: str) -> Base:
    """The base now."""
    return Base(
        {
            (Segment(row["segment"]), row["origin"]): Totals(
                row["contacts"], row["orders"], row["revenue_minor"]
            )
            for row in queries.rows("monitor", account_id)
        }
    )


def share(part: int, whole: int) -> float | None:
    """part / whole; None over zero."""
    return part / whole if whole else None
