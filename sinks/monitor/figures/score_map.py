"""The base by its scores: how many contacts stand in each of the 125 cells."""

from dataclasses import dataclass

from schemas.records import Segment
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.whose import Whose
from sinks.monitor.parts import Scores


@dataclass(frozen=True, slots=True)
class Cell:
    """Contacts with the same three scores."""

    scores: Scores
    segment: Segment
    contacts: int
    revenue_minor: int


def read_score_map(queries: Queries, account_id: str, whose: Whose) -> list[Cell]:
    """Cells that have contacts."""
    rows = queries.rows("score_map", account_id, **whose.bound())
    return [
        Cell((row["r"], row["f"], row["m"]), Segment(row["segment"]), row["contacts"], row["revenue"])
        for row in rows
    ]
