"""Whom a figure counts: the contacts behind a cell, a flow or a period, a page at a time.

Whoever has spent most comes first; a page starts after the last contact seen.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.records import Cause, Segment
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.card import read_profiles
from sinks.monitor.figures.cursors import INT64, BadCursor, packed, unpacked
from sinks.monitor.figures.groups import CLASSIFIED, SEGMENTS
from sinks.monitor.figures.model import cells, cuts, until
from sinks.monitor.figures.movement import NEW, Scope
from sinks.monitor.figures.sentiment import SIGNS, bound_then
from sinks.monitor.figures.whose import Feeling, Whose
from sinks.monitor.parts import ModelView, Scores
from sinks.periods import Period


@dataclass(frozen=True, slots=True)
class ContactSet:
    """A query that pages through the ids of contacts, and what it binds."""

    query: str
    bound: Mapping[str, Any]

    @property
    def question(self) -> Hashable:
        """What tells it from another."""
        return self.query, repr(sorted(self.bound.items()))


@dataclass(frozen=True, slots=True)
class SetPage:
    """Rows of contacts (`bought`, `spent` besides where a period counts), and how many there are in all."""

    rows: Sequence[Mapping[str, Any]]
    next_cursor: str | None
    total: int | None


def read_set(
    queries: Queries, account_id: str, chosen: ContactSet, *, limit: int, cursor: str | None
) -> SetPage:
    """One page of at most `limit` contacts; BadCursor. `total` on the first page only.

    The question finds ids alone; what is shown of these few is looked up afterwards.
    """
    number, contact_id = _place(cursor) if cursor else (0, "")
    found = queries.rows(
        chosen.query,
        account_id,
        **chosen.bound,
        from_start=not cursor,
        number=number,
        contact_id=contact_id,
        limit=limit + 1,
    )
    shown = found[:limit]
    more = packed([shown[-1]["sort_number"], shown[-1]["contact_id"]]) if len(found) > limit else None
    total = None if cursor else int(found[0]["total"]) if found else 0
    profiles = read_profiles(queries, account_id, [row["contact_id"] for row in shown])
    rows = [
        {**profiles[row["contact_id"]], "bought": row.get("bought"), "spent": row["sort_number"]}
        for row in shown
        if row["contact_id"] in profiles
    ]
    return SetPage(rows, more, total)


def read_those(
    queries: Queries, account_id: str, contact_ids: Sequence[str], *, limit: int, cursor: str | None
) -> SetPage:
    """A page of contacts that are known by id, in their order; BadCursor."""
    start, after = _place(cursor) if cursor else (0, "")
    if cursor and not (0 < start <= len(contact_ids) and contact_ids[start - 1] == after):
        raise BadCursor("the list has changed since: begin again")
    shown = contact_ids[start : start + limit]
    end = start + len(shown)
    profiles = read_profiles(queries, account_id, shown)
    more = packed([end, shown[-1]]) if end < len(contact_ids) else None
    total = None if cursor else len(contact_ids)
    return SetPage([profiles[id_] for id_ in shown if id_ in profiles], more, total)


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
                "source_name": begin.value if begin else "",
                "target_name": end.value,
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
            "source": _numbered(begin) if begin else 0,
            "target": _numbered(end),
            **scope.bound(),
            **_scoring(scope.model),
        },
    )


def buyers(period: Period, whose: Whose) -> ContactSet:
    """Those who bought in a period, by what they spent in it."""
    return ContactSet("set_buyers", {"first": period.first, "last": period.last, **whose.bound()})


def talked(period: Period, channel: str | None, said: Feeling | None, whose: Whose) -> ContactSet:
    """Those who said something in a period, by how often; None: any channel ("": unnamed), any sentiment."""
    sign = next((sign for sign, feeling in SIGNS.items() if feeling is said), None)
    return ContactSet(
        "set_talked",
        {
            "first": period.first,
            "last": period.last,
            "any_channel": channel is None,
            "channel": channel or "",
            "any_said": said is None,
            "unrated": said is Feeling.NO_DATA,
            "said": sign or 0,
            **whose.bound(),
        },
    )


def felt(model: ModelView, day: date, segment: Segment, feeling: Feeling, whose: Whose) -> ContactSet:
    """Those of one cell of sentiments at the end of a past day."""
    chosen = {"segment": _numbered(segment), "feeling": "" if feeling is Feeling.NO_DATA else feeling.value}
    return ContactSet("set_felt_then", {**bound_then(model, day, whose), **chosen})


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


def scored(scores: Scores, whose: Whose) -> ContactSet:
    """Those of one cell of the map."""
    r, f, m = scores
    return ContactSet("set_scores", {"r": r, "f": f, "m": m, **whose.bound()})


def _numbered(segment: Segment) -> int:
    """As queries number segments; 0 is a contact without purchases."""
    return 1 + SEGMENTS.index(segment) if segment in CLASSIFIED else 0


def _scoring(model: ModelView) -> dict[str, Any]:
    return {**cuts(model), "cells": cells(model)}


def _place(cursor: str) -> tuple[int, str]:
    match unpacked(cursor):
        case [int(number), str(contact_id)] if number in INT64:
            return number, contact_id
    raise BadCursor("it belongs to another list")
