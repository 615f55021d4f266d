"""What every page of figures has: freshness, the origins to choose from, its state as links."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

import structlog
from fastapi import Query, Request, Response

from schemas.records import Cause, Segment
from sinks.clickhouse.report import UnknownAccount
from sinks.monitor.api.context import Asked
from sinks.monitor.figures.base import Base, OriginCount
from sinks.monitor.figures.freshness import Light
from sinks.monitor.figures.whose import EVERYBODY, Feeling, Whose
from sinks.monitor.i18n import N_, TAGS
from sinks.monitor.problems import Problem
from sinks.monitor.rendering import language_of, link, render
from sinks.monitor.words import GROUPS, SEGMENTS
from sinks.periods import PeriodError

T = TypeVar("T")
Id = Annotated[str, Query(alias="id", max_length=64)]
"""Of the definition that a page is about: `id` in its address, whatever the parameter is called."""
OtherId = Annotated[str, Query(max_length=64)]
"""Of a definition that a page also needs, under the parameter's own name."""
_log = structlog.get_logger()

LIGHTS = {Light.GREEN: "fresh", Light.AMBER: "late", Light.RED: "stale", Light.UNKNOWN: "late"}
"""The badge's state by traffic light."""

AUDIENCES: dict[str, str] = {**GROUPS, "all": N_("All contacts"), **{s.value: SEGMENTS[s] for s in Segment}}
"""What a list, a download or a draft may be about."""

CAUSES: dict[Cause, str] = {
    Cause.ORDER: N_("a purchase"),
    Cause.AMENDMENT: N_("a changed order"),
    Cause.INTERACTION: N_("an interaction"),
    Cause.DECAY: N_("days of silence"),
    Cause.MERGE: N_("two contacts merged"),
    Cause.RECALIBRATION: N_("another scoring model"),
    Cause.ERASURE: N_("data erased"),
}

SENTIMENTS = {
    "positive": N_("positive"),
    "neutral": N_("neutral"),
    "negative": N_("negative"),
    "no_data": N_("no data"),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What may be chosen: origins among the chosen sentiment, sentiments among the chosen origin."""

    origins: Sequence[OriginCount]
    others: int
    sentiments: Mapping[Feeling, int]

    @classmethod
    def of(cls, base: Base, whose: Whose) -> "Filters":
        """From the whole base; an origin that it does not tell apart has no counts."""
        origins, others = base.origins(whose.sentiment)
        return cls(origins, others, base.feelings(whose) if base.knows(whose) else {})


class Failed:
    """A panel that could not be computed; templates show another try."""


def panel(compute: Callable[[], T]) -> T | Failed:
    """What a panel shows, or that it failed: the rest of the page stands. Answers that are errors pass."""
    try:
        return compute()
    except (Problem, PeriodError, UnknownAccount):
        raise
    except Exception:  # noqa: BLE001 - whatever it was, it is logged and the panel says so
        _log.exception("panel")
        return Failed()


def show(
    request: Request, ask: Asked, template: str, whose: Whose = EVERYBODY, status: int = 200, **context: Any
) -> Response:
    """A page of figures. `state` has the page's query without the account, for links that keep it."""
    base = panel(lambda: ask.value(ask.figures.base(ask.account_id)))
    state = {k: v for k, v in request.query_params.items() if k != "account"}
    common = {
        "ask": ask,
        "today": ask.today,
        "whose": whose,
        "only": whose.state,
        "lead": lambda path, **more: link(ask.scope, path, **{**whose.state, **more}),
        "filters": None if isinstance(base, Failed) else Filters.of(base, whose),
        "origins": [] if isinstance(base, Failed) else base.origins()[0],
        "state": state,
        "here": request.url.path,
        "api": _api(ask),
        "lang_tag": TAGS[language_of(request)],
        "badge": badge(ask),
        "stale_at": min(ask.stale, default=None),
        "AUDIENCES": AUDIENCES,
        "CAUSES": CAUSES,
        "SENTIMENTS": SENTIMENTS,
        "Segment": Segment,
        "is_failed": lambda value: isinstance(value, Failed),
    }
    return render(request, template, {**common, **context}, status)


def badge(ask: Asked) -> dict[str, Any]:
    """Up to when the data reaches, and how bad that is."""
    found = panel(lambda: ask.figures.freshness.read(ask.queries, ask.parts.progress, ask.now))
    if isinstance(found, Failed):
        return {"state": "stale", "at": None}
    at: datetime | None = found.data_up_to
    return {"state": LIGHTS[found.light], "at": at}


def _api(ask: Asked) -> Callable[..., str]:
    def address(path: str, **state: Any) -> str:
        given = {name: value for name, value in state.items() if value is not None}
        return f"/api/v1/{path}?{urlencode({'account': ask.account_id, **given})}"

    return address
