"""The action log of the specialist agents: which did what to whom, when and why."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from sinks.monitor.api.automating import Days
from sinks.monitor.api.contacts import Cursor
from sinks.monitor.api.context import Ask
from sinks.monitor.api.specialists_log import ACTS, log_answer, specialists_of
from sinks.monitor.authoring.drafts import clean_automation
from sinks.monitor.figures.results import Fate
from sinks.monitor.pages.results import PAGE, SPANS, WORDS
from sinks.monitor.pages.showing import panel, show
from sinks.monitor.telling.automations import trigger_words
from sinks.monitor.telling.teller import teller_of

router = APIRouter(include_in_schema=False)


@router.get("/specialists/log")
def specialists_log(
    *,
    request: Request,
    ask: Ask,
    agent: Annotated[str, Query(max_length=64)] = "",
    contact: Annotated[str, Query(max_length=200)] = "",
    fate: Annotated[str, Query(max_length=20)] = "",
    days: Days = 30,
    cursor: Cursor = None,
) -> Response:
    """A page of what they did, the latest first."""
    chosen = Fate(fate) if fate in list(Fate) else None
    found = panel(lambda: log_answer(ask, agent or None, contact.strip(), chosen, days, PAGE, cursor))
    known, teller = specialists_of(ask), teller_of(ask, ask.scope.person.language)
    return show(
        request,
        ask,
        "specialists_log.html",
        found=found,
        agents={id_: str(one.body.get("name") or "") for id_, one in known.items()},
        triggers={
            id_: trigger_words(teller, clean_automation(one.body)["trigger"]) for id_, one in known.items()
        },
        agent=agent,
        contact=contact.strip(),
        fate=chosen,
        days=days,
        cursor=cursor,
        ACTS=ACTS,
        SPANS=SPANS,
        **WORDS,
    )
