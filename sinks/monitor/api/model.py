"""The scoring model: in force, its history, and another one tried on the same base."""

import json
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter

from schemas.records import Segment
from sinks.monitor.api.context import PROBLEMS, Ask, Asked
from sinks.monitor.api.model_answers import (
    Candidate,
    MapCell,
    ModelAnswer,
    ModelEdit,
    PreviewAnswer,
    PreviewMove,
    PreviewSegment,
)
from sinks.monitor.figures.groups import SEGMENTS
from sinks.monitor.figures.model import ALL_SCORES
from sinks.monitor.figures.preview import read_preview
from sinks.monitor.parts import ModelView
from sinks.monitor.problems import Problem

_KINDS = ["account", "model"]
_MOST_EDITS = 200
_LARGEST_CUT = 10**13
router = APIRouter(prefix="/api/v1", tags=["model"], responses=PROBLEMS)


@router.get("/model", response_model=ModelAnswer)
def model(ask: Ask) -> Any:
    """Cuts and map in force, the linter's warnings, and every edit."""
    view = ask.model()
    edits = ask.queries.rows("definition_edits", ask.account_id, kinds=_KINDS, limit=_MOST_EDITS)
    return ModelAnswer(
        **_about(ask),
        recency_cuts=list(view.recency_cuts),
        frequency_cuts=list(view.frequency_cuts),
        value_cuts=list(view.value_cuts),
        value_of=view.value_of,
        interaction_weight=view.interaction_weight,
        model_version=view.version,
        map=[MapCell(r=r, f=f, m=m, segment=view.cells[r, f, m]) for r, f, m in ALL_SCORES],
        warnings=list(ask.parts.models.warnings(view.cells)),
        edits=[_edit(row) for row in edits],
    )


@router.post("/model/preview", response_model=PreviewAnswer)
def preview(ask: Ask, candidate: Candidate) -> Any:
    """New sizes, from and to, and the money that moves, if the candidate were in force today."""
    view = candidate_view(ask, candidate)
    found = read_preview(ask.queries, ask.account_id, view, ask.today)
    moved = found.moved()
    return PreviewAnswer(
        **_about(ask),
        contacts_moved=moved.contacts,
        revenue_moved_minor=moved.revenue_minor,
        segments=[
            PreviewSegment(
                segment=segment,
                contacts_now=found.now(segment).contacts,
                contacts_then=found.then(segment).contacts,
                revenue_now_minor=found.now(segment).revenue_minor,
                revenue_then_minor=found.then(segment).revenue_minor,
            )
            for segment in SEGMENTS
        ],
        moves=[
            PreviewMove(**{"from": s, "to": t}, contacts=totals.contacts, revenue_minor=totals.revenue_minor)
            for (s, t), totals in sorted(found.moves.items(), key=_in_order)
        ],
        warnings=list(ask.parts.models.warnings(view.cells)),
    )


def candidate_view(ask: Asked, candidate: Candidate) -> ModelView:
    """The candidate as a model; 422 says what is wrong with it."""
    body, published = ask.scope.account.body, ask.published_model()
    base = dict(published.body) if published else {"cuts": body.get("cuts")}
    stated = candidate.model_dump(exclude_none=True, exclude={"cuts", "map"})
    cuts = candidate.cuts.model_dump(exclude_none=True)
    if any(cut > _LARGEST_CUT for axis in cuts.values() for cut in axis):
        raise Problem(422, f"cuts: {_LARGEST_CUT} at most")
    changed = {**base, **stated, "cuts": {**(base.get("cuts") or {}), **cuts}}
    if candidate.map:
        cells = zip(ALL_SCORES, candidate.map, strict=True)
        changed["cells"] = {f"{r},{f},{m}": segment.value for (r, f, m), segment in cells}
    elif candidate.preset:
        changed.pop("cells", None)
    try:
        return ask.parts.models.of_account(ask.account_id, body, changed)
    except ValueError as error:
        raise Problem(422, str(error)) from error


def _edit(row: Mapping[str, Any]) -> ModelEdit:
    body = json.loads(row["body"] or "{}")
    cuts = body.get("cuts") if row["kind"] == "account" else body
    return ModelEdit.model_validate({**row, "cuts": cuts or None})


def _in_order(one: tuple[tuple[Segment, Segment], object]) -> tuple[int, int]:
    source, target = one[0]
    return SEGMENTS.index(source), SEGMENTS.index(target)


def _about(ask: Asked) -> dict[str, Any]:
    return {
        "account": ask.account_id,
        "currency": ask.currency,
        "as_of": ask.today,
        "at": ask.now,
        "version": str(ask.figures.versions.of(ask.account_id).rows),
    }
