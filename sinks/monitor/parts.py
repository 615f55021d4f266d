"""What the monitor is made of. The composition root hands them over; nothing is module state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fastapi import Request

from schemas.definitions_topic import Definitions
from schemas.records import Segment
from schemas.rehearsal import Rehearsals
from sinks.clickhouse.progress import Progress
from sinks.clickhouse.queries import Queries
from sinks.clickhouse.report import Reports
from sinks.clock import Clock
from sinks.monitor.assets import Assets
from sinks.monitor.audit import AuditTrail
from sinks.monitor.authenticator import Authenticator
from sinks.monitor.figures.latency import Latency
from sinks.monitor.passwords import Passwords
from sinks.monitor.people import People
from sinks.monitor.sessions import SessionStore
from sinks.monitor.settings import MonitorSettings
from sinks.webhooks.book import EndpointBook
from sinks.webhooks.outbox import Outbox

Scores = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class ModelView:
    """A scoring model to be shown. Cuts grow: recency in days, value in minor units; `cells` by (r, f, m)."""

    recency_cuts: Sequence[int]
    frequency_cuts: Sequence[int]
    value_cuts: Sequence[int]
    value_of: str
    interaction_weight: float
    version: int
    cells: Mapping[Scores, Segment]


class Models(Protocol):
    """How a definition becomes a model: the meaning lives in `streams.rfm`, which the sinks do not import."""

    def of_account(
        self,
        account_id: str,
        body: Mapping[str, Any],
        model: Mapping[str, Any] | None = None,
        version: int = 1,
    ) -> ModelView:
        """The model of an account whose definition has this body; `model` is the body of a published one.

        ValueError for one that cannot be.
        """

    def warnings(self, cells: Mapping[Scores, Segment]) -> Sequence[str]:
        """What would surprise users of a map, in English; ValueError for one with gaps."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What routes use; `parts_of(request)`."""

    settings: MonitorSettings
    definitions: Definitions
    queries: Queries
    reports: Reports
    progress: Progress
    clock: Clock
    sessions: SessionStore
    audit: AuditTrail
    authenticator: Authenticator
    passwords: Passwords
    models: Models
    assets: Assets
    latency: Latency
    endpoints: EndpointBook
    outbox: Outbox
    rehearsals: Rehearsals

    @property
    def people(self) -> People:
        """Everybody who may sign in."""
        return People(self.definitions)


def parts_of(request: Request) -> Parts:
    """The parts of the app that serves this request."""
    parts: Parts = request.app.state.parts
    return parts
