"""The start page: three cards, the table of groupings, sales of a period (seed A, in its order)."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from sinks import periods
from sinks.monitor.api.answers import SalesAnswer
from sinks.monitor.api.context import Ask, OnlyOf
from sinks.monitor.api.live import freshness_answer
from sinks.monitor.api.monitor import chosen_period, monitor_answer, sales_answer
from sinks.monitor.formats import major
from sinks.monitor.pages.showing import Failed, badge, panel, show
from sinks.monitor.rendering import render
from sinks.periods import PeriodError, Preset

router = APIRouter(include_in_schema=False)
CUSTOM = "custom"


def period_of(
    ask: Ask,
    period: Annotated[str, Query(max_length=20)] = Preset.LAST_30_DAYS.value,
    first: Annotated[date | None, Query(alias="from")] = None,
    last: Annotated[date | None, Query(alias="to")] = None,
) -> tuple[periods.Period, bool]:
    """The period of the URL; the usual one, and True, if there is no such period."""
    try:
        if period == CUSTOM or first or last:
            return chosen_period(ask, None, first, last), False
        return periods.preset(Preset(period), ask.today), False
    except (PeriodError, ValueError):
        return periods.preset(Preset.LAST_30_DAYS, ask.today), True


PeriodOf = Annotated[tuple[periods.Period, bool], Depends(period_of)]
"""A page's parameter of this type takes `period`, or `from` and `to`."""


@router.get("/monitor")
def monitor(request: Request, ask: Ask, period: PeriodOf, whose: OnlyOf) -> Response:
    """Groups as of now, sales of the period."""
    chosen, refused = period
    groups = panel(lambda: monitor_answer(ask, ask.figures.base(ask.account_id, whose), whose))
    sales = panel(lambda: sales_answer(ask, ask.figures.cells(ask.account_id, whose), chosen, whose))
    return show(
        request,
        ask,
        "monitor.html",
        whose,
        groups=groups,
        sales=sales,
        chart=None if isinstance(sales, Failed) else _chart(sales),
        chosen=chosen,
        refused=refused,
        proof=panel(lambda: freshness_answer(ask)),
    )


@router.get("/freshness")
def freshness(request: Request, ask: Ask) -> Response:
    """The badge alone, for pages that stay open."""
    return render(request, "freshness.html", {"badge": badge(ask)})


def _chart(sales: SalesAnswer) -> dict[str, Any]:
    return {
        "days": [one.day.isoformat() for one in sales.by_day],
        "revenue": [major(one.revenue_minor, sales.currency) for one in sales.by_day],
        "orders": [one.orders for one in sales.by_day],
        "currency": sales.currency,
    }
