"""What another scoring model would do to the base as it is today (E3)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from schemas.records import Segment
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.base import Totals
from sinks.monitor.figures.model import cells, cuts, segment_numbered
from sinks.monitor.parts import ModelView


@dataclass(frozen=True, slots=True)
class Preview:
    """Contacts and revenue by segment now and under the candidate."""

    moves: dict[tuple[Segment, Segment], Totals]

    def now(self, segment: Segment) -> Totals:
        """The segment as it is."""
        return sum((t for (source, _), t in self.moves.items() if source is segment), Totals())

    def then(self, segment: Segment) -> Totals:
        """The segment under the candidate."""
        return sum((t for (_, target), t in self.moves.items() if target is segment), Totals())

    def moved(self) -> Totals:
        """Everybody who would be elsewhere."""
        return sum((t for (source, target), t in self.moves.items() if source is not target), Totals())


def read_preview(queries: Queries, account_id: str, candidate: ModelView, today: date) -> Preview:
    """Score everybody by the candidate."""
    rows = queries.rows(
        "model_preview",
        account_id,
        to=today,
        interaction_weight=round(100 * candidate.interaction_weight),
        **cuts(candidate),
        cells=cells(candidate),
    )
    moves: dict[tuple[Segment, Segment], Totals] = defaultdict(Totals)
    for row in rows:
        pair = Segment(row["from_segment"]), segment_numbered(row["to_segment"])
        moves[pair] += Totals(row["contacts"], row["purchases"], row["revenue"])
    return Preview(dict(moves))
