"""Cards, table and sales: what the monitor opens on."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from schemas.records import Segment
from sinks import periods
from sinks.monitor.api.answers import (
    CardFigures,
    Figures,
    MonitorAnswer,
    OriginFigures,
    PeriodAnswer,
    SalesAnswer,
    SalesChange,
    SegmentFigures,
)
from sinks.monitor.api.context import PROBLEMS, Ask, Asked, OnlyOf, not_modified, tagged
from sinks.monitor.figures.base import Base, Totals, share
from sinks.monitor.figures.groups import CARDS, CLASSIFIED, MEMBERS
from sinks.monitor.figures.sales import Cells, Sales, before, change
from sinks.monitor.figures.snapshots import Snapshot
from sinks.monitor.figures.whose import EVERYBODY, Whose
from sinks.periods import Period

router = APIRouter(prefix="/api/v1", tags=["monitor"], responses=PROBLEMS)


@router.get("/monitor", response_model=MonitorAnswer)
def monitor(request: Request, response: Response, ask: Ask, whose: OnlyOf) -> Any:
    """The three cards, the table of segments, contacts by origin and by sentiment, as of now."""
    snapshot = ask.figures.base(ask.account_id, whose)
    if tagged(request, response, snapshot.version.rows, snapshot.begun_at, ask.today):
        return not_modified(response)
    return monitor_answer(ask, snapshot, whose)


def monitor_answer(ask: Asked, snapshot: Snapshot[Base], whose: Whose = EVERYBODY) -> MonitorAnswer:
    """Everything from one read, but for an origin beyond the fifty."""
    base = ask.value(snapshot)
    everybody, buyers = base.everybody(whose), base.classified(whose)
    origins, others = ask.figures.base(ask.account_id).value.origins(whose.sentiment)
    return MonitorAnswer(
        **about(ask, snapshot),
        **whose.state,
        contacts=everybody.contacts,
        buyers=buyers.contacts,
        orders=everybody.orders,
        revenue_minor=everybody.revenue_minor,
        cards=[
            CardFigures(
                group=group,
                segments=list(MEMBERS[group]),
                **_figures(base.of(MEMBERS[group], whose), buyers).model_dump(),
            )
            for group in CARDS
        ],
        segments=[
            SegmentFigures(segment=segment, **_figures(base.of([segment], whose), whole).model_dump())
            for segment, whole in [*((s, buyers) for s in CLASSIFIED), (Segment.NO_PURCHASES, None)]
        ],
        origins=[OriginFigures.model_validate(one) for one in origins],
        other_origins_contacts=others,
        sentiments=base.feelings(whose),
    )


@router.get("/sales", response_model=SalesAnswer)
def sales(
    *,
    request: Request,
    response: Response,
    ask: Ask,
    period: Annotated[periods.Preset | None, Query(description="A named period; else from and to.")] = None,
    first: Annotated[date | None, Query(alias="from", examples=["2026-10-01"])] = None,
    last: Annotated[date | None, Query(alias="to", examples=["2026-10-31"])] = None,
    whose: OnlyOf,
) -> Any:
    """Sales of whole days in the account's zone, beside as many days immediately before.

    Without any parameter: the last 30 days, which end yesterday.
    """
    chosen = chosen_period(ask, period, first, last)
    snapshot = ask.figures.cells(ask.account_id, whose)
    if tagged(request, response, snapshot.version.rows, snapshot.begun_at, ask.today):
        return not_modified(response)
    return sales_answer(ask, snapshot, chosen, whose)


def sales_answer(ask: Asked, snapshot: Snapshot[Cells], chosen: Period, whose: Whose) -> SalesAnswer:
    """Both periods from one read."""
    cells, earlier = ask.value(snapshot), before(chosen)
    now, then = cells.sales(chosen), cells.sales(earlier)
    return SalesAnswer(
        **about(ask, snapshot),
        **whose.state,
        period=period_answer(chosen),
        previous=period_answer(earlier),
        sales=now,
        sales_before=then,
        change=_change(now, then),
        by_day=cells.by_day(chosen),
    )


def chosen_period(
    ask: Asked, named: periods.Preset | None, first: date | None, last: date | None
) -> periods.Period:
    """`named`, or `first` to `last`; PeriodError."""
    if first is None and last is None:
        return periods.preset(named or periods.Preset.LAST_30_DAYS, ask.today)
    if named is not None or first is None or last is None:
        raise periods.PeriodError("give either period, or both from and to")
    return periods.custom(first, last, ask.today)


def about(ask: Asked, snapshot: Snapshot[Any]) -> dict[str, Any]:
    """What every answer says of its account."""
    return {
        "account": ask.account_id,
        "currency": ask.currency,
        "as_of": ask.today,
        "at": ask.read_at(snapshot),
        "version": str(snapshot.version.rows),
        "stale": snapshot.stale,
    }


def _figures(totals: Totals, of: Totals | None) -> Figures:
    return Figures(
        contacts=totals.contacts,
        share=share(totals.contacts, of.contacts) if of else None,
        orders=totals.orders,
        revenue_minor=totals.revenue_minor,
        revenue_share=share(totals.revenue_minor, of.revenue_minor) if of else None,
        average_ticket_minor=totals.average_ticket_minor,
    )


def period_answer(period: Period) -> PeriodAnswer:
    """A period as it is answered."""
    days = (period.last - period.first).days + 1
    return PeriodAnswer(
        name=period.name, first=period.first, last=period.last, days=days, partial=period.partial
    )


def _change(now: Sales, then: Sales) -> SalesChange:
    old = asdict(then)
    return SalesChange(**{name: change(value, old[name]) for name, value in asdict(now).items()})
