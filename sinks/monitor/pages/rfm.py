"""What RFM is, with the account's own cuts and map (A13)."""

from collections.abc import Sequence
from itertools import pairwise

from fastapi import APIRouter, Request, Response

from sinks.monitor.api.context import Ask
from sinks.monitor.rendering import render

router = APIRouter(include_in_schema=False)
SCORES = range(1, 6)


@router.get("/rfm")
def explain(request: Request, ask: Ask) -> Response:
    """The three questions, the account's answers, and the map: recency down, frequency and value across."""
    model = ask.model()
    bounds = {
        "recency": _bounds(model.recency_cuts)[::-1],
        "frequency": _bounds(model.frequency_cuts),
        "value": _bounds(model.value_cuts),
    }
    return render(request, "rfm.html", {"model": model, "bounds": bounds, "scores": list(SCORES)})


def _bounds(cuts: Sequence[int]) -> list[tuple[int | None, int | None]]:
    """Classes between growing cuts as (above, up to); None where a class has no end."""
    ends: list[int | None] = [None, *cuts, None]
    return list(pairwise(ends))
