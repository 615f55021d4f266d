"""Two more looks at the base: as of a past day (E6), and by sentiment (B8)."""

from datetime import date, timedelta

from fastapi import APIRouter, Request, Response

from sinks.monitor.api.as_of import as_of_answer
from sinks.monitor.api.context import Ask, OfOrigin, OnlyOf
from sinks.monitor.api.sentiment import sentiment_panel
from sinks.monitor.figures.whose import Feeling
from sinks.monitor.pages.monitor import PeriodOf
from sinks.monitor.pages.showing import panel, show

router = APIRouter(include_in_schema=False)


@router.get("/as-of")
def as_of(
    request: Request, ask: Ask, whose: OnlyOf, day: date | None = None, known: bool = False
) -> Response:
    """Cards and groupings at the end of a day; a month ago unless asked otherwise."""
    chosen = day or ask.today - timedelta(days=30)
    refused = chosen > ask.today
    if refused:
        chosen = ask.today
    found = panel(lambda: as_of_answer(ask, chosen, as_known=known, whose=whose))
    return show(request, ask, "as_of.html", whose, day=chosen, known=known, refused=refused, found=found)


@router.get("/sentiment")
def sentiment(request: Request, ask: Ask, period: PeriodOf, whose: OfOrigin) -> Response:
    """Contacts by grouping and sentiment, and the interactions of a period."""
    chosen, refused = period
    found = panel(lambda: sentiment_panel(ask, chosen, whose))
    return show(
        request,
        ask,
        "sentiment.html",
        whose,
        found=found,
        chosen=chosen,
        refused=refused,
        feelings=list(Feeling),
    )
