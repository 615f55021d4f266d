"""Refusing what people made, in their language, place by place."""

from collections.abc import Iterable

from fastapi import Request

from schemas.rule_json import Problem as Fault
from sinks.monitor.api.context import Asked
from sinks.monitor.authoring.advice import advise
from sinks.monitor.i18n import translations
from sinks.monitor.problems import Problem


def advised(ask: Asked, faults: Iterable[Fault]) -> list[dict[str, str]]:
    """Problems as the API tells them."""
    said = advise(faults, translations(ask.scope.person.language).gettext)
    return [{"path": one.path, "advice": one.text} for one in said]


def refused(ask: Asked, faults: Iterable[Fault]) -> Problem:
    """422 with every problem."""
    told = advised(ask, faults)
    detail = "; ".join(f"{one['path']}: {one['advice']}" for one in told[:5])
    return Problem(422, detail, problems=told)


def address_of(request: Request) -> str:
    """Where the request comes from, for the record."""
    return request.client.host if request.client else "unknown"
