"""Sentiment of contacts and of the interactions of a period."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query

from schemas.records import Segment
from sinks import periods
from sinks.monitor.api.answers import AboutAccount, Answer, PeriodAnswer
from sinks.monitor.api.context import PROBLEMS, Ask, Asked, OfOrigin
from sinks.monitor.api.monitor import about, chosen_period, period_answer
from sinks.monitor.figures.sales import before
from sinks.monitor.figures.sentiment import read_feelings, read_feelings_then, read_interactions
from sinks.monitor.figures.whose import Feeling, Whose
from sinks.periods import Period

router = APIRouter(prefix="/api/v1", tags=["sentiment"], responses=PROBLEMS)


class SegmentFeelings(Answer):
    """Contacts of a segment by sentiment, now and at the end of `since`; `no_data`: nothing was heard.

    Null: of contacts with neither purchases nor interactions nothing tells since when they are here.
    """

    segment: Segment
    contacts: dict[Feeling, int]
    contacts_before: dict[Feeling, int | None]


class ChannelAnswer(Answer):
    """Interactions of a channel by sentiment, in the period and in as many days before; null: unnamed."""

    channel: str | None
    interactions: dict[Feeling, int]
    interactions_before: dict[Feeling, int]


class SentimentPanel(AboutAccount):
    """Contacts as of now beside those at the end of `since`, the eve of the period; its interactions.

    The past is restated: from every purchase and interaction known by now, under the model in force.
    """

    origin: str | None
    period: PeriodAnswer
    previous: PeriodAnswer
    since: date
    segments: list[SegmentFeelings]
    channels: list[ChannelAnswer]


@router.get("/sentiment", response_model=SentimentPanel)
def sentiment(
    *,
    ask: Ask,
    period: Annotated[periods.Preset | None, Query(description="A named period; else from and to.")] = None,
    first: Annotated[date | None, Query(alias="from", examples=["2026-10-01"])] = None,
    last: Annotated[date | None, Query(alias="to", examples=["2026-10-31"])] = None,
    whose: OfOrigin,
) -> Any:
    """Contacts by segment and sentiment, now and when the period began; interactions by channel, and before.

    Without a period the last 30 days.
    """
    return sentiment_panel(ask, chosen_period(ask, period, first, last), whose)


def sentiment_panel(ask: Asked, chosen: Period, whose: Whose) -> SentimentPanel:
    """Both tables; kept while the account does not change."""
    eve, earlier, model = chosen.first - timedelta(days=1), before(chosen), ask.model()
    snapshot = ask.figures.answers.get(
        ask.account_id,
        ("sentiment", chosen, whose, model.version),
        lambda: (
            read_feelings(ask.queries, ask.account_id, whose),
            read_feelings_then(ask.queries, ask.account_id, model, eve, whose),
            read_interactions(ask.queries, ask.account_id, chosen, earlier, whose),
        ),
    )
    feelings, then, channels = ask.value(snapshot)
    return SentimentPanel(
        **about(ask, snapshot),
        origin=whose.written_origin,
        period=period_answer(chosen),
        previous=period_answer(earlier),
        since=eve,
        segments=[
            SegmentFeelings(segment=s, contacts=counts, contacts_before=_known(s, then[s]))
            for s, counts in feelings.items()
        ],
        channels=[ChannelAnswer.model_validate(one) for one in channels],
    )


def _known(segment: Segment, then: dict[Feeling, int]) -> dict[Feeling, int | None]:
    apart = segment is Segment.NO_PURCHASES
    return {one: None if apart and one is Feeling.NO_DATA else n for one, n in then.items()}
