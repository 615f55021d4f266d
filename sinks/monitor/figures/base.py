"""The contact base as of now: one read by segment, origin and sentiment, of which everything shown is a sum.

At most fifty origins have a name; the rest are summed as the others where they lie, so that a base takes at
most 12 x 52 x 4 cells (60 kB) whatever an account calls its origins.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from schemas.records import Segment
from sinks.clickhouse.queries import Queries
from sinks.clickhouse.report import rounded
from sinks.monitor.figures.groups import CLASSIFIED, SEGMENTS
from sinks.monitor.figures.whose import EVERYBODY, Feeling, Whose, written

MOST_ORIGINS = 50
_FEELINGS = tuple(Feeling)
_UNKNOWN = ""
"""The origin of whom nobody has said it; stands beside the fifty."""


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
    """Contacts of one origin; None: unknown. `written`: how URLs ask for it."""

    origin: str | None
    contacts: int

    @property
    def written(self) -> str:
        """What `origin=` takes."""
        return written(self.origin) or ""


@dataclass(frozen=True, slots=True)
class Base:
    """Sums by (segment, origin, sentiment); each is contacts, orders, revenue.

    `named`: the origins in the order of the second axis ("" unknown), after which the others stand.
    """

    named: tuple[str, ...]
    sums: npt.NDArray[np.int64]

    def of(self, segments: Iterable[Segment], whose: Whose = EVERYBODY) -> Totals:
        """Sum over segments; only what `knows` says is told apart."""
        part = self.sums[[SEGMENTS.index(one) for one in set(segments)]]
        if whose.beside is not None:
            part = part[:, -1:]
        elif whose.origin is not None:
            part = part[:, [place for place, name in enumerate(self.named) if name == whose.origin]]
        if whose.sentiment is not None:
            part = part[:, :, [_FEELINGS.index(whose.sentiment)]]
        return Totals(*part.sum(axis=(0, 1, 2)).tolist())

    def knows(self, whose: Whose) -> bool:
        """Whether the origin has cells of its own here, or nobody."""
        return whose.origin is None or whose.origin in self.named or not self.sums[:, -1].any()

    def classified(self, whose: Whose = EVERYBODY) -> Totals:
        """Sum over the eleven segments: contacts with purchases."""
        return self.of(CLASSIFIED, whose)

    def everybody(self, whose: Whose = EVERYBODY) -> Totals:
        """Sum over all contacts."""
        return self.of(SEGMENTS, whose)

    def origins(self, sentiment: Feeling | None = None) -> tuple[list[OriginCount], int]:
        """The origins with most contacts and unknown, and the contacts of the others (B1), of a sentiment."""
        counts = [self.everybody(Whose(name, sentiment)).contacts for name in self.named]
        shown = [OriginCount(name or None, n) for name, n in zip(self.named, counts, strict=True)]
        return shown, self.everybody(Whose(sentiment=sentiment, beside=())).contacts

    def feelings(self, whose: Whose = EVERYBODY) -> dict[Feeling, int]:
        """Contacts of an origin by sentiment."""
        return {one: self.everybody(Whose(whose.origin, one, whose.beside)).contacts for one in _FEELINGS}

    @property
    def listed(self) -> list[str]:
        """The origins that have a name."""
        return [name for name in self.named if name != _UNKNOWN]


def read_base(queries: Queries, account_id: str, whose: Whose = EVERYBODY) -> Base:
    """The base now, of an origin or of all; sentiments are always told apart."""
    rows = queries.rows("monitor", account_id, most=MOST_ORIGINS, **whose.bound())
    contacts: dict[str, int] = {}
    for row in rows:
        if not row["other"]:
            name = row["named"] or _UNKNOWN
            contacts[name] = contacts.get(name, 0) + row["contacts"]
    named = sorted(contacts, key=lambda name: (-contacts[name], name))
    places = {name: place for place, name in enumerate(named)}
    sums = np.zeros((len(SEGMENTS), len(named) + 1, len(_FEELINGS), 3), np.int64)
    for row in rows:
        place = len(named) if row["other"] else places[row["named"] or _UNKNOWN]
        feeling = _FEELINGS.index(Feeling(row["sentiment"] or Feeling.NO_DATA))
        cell = sums[SEGMENTS.index(Segment(row["segment"])), place, feeling]
        cell += (row["contacts"], row["orders"], row["revenue_minor"])
    return Base(tuple(named), sums)


def share(part: int, whole: int) -> float | None:
    """part / whole; None over zero."""
    return part / whole if whole else None
