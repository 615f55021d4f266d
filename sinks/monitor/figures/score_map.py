"""The base by its scores: how many contacts stand in each of the 125 cells, and who."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.records import Segment
from sinks.clickhouse.queries import Queries
from sinks.monitor.parts import Scores

MOST_OF_SCORES = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """Contacts with the same three scores."""

    scores: Scores
    segment: Segment
    contacts: int
    revenue_minor: int


def read_score_map(queries: Queries, account_id: str, origin: str | None) -> list[Cell]:
    """Cells that have contacts; `origin` "" means unknown, None all."""
    rows = queries.rows("score_map", account_id, **_bound(origin))
    return [
        Cell((row["r"], row["f"], row["m"]), Segment(row["segment"]), row["contacts"], row["revenue"])
        for row in rows
    ]


def read_contacts_of_scores(
    queries: Queries, account_id: str, scores: Scores, origin: str | None
) -> list[Mapping[str, Any]]:
    """The contacts of a cell who have spent most, `MOST_OF_SCORES` of them."""
    r, f, m = scores
    rows: list[Mapping[str, Any]] = list(
        queries.rows("contacts_of_scores", account_id, r=r, f=f, m=m, limit=MOST_OF_SCORES, **_bound(origin))
    )
    return rows


def _bound(origin: str | None) -> dict[str, Any]:
    return {"any_origin": origin is None, "origin": origin or "", "nothing": ""}
