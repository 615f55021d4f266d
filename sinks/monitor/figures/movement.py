"""How the base moved: restated from the ledger by effective dates, or as the recorded changes told it.

Restated, a contact is known from the day of its first purchase on: before, it is `new`. Contacts without any
purchase stand still and are left out. Who was erased has no purchases left: what is known of them is what the
changes said, so they appear as rows that end in `erased`.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from schemas.records import Cause, Segment
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.base import Totals
from sinks.monitor.figures.groups import CLASSIFIED, SEGMENTS
from sinks.monitor.figures.model import cells, cuts, segment_numbered, until
from sinks.monitor.figures.sales import number
from sinks.monitor.figures.whose import EVERYBODY, Whose
from sinks.monitor.parts import ModelView

NEW = "new"
ERASED = "erased"
Matrix = dict[tuple[str, str], int]
"""Contacts by where they were (a segment or `new`) and where they are (a segment or `erased`)."""
_NEVER = 1_000_000
_SPAN_COLUMNS = ("bought_on", "bought_next", "f", "m", "contacts")


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose contacts: of an account on its day under its model, all or some."""

    account_id: str
    today: date
    model: ModelView
    whose: Whose = EVERYBODY

    def bound(self) -> dict[str, Any]:
        """What every query of this module binds."""
        return self.whose.bound()


def read_transitions(queries: Queries, scope: Scope, first: date, last: date) -> Matrix:
    """Between the ends of two days, restated."""
    rows = queries.rows(
        "transitions",
        scope.account_id,
        **{"from": first, "to": last},
        from_until=until(first, scope.today),
        to_until=until(last, scope.today),
        **scope.bound(),
        **cuts(scope.model),
        cells=cells(scope.model),
    )
    matrix: Counter[tuple[str, str]] = Counter()
    for row in rows:
        source = segment_numbered(row["from_segment"]).value if row["from_segment"] else NEW
        matrix[source, segment_numbered(row["to_segment"]).value] += row["contacts"]
    for (source, target), contacts in _known(queries, scope, first, last, everybody=False).items():
        if target == ERASED and source != NEW:
            matrix[source, target] += contacts
    return dict(matrix)


def read_known_transitions(queries: Queries, scope: Scope, first: date, last: date) -> Matrix:
    """The same as known then: by the changes that had taken effect."""
    return _known(queries, scope, first, last, everybody=True)


def _known(queries: Queries, scope: Scope, first: date, last: date, *, everybody: bool) -> Matrix:
    """As known then, of everybody or only of those who have been erased."""
    bound = {"from": first, "to": last, "erasure": Cause.ERASURE.value, "everybody": everybody}
    matrix: Counter[tuple[str, str]] = Counter()
    for row in queries.rows("transitions_as_known", scope.account_id, **bound, **scope.bound()):
        target = ERASED if row["erased"] else row["to_segment"]
        matrix[row["from_segment"] or NEW, target] += row["contacts"]
    return dict(matrix)


def read_base_as_of(queries: Queries, scope: Scope, day: date) -> dict[Segment, Totals]:
    """Contacts with purchases at the end of a day, by segment, restated."""
    rows = queries.rows(
        "base_as_of",
        scope.account_id,
        **{"from": day, "to": day},
        from_until=until(day, scope.today),
        to_until=until(day, scope.today),
        **scope.bound(),
        **cuts(scope.model),
        cells=cells(scope.model),
    )
    return {
        segment_numbered(row["segment"]): Totals(row["contacts"], row["purchases"], row["revenue"])
        for row in rows
    }


def read_trend(queries: Queries, scope: Scope, first: date, last: date) -> dict[date, dict[Segment, int]]:
    """Contacts by segment at the end of every day, restated."""
    bound = {"from": first, "to_until": until(last, scope.today)}
    columns: dict[str, list[npt.NDArray[np.int64]]] = {name: [] for name in _SPAN_COLUMNS}
    batches = queries.batches(
        "standing_spans",
        scope.account_id,
        **bound,
        **scope.bound(),
        **cuts(scope.model),
        cells=cells(scope.model),
    )
    for batch in batches:
        for name, parts in columns.items():
            parts.append(batch.column(name).to_numpy(zero_copy_only=False).astype(np.int64))
    spans = {name: np.concatenate(p) if p else np.zeros(0, np.int64) for name, p in columns.items()}
    counts = _count_days(spans, scope.model, number(first), number(last))
    days = (first + timedelta(days=i) for i in range(len(counts)))
    return {
        day: {segment: int(row[SEGMENTS.index(segment)]) for segment in CLASSIFIED}
        for day, row in zip(days, counts, strict=True)
    }


def _count_days(
    spans: Mapping[str, npt.NDArray[np.int64]], model: ModelView, first: int, last: int
) -> npt.NDArray[np.int64]:
    """Contacts by (day, segment): each span passes through the recency scores as its silence grows.

    A purchase dated ahead counts as made today, the last day.
    """
    bought = np.minimum(spans["bought_on"], last)
    ahead = spans["bought_next"] < _NEVER
    bought_next = np.where(ahead, np.minimum(spans["bought_next"], last), _NEVER)
    moves = np.zeros((last - first + 2, len(SEGMENTS)), np.int64)
    ends = [0, *(cut + 1 for cut in model.recency_cuts), _NEVER]
    by_scores = np.zeros((6, 6, 6), np.int64)
    for scores, segment in model.cells.items():
        by_scores[scores] = SEGMENTS.index(segment)
    for fallen in range(5):
        begin = np.maximum(bought + ends[fallen], first)
        end = np.minimum(np.minimum(bought + ends[fallen + 1], bought_next), last + 1)
        lasting = end > begin
        segment_of = by_scores[5 - fallen, spans["f"], spans["m"]][lasting]
        np.add.at(moves, (begin[lasting] - first, segment_of), spans["contacts"][lasting])
        np.add.at(moves, (end[lasting] - first, segment_of), -spans["contacts"][lasting])
    return np.cumsum(moves, axis=0)[:-1]
