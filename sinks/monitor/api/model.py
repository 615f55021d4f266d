"""The scoring model: in force, its history, another one tried on the same base, and its publication."""

import json
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request

from schemas.definitions_topic import Edit
from schemas.records import Segment
from sinks.monitor.api.context import MODEL, MODEL_ID, PROBLEM, PROBLEMS, Ask, Asked
from sinks.monitor.api.model_answers import (
    Candidate,
    MapCell,
    ModelAnswer,
    ModelEdit,
    PreviewAnswer,
    PreviewMove,
    PreviewSegment,
    Publication,
    PublishedAnswer,
)
from sinks.monitor.api.rehearsing import DAYS, PatientDays, model_rehearsal
from sinks.monitor.audit import Action, AuditEvent
from sinks.monitor.figures.groups import SEGMENTS
from sinks.monitor.figures.model import ALL_SCORES
from sinks.monitor.figures.preview import read_preview
from sinks.monitor.parts import ModelView
from sinks.monitor.problems import Problem
from sinks.monitor.rights import Right
from sinks.monitor.scope import having

_KINDS = ["account", "model"]
_MOST_EDITS = 200
_LARGEST_CUT = 10**13
_CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"description": "Somebody published another version meanwhile.", **PROBLEM},
    503: {"description": "Changes cannot be saved now.", **PROBLEM},
}
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
def preview(ask: Ask, candidate: Candidate, days: PatientDays = DAYS) -> Any:
    """New sizes, from and to, and the money that moves, if the candidate were in force today.

    Besides: which active automations would have fired in the past days under the model in force and under the
    candidate, had each been in force, and the money of these contacts.
    """
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
        rehearsal=model_rehearsal(ask, candidate_body(ask, candidate), days),
    )


@router.post(
    "/model",
    response_model=PublishedAnswer,
    responses=_CONFLICT,
    dependencies=[Depends(having(Right.EDIT_MODEL))],
)
def publish(request: Request, ask: Ask, wish: Publication) -> Any:
    """Put a candidate in force. Every contact is scored anew; these changes fire nothing."""
    view = candidate_view(ask, wish)
    edit = Edit(
        account_id=ask.account_id,
        kind=MODEL,
        id=MODEL_ID,
        base_version=wish.base_version - 1,
        author=ask.scope.person.email,
        at_ms=int(ask.now.timestamp() * 1000),
        body=candidate_body(ask, wish),
    )
    version = ask.parts.definitions.edit(edit) + 1
    _record(ask, version, request)
    return PublishedAnswer(
        account=ask.account_id,
        model_version=version,
        warnings=list(ask.parts.models.warnings(view.cells)),
    )


def candidate_view(ask: Asked, candidate: Candidate) -> ModelView:
    """The candidate as a model; 422 says what is wrong with it."""
    try:
        changed = candidate_body(ask, candidate)
        return ask.parts.models.of_account(ask.account_id, ask.scope.account.body, changed)
    except ValueError as error:
        raise Problem(422, str(error)) from error


def candidate_body(ask: Asked, candidate: Candidate) -> dict[str, Any]:
    """The candidate as a definition's body: what it leaves open is as in force."""
    published = ask.published_model()
    base = dict(published.body) if published else {"cuts": ask.scope.account.body.get("cuts")}
    stated = candidate.model_dump(exclude_none=True, exclude={"cuts", "map", "base_version"})
    cuts = candidate.cuts.model_dump(exclude_none=True)
    if any(cut > _LARGEST_CUT for axis in cuts.values() for cut in axis):
        raise Problem(422, f"cuts: {_LARGEST_CUT} at most")
    changed = {**base, **stated, "cuts": {**(base.get("cuts") or {}), **cuts}}
    if candidate.map:
        cells = zip(ALL_SCORES, candidate.map, strict=True)
        changed["cells"] = {f"{r},{f},{m}": segment.value for (r, f, m), segment in cells}
    elif candidate.preset:
        changed.pop("cells", None)
    return changed


def _record(ask: Asked, version: int, request: Request) -> None:
    ask.parts.audit.record(
        AuditEvent(
            at=ask.now,
            action=Action.MODEL_PUBLISHED,
            actor=ask.scope.person.email,
            account_id=ask.account_id,
            target=MODEL_ID,
            address=request.client.host if request.client else "unknown",
            detail={"version": version},
        )
    )


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
