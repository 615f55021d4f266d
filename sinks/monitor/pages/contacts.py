"""Lists of contacts and the card of one: where every figure leads."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from sinks.monitor.api.contact_answers import Scorer
from sinks.monitor.api.contacts import (
    Cursor,
    SortBy,
    Text,
    Way,
    card_answer,
    change_answer,
    contacts_answer,
    talk_answer,
)
from sinks.monitor.api.context import Ask, Asked, OnlyOf
from sinks.monitor.figures.card import read_card, read_history, read_talks
from sinks.monitor.figures.contacts import Direction, Order, Selection, Sort
from sinks.monitor.figures.groups import segments_of
from sinks.monitor.figures.sentiment import SIGNS
from sinks.monitor.i18n import N_
from sinks.monitor.pages.showing import panel, show
from sinks.monitor.problems import NotFound

router = APIRouter(include_in_schema=False)
PAGE = 50

COLUMNS: tuple[tuple[Sort, str, bool], ...] = (
    (Sort.NAME, N_("Contact"), False),
    (Sort.SCORES, N_("R F V"), False),
    (Sort.LAST_PURCHASE, N_("Last purchase"), False),
    (Sort.ORDERS, N_("Orders"), True),
    (Sort.AVERAGE_TICKET, N_("Average ticket"), True),
    (Sort.REVENUE, N_("Revenue"), True),
    (Sort.NEXT_CHANGE, N_("Next change"), False),
)
"""Columns of a list: what sorts them, their name, whether they are numbers."""

SCORERS = {
    Scorer.EVENT: N_("said by the event itself"),
    Scorer.LEXICON: N_("read from the text by the lexicon"),
    Scorer.MODEL: N_("read from the text by a model"),
    Scorer.NOBODY: N_("not scored yet"),
}
ORDER_STATUS = {"placed": N_("placed"), "cancelled": N_("cancelled"), "refunded": N_("refunded")}


@router.get("/contacts")
def contacts(
    *,
    request: Request,
    ask: Ask,
    of: Annotated[str, Query(max_length=40)] = "all",
    whose: OnlyOf,
    text: Text = "",
    sort: SortBy = Sort.REVENUE,
    direction: Way = Direction.DESCENDING,
    cursor: Cursor = None,
) -> Response:
    """The contacts of a group or a segment."""
    try:
        selection = Selection(segments_of(of), whose, text.strip())
    except KeyError as error:
        raise NotFound from error
    order = Order(sort, direction)
    page = panel(lambda: contacts_answer(ask, selection, order, PAGE, cursor))
    return show(
        request,
        ask,
        "contacts.html",
        whose,
        of=of,
        text=text.strip(),
        order=order,
        cursor=cursor,
        page=page,
        columns=COLUMNS,
        Direction=Direction,
    )


@router.get("/contact")
def contact(request: Request, ask: Ask, id_: Annotated[str, Query(alias="id", max_length=200)]) -> Response:
    """One contact: where it stands, why, and what comes next."""
    card = read_card(ask.queries, ask.account_id, id_)
    if card is None:
        raise NotFound
    changes = panel(lambda: _changes(ask, id_))
    return show(
        request,
        ask,
        "contact.html",
        card=card_answer(ask, card),
        changes=changes,
        talks=panel(lambda: [talk_answer(row) for row in read_talks(ask.queries, ask.account_id, id_)]),
        ORDER_STATUS=ORDER_STATUS,
        SCORERS=SCORERS,
        SIGNS=SIGNS,
    )


def _changes(ask: Asked, contact_id: str) -> list[object]:
    return [change_answer(row) for row in read_history(ask.queries, ask.account_id, contact_id)]
