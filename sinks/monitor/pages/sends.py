"""Manual sends: every one, and the progress and results of each (B10)."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from schemas.actions import ActionReason
from schemas.automation import SEND
from sinks.monitor.action_words import STAGES
from sinks.monitor.api.automating import definition_of
from sinks.monitor.api.contacts import Cursor
from sinks.monitor.api.context import Ask
from sinks.monitor.api.lift import WINDOW, lift_answer
from sinks.monitor.api.results import actions_answer
from sinks.monitor.api.send_answers import Stage
from sinks.monitor.api.sends import count_of, send_answer, sends_answer, span_of_send
from sinks.monitor.figures.results import Fate, Wanted
from sinks.monitor.pages.lifting import NAMES
from sinks.monitor.pages.results import PAGE, WORDS, about
from sinks.monitor.pages.showing import panel, show

router = APIRouter(include_in_schema=False)
SendId = Annotated[str, Path(max_length=64)]
ENDS = tuple(fate for fate in Fate if fate not in (Fate.ENTERED, Fate.ASSIGNED, Fate.EXITED))
"""What a contact of a send may come to: one line for each."""


@router.get("/sends")
def sends(request: Request, ask: Ask) -> Response:
    """Every send, the last first."""
    answer = panel(lambda: sends_answer(ask))
    return show(request, ask, "sends.html", found=answer, STAGES=STAGES, count_of=count_of, Fate=Fate)


@router.get("/sends/{send_id}")
def send(
    request: Request, ask: Ask, send_id: SendId, fate: Fate | None = None, cursor: Cursor = None
) -> Response:
    """Progress and results of one."""
    found = definition_of(ask, SEND, send_id)
    wanted = Wanted((send_id,), (fate,) if fate else ENDS)
    log = panel(lambda: actions_answer(ask, wanted, span_of_send(ask, found), PAGE, cursor))
    return show(
        request,
        ask,
        "send.html",
        found=panel(lambda: send_answer(ask, found)),
        log=log,
        about=about(ask, found),
        fate=fate,
        cursor=cursor,
        STAGES=STAGES,
        Stage=Stage,
        ActionReason=ActionReason,
        count_of=count_of,
        **WORDS,
    )


@router.get("/sends/{send_id}/lift")
def lift(request: Request, ask: Ask, send_id: SendId) -> Response:
    """What it achieved, as a part of its page; nothing where nobody was held back."""
    found = definition_of(ask, SEND, send_id)
    answer = panel(lambda: lift_answer(ask, send_id, WINDOW, None, None))
    return show(
        request, ask, "send_lift.html", lift=answer, about=about(ask, found), window=WINDOW, **WORDS, **NAMES
    )
