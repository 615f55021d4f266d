"""Lists of contacts and the contact card."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from schemas.records import Segment
from sinks.clickhouse.report import rounded
from sinks.monitor.api.contact_answers import (
    ChangeAnswer,
    ConsentAnswer,
    ContactAnswer,
    ContactRow,
    ContactsAnswer,
    ConversationAnswer,
    FavouriteAnswer,
    HistoryAnswer,
    OrderAnswer,
    Scorer,
    Scores,
    SentimentAnswer,
    TakesAnswer,
    TalkAnswer,
)
from sinks.monitor.api.context import PROBLEMS, Ask, Asked, OnlyOf
from sinks.monitor.figures.card import Card, days_since, is_known, read_card, read_history, read_talks
from sinks.monitor.figures.contacts import Direction, Order, Page, Selection, Sort, read_page
from sinks.monitor.figures.cursors import BadCursor
from sinks.monitor.figures.groups import MEMBERS, Group
from sinks.monitor.figures.takes import what_it_takes
from sinks.monitor.figures.whose import Feeling
from sinks.monitor.problems import NotFound, Problem

router = APIRouter(prefix="/api/v1", tags=["contacts"], responses=PROBLEMS)

Text = Annotated[str, Query(max_length=200, description="Part of an id, name, e-mail or phone.")]
SortBy = Annotated[Sort, Query(description="Column to sort by.")]
Way = Annotated[Direction, Query(description="asc or desc.")]
Limit = Annotated[int, Query(ge=1, le=200, description="Contacts a page.")]
Cursor = Annotated[str | None, Query(max_length=2000, description="`next_cursor` of the page before.")]
ContactId = Annotated[str, Path(max_length=200)]


@router.get("/segments/{segment}/contacts", response_model=ContactsAnswer)
def segment_contacts(
    *,
    ask: Ask,
    segment: Segment,
    whose: OnlyOf,
    text: Text = "",
    sort: SortBy = Sort.REVENUE,
    direction: Way = Direction.DESCENDING,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """The contacts of a segment."""
    selection = Selection((segment,), whose, text)
    return contacts_answer(ask, selection, Order(sort, direction), limit, cursor)


@router.get("/groups/{group}/contacts", response_model=ContactsAnswer)
def group_contacts(
    *,
    ask: Ask,
    group: Group,
    whose: OnlyOf,
    text: Text = "",
    sort: SortBy = Sort.REVENUE,
    direction: Way = Direction.DESCENDING,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Any:
    """The contacts of a card, or of the whole base (`all`)."""
    selection = Selection(MEMBERS[group], whose, text)
    return contacts_answer(ask, selection, Order(sort, direction), limit, cursor)


@router.get("/contacts/{contact_id:path}/history", response_model=HistoryAnswer)
def history(ask: Ask, contact_id: ContactId) -> Any:
    """How a contact got where it is."""
    changes = read_history(ask.queries, ask.account_id, contact_id)
    if not is_known(ask.queries, ask.account_id, contact_id):
        raise NotFound
    return HistoryAnswer(
        **_about(ask), contact_id=contact_id, changes=[change_answer(row) for row in changes]
    )


@router.get("/contacts/{contact_id:path}/conversation", response_model=ConversationAnswer)
def conversation(ask: Ask, contact_id: ContactId) -> Any:
    """What a contact said, how it was meant, and who says so."""
    talks = read_talks(ask.queries, ask.account_id, contact_id)
    if not is_known(ask.queries, ask.account_id, contact_id):
        raise NotFound
    return ConversationAnswer(
        **_about(ask), contact_id=contact_id, interactions=[talk_answer(row) for row in talks]
    )


@router.get("/contacts/{contact_id:path}", response_model=ContactAnswer)
def contact(ask: Ask, contact_id: ContactId) -> Any:
    """Everything about a contact."""
    card = read_card(ask.queries, ask.account_id, contact_id)
    if card is None:
        raise NotFound
    return card_answer(ask, card)


def contacts_answer(
    ask: Asked, selection: Selection, order: Order, limit: int, cursor: str | None
) -> ContactsAnswer:
    """A page of a list; 422 for a cursor of another list."""
    try:
        if cursor or selection.text:
            page = read_page(ask.queries, ask.account_id, selection, order=order, limit=limit, cursor=cursor)
        else:
            page = ask.value(ask.figures.first_page(ask.account_id, selection, order, limit))
    except BadCursor as error:
        raise Problem(422, f"cursor: {error}") from error
    return _page_answer(ask, page)


def card_answer(ask: Asked, card: Card) -> ContactAnswer:
    """The card as it is shown."""
    profile = card.profile
    is_champion = profile["segment"] == Segment.CHAMPIONS
    takes = None if is_champion else _takes(ask, profile)
    return ContactAnswer(
        **_about(ask),
        contact=contact_row(ask, profile),
        document=profile["personal_document"],
        tags=profile["tags"],
        consent=[ConsentAnswer(**_tuple(one, "channel", "granted", "at")) for one in profile["consent"]],
        first_purchase_date=profile["first_order_day"],
        recency_falls_on=profile["boundary_day"],
        model_version=profile["model_version"],
        scored_on=profile["scored_day"],
        is_champion=is_champion,
        champion_with=takes,
        last_change=change_answer(card.last_change) if card.last_change else None,
        products=[FavouriteAnswer.model_validate(one) for one in card.products],
        categories=[FavouriteAnswer.model_validate(one) for one in card.categories],
        order_history=[_order(row) for row in card.orders],
        sentiment=_sentiment(profile),
    )


def contact_row(ask: Asked, row: Mapping[str, Any]) -> ContactRow:
    """A row of contact_profiles as a line of a list."""
    return ContactRow(
        contact_id=row["contact_id"],
        name=row["personal_name"],
        email=row["personal_email"],
        phone=row["personal_phone"],
        origin=row["origin"],
        segment=row["segment"],
        r=row["r"],
        f=row["f"],
        m=row["m"],
        last_purchase_date=row["last_order_day"],
        days_since=days_since(row["last_order_day"], ask.today),
        orders=row["orders"],
        average_ticket_minor=rounded(row["revenue_minor"], row["orders"]),
        revenue_minor=row["revenue_minor"],
        next_segment=row["next_segment"],
        next_segment_date=row["next_segment_day"],
    )


def change_answer(row: Mapping[str, Any]) -> ChangeAnswer:
    """A row of segment_changes."""
    return ChangeAnswer(
        seq=row["seq"],
        from_segment=row["from_segment"],
        to_segment=row["to_segment"],
        cause=row["cause"],
        why=row["why"],
        order_id=row["cause_order_id"],
        effective_date=row["effective_day"],
        occurred_at=row["occurred_at"],
        historical=row["historical"],
        before=Scores(r=row["r_before"], f=row["f_before"], m=row["m_before"]),
        after=Scores(r=row["r"], f=row["f"], m=row["m"]),
        model_version=row["model_version"],
    )


def talk_answer(row: Mapping[str, Any]) -> TalkAnswer:
    """A row of contact_interactions; a score beside which no lexicon or model stands is the event's own."""
    scored_by = row["sentiment_model"] if row["sentiment"] is not None else None
    return TalkAnswer.model_validate({**row, "scored_by": scored_by, "scorer": _scorer(row)})


def _scorer(row: Mapping[str, Any]) -> Scorer:
    if row["sentiment"] is None:
        return Scorer.NOBODY
    if row["sentiment_model"] is None:
        return Scorer.EVENT
    return Scorer.LEXICON if "lexicon" in row["sentiment_model"] else Scorer.MODEL


def _page_answer(ask: Asked, page: Page) -> ContactsAnswer:
    items = [contact_row(ask, row) for row in page.rows]
    return ContactsAnswer(**_about(ask), items=items, next_cursor=page.next_cursor, total=page.total)


def _takes(ask: Asked, profile: Mapping[str, Any]) -> TakesAnswer | None:
    takes = what_it_takes(
        ask.model(),
        orders=profile["orders"],
        revenue_minor=profile["revenue_minor"],
        interactions=profile["interactions"],
    )
    return TakesAnswer.model_validate(takes) if takes else None


def _sentiment(profile: Mapping[str, Any]) -> SentimentAnswer:
    return SentimentAnswer(
        sentiment=profile["sentiment"] or Feeling.NO_DATA,
        mean=profile["sentiment_mean"],
        interactions=profile["interactions"],
    )


def _order(row: Mapping[str, Any]) -> OrderAnswer:
    names = ("sku", "name", "category", "quantity", "total_minor")
    return OrderAnswer.model_validate({**row, "items": [_tuple(item, *names) for item in row["items"]]})


def _tuple(value: Any, *names: str) -> dict[str, Any]:
    """A named tuple of ClickHouse, which drivers give as a mapping or in order."""
    return dict(value) if isinstance(value, Mapping) else dict(zip(names, value, strict=True))


def _about(ask: Asked) -> dict[str, Any]:
    return {
        "account": ask.account_id,
        "currency": ask.currency,
        "as_of": ask.today,
        "at": ask.now,
        "version": str(ask.figures.versions.of(ask.account_id).rows),
    }
