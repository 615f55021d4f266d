"""Shapes of answers about the scoring model. Recency cuts in days, value cuts in minor units."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from schemas.records import Segment
from sinks.monitor.api.answers import AboutAccount, Answer
from sinks.monitor.api.rehearsal_answers import ModelRehearsal


class MapCell(Answer):
    """What one combination of scores means."""

    r: int
    f: int
    m: int
    segment: Segment


class ModelEdit(Answer):
    """One edit of the account or its model; `accepted` is false where another came first."""

    kind: str
    id: str
    version: int
    author: str
    at: datetime
    accepted: bool
    cuts: dict[str, Any] | None


class ModelAnswer(AboutAccount):
    """The model in force, what the map linter says of it, and who changed what, the latest first."""

    recency_cuts: list[int]
    frequency_cuts: list[int]
    value_cuts: list[int]
    value_of: str
    interaction_weight: float
    model_version: int
    map: list[MapCell]
    warnings: list[str]
    edits: list[ModelEdit]


class Cuts(BaseModel):
    """Candidate cuts: four growing whole numbers each; absent: those in force."""

    model_config = ConfigDict(extra="forbid")

    r: list[int] | None = Field(None, min_length=4, max_length=4, examples=[[30, 90, 180, 365]])
    f: list[int] | None = Field(None, min_length=4, max_length=4, examples=[[1, 2, 4, 7]])
    m: list[int] | None = Field(None, min_length=4, max_length=4, examples=[[2500, 5000, 10000, 20000]])


class Candidate(BaseModel):
    """Another model. `map`: the segments of (r, f, m) from (1, 1, 1) to (5, 5, 5), m growing fastest."""

    model_config = ConfigDict(extra="forbid")

    cuts: Cuts = Cuts()
    value_of: str | None = Field(None, pattern="^(average|sum)$")
    interaction_weight: float | None = Field(None, ge=0, le=100, allow_inf_nan=False)
    preset: str | None = Field(None, max_length=40, examples=["standard-125"])
    map: list[Segment] | None = Field(None, min_length=125, max_length=125)


class Publication(Candidate):
    """A candidate to be put in force; `base_version` is the `model_version` it was made from."""

    base_version: int = Field(ge=1, le=2**31 - 1)


class PublishedAnswer(Answer):
    """What is in force now, and what the map linter says of it."""

    account: str
    model_version: int
    warnings: list[str]


class PreviewSegment(Answer):
    """A segment now and under the candidate."""

    segment: Segment
    contacts_now: int
    contacts_then: int
    revenue_now_minor: int
    revenue_then_minor: int


class PreviewMove(Answer):
    """Contacts and their revenue that would go elsewhere, or stay."""

    source: Segment = Field(alias="from")
    target: Segment = Field(alias="to")
    contacts: int
    revenue_minor: int


class PreviewAnswer(AboutAccount):
    """What the candidate would do today, and what automations would have done under it; nothing is saved.

    `rehearsal` is null where no days were asked for.
    """

    contacts_moved: int
    revenue_moved_minor: int
    segments: list[PreviewSegment]
    moves: list[PreviewMove]
    warnings: list[str]
    rehearsal: ModelRehearsal | None
