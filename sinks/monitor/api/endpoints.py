"""Endpoints, the Administrator's: where webhooks go, with secrets shown once and how deliveries go."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request

from schemas.definitions_topic import Conflict
from schemas.endpoint import Endpoint
from sinks.monitor.api.automating import endpoints_of
from sinks.monitor.api.context import PROBLEM, PROBLEMS, Ask, Asked
from sinks.monitor.api.endpoint_answers import (
    EndpointAnswer,
    EndpointsAnswer,
    HealthAnswer,
    NewEndpoint,
    SecretAnswer,
    Switch,
    TestAnswer,
)
from sinks.monitor.api.recording import record
from sinks.monitor.audit import Action
from sinks.monitor.figures.deliveries import Health, read_health
from sinks.monitor.problems import NotFound, Problem
from sinks.monitor.rights import Right
from sinks.monitor.scope import having
from sinks.webhooks.addresses import AddressRefused, UrlRefused
from sinks.webhooks.book import NoEndpoint, NotSent
from sinks.webhooks.circuit import OPENS_AFTER

HEALTH_DAYS = 7
_FAULTS: dict[int | str, dict[str, Any]] = {
    409: {"description": "It exists already, or was changed meanwhile.", **PROBLEM},
    503: {"description": "It cannot be done now.", **PROBLEM},
}
router = APIRouter(
    prefix="/api/v1",
    tags=["endpoints"],
    responses={**PROBLEMS, **_FAULTS},
    dependencies=[Depends(having(Right.MANAGE_ENDPOINTS))],
)
EndpointId = Annotated[str, Path(max_length=64)]


@router.get("/endpoints", response_model=EndpointsAnswer)
def endpoints(ask: Ask) -> Any:
    """Where webhooks may go, and how deliveries went in the past 7 days."""
    return endpoints_answer(ask)


@router.post("/endpoints", response_model=SecretAnswer)
def create(request: Request, ask: Ask, wish: NewEndpoint) -> Any:
    """A new endpoint; its secret is never shown again."""
    return created(request, ask, wish)


@router.post("/endpoints/{endpoint_id}/rotate", response_model=SecretAnswer)
def rotate(request: Request, ask: Ask, endpoint_id: EndpointId) -> Any:
    """A new secret, shown this once; the present one signs too for another day."""
    return rotated(request, ask, endpoint_id)


@router.post("/endpoints/{endpoint_id}/test", response_model=TestAnswer)
def test(request: Request, ask: Ask, endpoint_id: EndpointId) -> Any:
    """Send a test event."""
    return tested(request, ask, endpoint_id)


@router.post("/endpoints/{endpoint_id}/switch", response_model=EndpointAnswer)
def switch(request: Request, ask: Ask, endpoint_id: EndpointId, wish: Switch) -> Any:
    """Switch it on or off; what is for one that is off becomes a dead letter."""
    switched(request, ask, endpoint_id, on=wish.on)
    return _answer(endpoint_id, endpoints_of(ask)[endpoint_id], None, _now_ms(ask))


def endpoints_answer(ask: Asked) -> EndpointsAnswer:
    """All of them."""
    health = read_health(ask.queries, ask.account_id, ask.now - timedelta(days=HEALTH_DAYS))
    items = [_answer(id_, one, health.get(id_), _now_ms(ask)) for id_, one in endpoints_of(ask).items()]
    return EndpointsAnswer(account=ask.account_id, items=items)


def created(request: Request, ask: Asked, wish: NewEndpoint) -> SecretAnswer:
    """Problem 422 for an address that webhooks must not go to, 409 for an id that is taken."""
    author = ask.scope.person.email
    try:
        secret = ask.parts.endpoints.create(ask.account_id, wish.id, wish.url, wish.description, author)
    except (UrlRefused, AddressRefused) as refused:
        raise Problem(422, f"url: {refused}") from refused
    except Conflict as conflict:
        raise Problem(409, "there is an endpoint of this id already: choose another one") from conflict
    record(request, ask, Action.ENDPOINT_CREATED, wish.id)
    return SecretAnswer(id=wish.id, secret=secret)


def rotated(request: Request, ask: Asked, endpoint_id: str) -> SecretAnswer:
    """NotFound."""
    try:
        secret = ask.parts.endpoints.rotate(ask.account_id, endpoint_id, ask.scope.person.email)
    except NoEndpoint as none:
        raise NotFound from none
    record(request, ask, Action.SECRET_ROTATED, endpoint_id)
    return SecretAnswer(id=endpoint_id, secret=secret)


def tested(request: Request, ask: Asked, endpoint_id: str) -> TestAnswer:
    """NotFound; Problem 503."""
    if endpoint_id not in endpoints_of(ask):
        raise NotFound
    try:
        action_id = ask.parts.outbox.test(ask.account_id, endpoint_id)
    except NotSent as error:
        raise Problem(503, "the test event was not taken: try again in a minute") from error
    record(request, ask, Action.ENDPOINT_TESTED, endpoint_id)
    return TestAnswer(id=endpoint_id, action_id=action_id)


def switched(request: Request, ask: Asked, endpoint_id: str, *, on: bool) -> None:
    """NotFound."""
    try:
        ask.parts.endpoints.switch(ask.account_id, endpoint_id, ask.scope.person.email, on=on)
    except NoEndpoint as none:
        raise NotFound from none
    record(request, ask, Action.ENDPOINT_SWITCHED, endpoint_id, on=int(on))


def _answer(endpoint_id: str, one: Endpoint, health: Health | None, now_ms: int) -> EndpointAnswer:
    live = one.live_secrets(now_ms)
    ending = [secret.until_ms for secret in live if secret.until_ms is not None]
    return EndpointAnswer(
        id=endpoint_id,
        url=one.url,
        description=one.description,
        status=one.status,
        disabled_reason=one.disabled_reason,
        secret_since=_instant(live[0].created_at_ms) if live else None,
        old_secret_until=_instant(max(ending)) if ending else None,
        health=HealthAnswer(
            attempts=health.attempts,
            delivered=health.delivered,
            waiting=health.waiting,
            failures=health.failures,
            last_at=health.last_at,
            last_state=health.last_state,
            paused=health.failures >= OPENS_AFTER,
        )
        if health
        else None,
    )


def _now_ms(ask: Asked) -> int:
    return round(ask.now.timestamp() * 1000)


def _instant(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)
