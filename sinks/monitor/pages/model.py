"""The scoring model: in force, who changed it, and what another one would do to the same base (E3, E8)."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Annotated, Any

from babel.numbers import get_currency_precision
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from schemas.records import Segment
from sinks.monitor.api.context import Ask, Asked
from sinks.monitor.api.model import model as model_in_force
from sinks.monitor.api.model import preview
from sinks.monitor.api.model import publish as publish_model
from sinks.monitor.api.model_answers import Candidate, PreviewAnswer, Publication
from sinks.monitor.formats import major
from sinks.monitor.i18n import N_
from sinks.monitor.pages.showing import panel, show
from sinks.monitor.problems import Problem
from sinks.monitor.rendering import link
from sinks.monitor.rights import Right
from sinks.monitor.scope import Scope, form, having

router = APIRouter(include_in_schema=False)
Publishing = Annotated[Scope, Depends(having(Right.EDIT_MODEL))]
Cuts = Annotated[str, Query(max_length=200, description="Four growing numbers.")]

PRESETS = {"standard-125": N_("Eleven segments by R, F and V"), "rf-10": N_("Ten segments by R and F alone")}
VALUES_OF = {"average": N_("Average of the purchases"), "sum": N_("Sum of the purchases")}
AXES = {"recency": N_("Recency"), "frequency": N_("Frequency"), "value": N_("Value")}

_DEMOTES = re.compile(r"better (\w+) demotes: \((\d), (\d), (\d)\) is (\w+), \((\d), (\d), (\d)\) is (\w+)")
_URGENT = re.compile(r"\((\d), (\d), (\d)\) bought recently, yet is (\w+)")


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning of the map's linter, taken apart so that it can be said in any language."""

    text: str
    cell: str = ""
    segment: Segment | None = None
    axis: str = ""
    better_cell: str = ""
    better_segment: Segment | None = None


class BadCuts(ValueError):
    """Not four growing numbers."""


@router.get("/model")
def model(
    *,
    request: Request,
    ask: Ask,
    r: Cuts = "",
    f: Cuts = "",
    m: Cuts = "",
    preset: Annotated[str, Query(max_length=40)] = "",
    value_of: Annotated[str, Query(max_length=10)] = "",
    published: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """The model in force; with cuts, a preset or another value in the URL also what they would do."""
    answer = model_in_force(ask)
    asked = any((r, f, m, preset, value_of))
    wrong, found = "", None
    if asked:
        try:
            candidate = candidate_of(ask, r, f, m, preset, value_of)
            found = panel(lambda: preview(ask, candidate, 0))
        except (BadCuts, ValidationError):
            wrong = "numbers"
        except Problem as problem:
            wrong = problem.detail
    return show(
        request,
        ask,
        "model.html",
        answer=answer,
        warnings=[parsed(text) for text in answer.warnings],
        fields=_fields(answer, r, f, m, preset, value_of),
        asked=asked,
        published=published,
        wrong=wrong,
        found=found,
        preview_warnings=[parsed(text) for text in found.warnings]
        if isinstance(found, PreviewAnswer)
        else [],
        PRESETS=PRESETS,
        VALUES_OF=VALUES_OF,
        AXES=AXES,
    )


@router.post("/model/publish")
async def publish(request: Request, ask: Ask, _scope: Publishing) -> Response:
    """Put in force what the preview showed; Conflict if another version came meanwhile."""
    return await run_in_threadpool(_publish, request, ask, await form(request))


def _publish(request: Request, ask: Asked, fields: dict[str, str]) -> Response:
    r, f, m, preset, value_of = (fields.get(name, "") for name in ("r", "f", "m", "preset", "value_of"))
    try:
        candidate = candidate_of(ask, r, f, m, preset, value_of)
        wish = Publication.model_validate({**candidate.model_dump(), "base_version": fields.get("base", "")})
    except (BadCuts, ValidationError) as error:
        raise Problem(422, "four growing numbers each, and the version that the page showed") from error
    version = publish_model(request, ask, wish).model_version
    return RedirectResponse(link(ask.scope, "/model", published=version), 303)


def parsed(text: str) -> Warned:
    """A warning in parts; one that is not understood keeps its English text."""
    if found := _DEMOTES.fullmatch(text):
        axis, a, b, c, segment, x, y, z, better = found.groups()
        return Warned(text, f"{a}-{b}-{c}", Segment(segment), axis, f"{x}-{y}-{z}", Segment(better))
    if found := _URGENT.fullmatch(text):
        a, b, c, segment = found.groups()
        return Warned(text, f"{a}-{b}-{c}", Segment(segment))
    return Warned(text)


def candidate_of(ask: Asked, r: str, f: str, m: str, preset: str, value_of: str) -> Candidate:
    """The candidate of a form; BadCuts, ValidationError."""
    digits = get_currency_precision(ask.currency)
    cuts = {
        axis: _numbers(text, scale)
        for axis, text, scale in (("r", r, 0), ("f", f, 0), ("m", m, digits))
        if text.strip()
    }
    return Candidate.model_validate({"cuts": cuts, "preset": preset or None, "value_of": value_of or None})


def _numbers(text: str, digits: int) -> list[int]:
    """Numbers of a field: separated by spaces or semicolons, decimals with a point or a comma."""
    parts = [part for part in re.split(r"[\s;]+", text.strip()) if part]
    try:
        scaled = [Decimal(part.replace(",", ".")).scaleb(digits) for part in parts]
        numbers = [int(one) for one in scaled if one == one.to_integral_value()]
    except (InvalidOperation, ValueError) as error:
        raise BadCuts(text) from error
    if len(numbers) != 4 or any(a >= b for a, b in pairwise(numbers)) or numbers[0] < 0:
        raise BadCuts(text)
    return numbers


def _fields(answer: Any, r: str, f: str, m: str, preset: str, value_of: str) -> dict[str, str]:
    """What the form holds: what was asked, else what is in force."""
    money = [f"{major(cut, answer.currency):.12g}" for cut in answer.value_cuts]
    return {
        "r": r or " ".join(map(str, answer.recency_cuts)),
        "f": f or " ".join(map(str, answer.frequency_cuts)),
        "m": m or " ".join(money),
        "preset": preset,
        "value_of": value_of or answer.value_of,
    }
