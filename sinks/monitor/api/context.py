"""What every route of the API starts from: who asks, about which account, on which day."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Annotated, Any, Literal, TypeVar

from fastapi import Depends, Query, Request, Response

from schemas.definitions import Definition
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.figures import Figures
from sinks.monitor.figures.snapshots import Snapshot
from sinks.monitor.figures.whose import OTHERS, BadOrigin, Feeling, Whose, whose
from sinks.monitor.parts import ModelView, Parts, parts_of
from sinks.monitor.problems import NotFound, Problem
from sinks.monitor.scope import Reading, Scope

T = TypeVar("T")
MODEL, MODEL_ID = "model", "scoring"
"""Kind and id of the definition of an account's scoring model; its versions are edits of it."""

PROBLEM: dict[str, Any] = {
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                },
            },
            "example": {
                "type": "about:blank",
                "title": "Not Found",
                "status": 404,
                "detail": "there is nothing here for you",
            },
        }
    }
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"description": "Nobody is signed in.", **PROBLEM},
    403: {"description": "The profile may not do this.", **PROBLEM},
    404: {"description": "There is no such thing in this account.", **PROBLEM},
    422: {"description": "A parameter is wrong; `detail` says which.", **PROBLEM},
}
"""What any route may answer instead."""

Origin = Annotated[
    str | None,
    Query(
        max_length=1000,
        description="Only contacts of this origin; empty: of unknown origin; `*others`: of those beyond the "
        "fifty that the account lists; absent or `*all`: all. A name that starts with a star has it twice.",
    ),
]
Sentiment = Annotated[
    Feeling | Literal[""] | None,
    Query(description="Only contacts who feel so; `no_data`: of whom nothing was heard; absent: all."),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request about one account."""

    scope: Scope
    parts: Parts
    figures: Figures
    now: datetime
    stale: list[datetime] = field(default_factory=list, compare=False)
    """When the figures were read that could not be read anew."""

    @property
    def account_id(self) -> str:
        """The account of the scope, and of nothing else."""
        return self.scope.account_id

    @property
    def currency(self) -> str:
        """ISO 4217 code."""
        return self.scope.account.currency

    @property
    def queries(self) -> Queries:
        """The door to ClickHouse."""
        return self.parts.queries

    @property
    def today(self) -> date:
        """The account's day."""
        return self.now.astimezone(self.scope.account.zone).date()

    def value(self, snapshot: Snapshot[T]) -> T:
        """What a snapshot holds; that it is of before is noted."""
        if snapshot.stale:
            self.stale.append(self.read_at(snapshot))
        return snapshot.value

    def read_at(self, snapshot: Snapshot[Any]) -> datetime:
        """Of when its figures are."""
        return self.now - timedelta(seconds=snapshot.age) if snapshot.stale else self.now

    def model(self) -> ModelView:
        """The scoring model in force."""
        body, published = self.scope.account.body, self.published_model()
        if published is None:
            return self.parts.models.of_account(self.account_id, body)
        return self.parts.models.of_account(self.account_id, body, published.body, published.version + 1)

    def published_model(self) -> Definition | None:
        """The definition of the model, unless it is still the first one."""
        return self.parts.definitions.get(self.account_id, MODEL, MODEL_ID)


def asked(request: Request, scope: Reading) -> Asked:
    """The dependency of every route."""
    parts = parts_of(request)
    return Asked(scope, parts, figures_of(request), parts.clock.now())


Ask = Annotated[Asked, Depends(asked)]


def _of_origin(ask: Ask, origin: Origin = None) -> Whose:
    return _whose(ask, origin, None)


def _whose_figures(ask: Ask, origin: Origin = None, sentiment: Sentiment = None) -> Whose:
    return _whose(ask, origin, sentiment or None)


def _whose(ask: Asked, origin: str | None, sentiment: Feeling | None) -> Whose:
    listed = ask.figures.base(ask.account_id).value.listed if origin == OTHERS else ()
    try:
        return whose(origin, sentiment, listed)
    except BadOrigin as error:
        raise Problem(422, str(error)) from error


OnlyOf = Annotated[Whose, Depends(_whose_figures)]
"""A route's parameter of this type takes `origin` and `sentiment`."""

OfOrigin = Annotated[Whose, Depends(_of_origin)]
"""The same with `origin` alone."""


def figures_of(request: Request) -> Figures:
    """The figures of the app that serves this request."""
    figures: Figures = request.app.state.figures
    return figures


def tagged(request: Request, response: Response, *facts: object) -> bool:
    """Set the ETag that follows from these facts; whether the client has that answer already."""
    text = "\x1f".join(str(fact) for fact in (request.url.path, request.url.query, *facts))
    tag = f'W/"{blake2b(text.encode(), digest_size=12).hexdigest()}"'
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    return tag in [one.strip() for one in request.headers.get("if-none-match", "").split(",")]


def not_modified(response: Response) -> Response:
    """304 with the headers of the answer that the client has."""
    return Response(status_code=304, headers=dict(response.headers.items()))


def found(value: Any) -> Any:
    """The value; NotFound for None."""
    if value is None:
        raise NotFound
    return value
