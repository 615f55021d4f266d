"""What `latido report` and `latido verify` ask, and tell."""

from dataclasses import asdict
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from schemas.records import Segment, Topic
from sinks import periods
from sinks.clickhouse.proposal import propose
from sinks.clickhouse.report import Account, Reports
from sinks.clickhouse.verifications import Verification, keep
from sinks.clickhouse.verifications import last as last_verification
from sinks.monitor.figures.preview import read_preview
from sinks.monitor.parts import ModelView

router = APIRouter(prefix="/internal")


class Dump(StrEnum):
    """Tables that can be dumped for comparison."""

    CONTACT_PROFILES = "contact_profiles"
    CONTACT_ORDERS = "contact_orders"
    CONTACT_DAYS = "contact_days"
    CONTACT_INTERACTIONS = "contact_interactions"
    SEGMENT_CHANGES = "segment_changes"
    MILESTONES = "milestones"


class Candidate(BaseModel):
    """A model to try; the fields of ModelView, `cells` by "r,f,m"."""

    recency_cuts: list[int]
    frequency_cuts: list[int]
    value_cuts: list[int]
    value_of: str
    interaction_weight: float
    version: int
    cells: dict[str, Segment]

    def view(self) -> ModelView:
        """As the figures take it."""
        cells = {tuple(map(int, scores.split(","))): segment for scores, segment in self.cells.items()}
        return ModelView(**{**dict(self), "cells": cells})


class Found(BaseModel):
    """What a run of `latido verify` came to."""

    drift: int = Field(ge=0, lt=2**63)
    events: int = Field(ge=0, lt=2**63)
    contacts: int = Field(ge=0, lt=2**63)
    clickhouse_rows: int | None = Field(None, ge=0, lt=2**63)


@router.get("/report")
def report(
    request: Request,
    account: str,
    period: periods.Preset | None = None,
    first: Annotated[date | None, Query(alias="from")] = None,
    last: Annotated[date | None, Query(alias="to")] = None,
) -> dict[str, Any]:
    """The figures of an account: `period`, or `from` and `to`; last_30_days if neither is given."""
    reports: Reports = request.app.state.services.reports
    known = reports.account(account)
    return reports.report(known, _period(reports, known, period, first, last))


@router.get("/positions")
def positions(request: Request) -> dict[str, dict[str, int]]:
    """Next offset to insert, by topic and partition, of the partitions that this sink owns."""
    answer: dict[str, dict[str, int]] = {}
    for (topic, partition), offset in sorted(request.app.state.services.progress.positions().items()):
        answer.setdefault(topic, {})[str(partition)] = offset
    return answer


@router.get("/freshness")
def freshness(request: Request) -> dict[str, Any]:
    """`data_up_to`: everything accepted up to then is queryable; null until every partition has said so."""
    services = request.app.state.services
    rows = services.queries.of_no_account("all_freshness")
    owned = {partition for topic, partition in services.progress.positions() if topic == Topic.WATERMARKS}
    known = {row["partition"] for row in rows}
    up_to = min((row["data_up_to"] for row in rows), default=None) if owned <= known else None
    return {
        "data_up_to": up_to.isoformat() if up_to else None,
        "now": services.clock.now().isoformat(),
        "partitions": [row | {"data_up_to": row["data_up_to"].isoformat()} for row in rows],
    }


@router.post("/verification", status_code=204)
def verified(request: Request, found: Found) -> None:
    """Keep what `latido verify` found, for the monitor to show."""
    services = request.app.state.services
    keep(services.database, Verification(at=services.clock.now(), **found.model_dump()))


@router.get("/verification")
def verification(request: Request) -> dict[str, Any] | None:
    """The last run of `latido verify`; null if there was none."""
    found = last_verification(request.app.state.services.queries)
    return asdict(found) if found else None


@router.get("/refusals")
def refusals(request: Request) -> list[dict[str, Any]]:
    """Records of our own topics that the sink could not use, counted by topic and reason."""
    found: list[dict[str, Any]] = request.app.state.services.queries.of_no_account("all_refusals")
    return found


@router.get("/proposal")
def proposal(request: Request, account: str) -> dict[str, Any]:
    """Cuts from the account's own quintiles; `is_sound` says whether the base is large and old enough."""
    services = request.app.state.services
    known = services.reports.account(account)
    found = propose(services.queries, account, services.reports.today(known))
    return {**asdict(found), "is_sound": found.is_sound}


@router.post("/preview")
def preview(request: Request, account: str, candidate: Candidate) -> list[dict[str, Any]]:
    """Contacts and revenue by segment now and under the candidate."""
    services = request.app.state.services
    today = services.reports.today(services.reports.account(account))
    moves = read_preview(services.queries, account, candidate.view(), today).moves
    return [
        {"from_segment": source.value, "to_segment": target.value, **asdict(totals)}
        for (source, target), totals in sorted(moves.items())
    ]


@router.get("/dump/{table}")
def dump(request: Request, table: Dump, account: str) -> StreamingResponse:
    """Every row of the account, deleted ones left out, as JSON lines; days and instants in ISO 8601."""
    batches = request.app.state.services.queries.batches(f"dump_{table.value}", account)
    lines = (_lines(batch) for batch in batches)
    return StreamingResponse(lines, media_type="application/x-ndjson")


def _lines(batch: Any) -> bytes:
    frame = pl.DataFrame(pl.from_arrow(batch))
    return frame.write_ndjson().encode() if frame.height else b""


def _period(
    reports: Reports,
    account: Account,
    named: periods.Preset | None,
    first: date | None,
    last: date | None,
) -> periods.Period:
    today = reports.today(account)
    if first is None and last is None:
        return periods.preset(named or periods.Preset.LAST_30_DAYS, today)
    if named is not None or first is None or last is None:
        raise periods.PeriodError("give either period, or both from and to")
    return periods.custom(first, last, today)
