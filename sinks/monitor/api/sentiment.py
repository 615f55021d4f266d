"""Sentiment of contacts and of the interactions of a period."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query

from schemas.records import Segment
from sinks import periods
from sinks.monitor.api.answers import AboutAccount, Answer, PeriodAnswer
from sinks.monitor.api.context import PROBLEMS, Ask, Asked, OfOrigin
from sinks.monitor.api.monitor import about, chosen_period, period_answer
from sinks.monitor.figures.sentiment import read_feelings, read_interactions
from sinks.monitor.figures.whose import Feeling, Whose
from sinks.periods import Period

router = APIRouter(prefix="/api/v1", tags=["sentiment"], responses=PROBLEMS)


class SegmentFeelings(Answer):
    """Contacts of a segment by sentiment; `no_data`: nothing was ever heard of them."""

    segment: Segment
    contacts: dict[Feeling, int]


class ChannelAnswer(Answer):
    """Interactions of a channel by sentiment; null: the event named none."""

    channel: str | None
    interactions: dict[Feeling, int]


class SentimentPanel(AboutAccount):
    """Contacts as of now, interactions of the period."""

    origin: str | None
    period: PeriodAnswer
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
    """Contacts by segment and sentiment, and interactions by channel; without a period the last 30 days."""
    return sentiment_panel(ask, chosen_period(ask, period, first, last), whose)


def sentiment_panel(ask: Asked, chosen: Period, whose: Whose) -> SentimentPanel:
    """Both tables; kept while the account does not change."""
    snapshot = ask.figures.answers.get(
        ask.account_id,
        ("sentiment", chosen, whose),
        lambda: (
            read_feelings(ask.queries, ask.account_id, whose),
            read_interactions(ask.queries, ask.account_id, chosen, whose),
        ),
    )
    feelings, channels = ask.value(snapshot)
    return SentimentPanel(
        **about(ask, snapshot),
        origin=whose.written_origin,
        period=period_answer(chosen),
        segments=[SegmentFeelings(segment=s, contacts=counts) for s, counts in feelings.items()],
        channels=[ChannelAnswer.model_validate(one) for one in channels],
    )
