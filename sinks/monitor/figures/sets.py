"""Whom a figure counts: the contacts behind a cell, a flow or a period, a page at a time.

Whoever has spent most comes first; a page starts after the last contact seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.records import Cause, Segment
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.cursors import INT64, BadCursor, packed, unpacked
from sinks.monitor.figures.groups import CLASSIFIED, SEGMENTS
from sinks.monitor.figures.model import cells, cuts, until
from sinks.monitor.figures.movement import NEW, Scope
from sinks.monitor.parts import ModelView, Scores
from sinks.periods import Period


@dataclass(frozen=True, slots=True)
class ContactSet:
    """A query that pages through contacts, and what it binds."""

    query: str
    bound: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SetPage:
    """Rows of contacts (`bought`, `spent` besides where a period counts), and how many there are in all."""

    rows: Sequence[Mapping[str, Any]]
    next_cursor: str | None
    total: int | None


def read_set(
    queries: Queries, account_id: str, chosen: ContactSet, *, limit: int, cursor: str | None
) -> SetPage:
    """One page of at most `limit` contacts; BadCursor. `total` on the first page only."""
    number, contact_id = _place(cursor) if cursor else (0, "")
    rows = queries.rows(
        chosen.query,
        account_id,
        **chosen.bound,
        from_start=not cursor,
        number=number,
        contact_id=contact_id,
        limit=limit + 1,
    )
    shown = rows[:limit]
    more = packed([shown[-1]["sort_number"], shown[-1]["contact_id"]]) if len(rows) > limit else None
    total = None if cursor else int(rows[0]["total"]) if rows else 0
    return SetPage(shown, more, total)


def moved(scope: Scope, first: date, last: date, source: str, target: str, *, as_known: bool) -> ContactSet:
    """Those of one cell of the movement between the ends of two days; ValueError for no such cell."""
    begin = None if source == NEW else Segment(source)
    end = Segment(target)
    if as_known:
        return ContactSet(
            "set_moved_as_known",
            {
                "from": first,
                "to": last,
                "source_names": [begin.value if begin else ""],
                "target_names": [end.value],
                "erasure": Cause.ERASURE.value,
                **scope.bound(),
            },
        )
    return ContactSet(
        "set_moved",
        {
            "from": first,
            "to": last,
            "from_until": until(first, scope.today),
            "to_until": until(last, scope.today),
            "sources": [_numbered(begin) if begin else 0],
            "targets": [_numbered(end)],
            **scope.bound(),
            **_scoring(scope.model),
        },
    )


def buyers(period: Period, origin: str | None) -> ContactSet:
    """Those who bought in a period, by what they spent in it."""
    return ContactSet("set_buyers", {"first": period.first, "last": period.last, **_origin(origin)})


def under(candidate: ModelView, today: date, source: Segment, target: Segment) -> ContactSet:
    """Those whom another model would move from one segment to another."""
    return ContactSet(
        "set_preview",
        {
            "to": today,
            "interaction_weight": round(100 * candidate.interaction_weight),
            "source": source.value,
            "target": _numbered(target),
            **_scoring(candidate),
        },
    )


def scored(scores: Scores, origin: str | None) -> ContactSet:
    """Those of one cell of the map."""
    r, f, m = scores
    return ContactSet("set_scores", {"r": r, "f": f, "m": m, **_origin(origin)})


def of_other_origins(shown: Sequence[str | None]) -> ContactSet:
    """Those whose origin is none of the shown ones (B1)."""
    return ContactSet("set_other_origins", {"shown": [origin for origin in shown if origin]})


def _numbered(segment: Segment) -> int:
    """As queries number segments; 0 is a contact without purchases."""
    return 1 + SEGMENTS.index(segment) if segment in CLASSIFIED else 0


def _scoring(model: ModelView) -> dict[str, Any]:
    return {**cuts(model), "cells": cells(model)}


def _origin(origin: str | None) -> dict[str, Any]:
    return {"any_origin": origin is None, "origin": origin or "", "nothing": ""}


def _place(cursor: str) -> tuple[int, str]:
    match unpacked(cursor):
        case [int(number), str(contact_id)] if number in INT64:
            return number, contact_id
    raise BadCursor("it belongs to another list")
