"""Downloads."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import StreamingResponse

from schemas.records import Segment
from schemas.rules import Group
from sinks.monitor.api.contacts import Text
from sinks.monitor.api.context import PROBLEM, PROBLEMS, Ask, Asked, OnlyOf
from sinks.monitor.audit import Action, AuditEvent
from sinks.monitor.figures.contacts import Selection
from sinks.monitor.figures.export import Dialect, Export, write_csv
from sinks.monitor.figures.groups import segments_of
from sinks.monitor.i18n import translations
from sinks.monitor.people import Language
from sinks.monitor.problems import NotFound, Problem
from sinks.monitor.rights import Right
from sinks.monitor.scope import having
from sinks.monitor.words import SEGMENTS

COUNT_HEADER = "X-Latido-Contacts"
_AT_ONCE = 2
Lang = Annotated[Language | None, Query(description="Absent: the person's language.")]
Raw = Annotated[bool, Query(description="For machines: points, commas, codes, nothing escaped.")]
router = APIRouter(prefix="/api/v1", tags=["reports"], responses=PROBLEMS)

FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file. The header X-Latido-Contacts says how many contacts are in it.",
        "content": {"text/csv": {"schema": {"type": "string"}}},
        "headers": {COUNT_HEADER: {"schema": {"type": "integer"}, "description": "Contacts in the file."}},
    },
    429: {"description": "This person is downloading enough already.", **PROBLEM},
}


class Writing:
    """Who is having files written; so many at once for each person."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count: Counter[str] = Counter()

    @contextmanager
    def by(self, email: str) -> Iterator[None]:
        """Take a place; Problem 429 if there is none."""
        with self._lock:
            if self._count[email] >= _AT_ONCE:
                raise Problem(429, f"{_AT_ONCE} downloads at a time: wait for one to end")
            self._count[email] += 1
        try:
            yield
        finally:
            with self._lock:
                self._count[email] -= 1
                if not self._count[email]:
                    del self._count[email]


@router.get(
    "/reports/{name}.csv",
    response_class=StreamingResponse,
    responses=FILE,
    dependencies=[Depends(having(Right.EXPORT))],
)
def report(
    *,
    request: Request,
    ask: Ask,
    name: Annotated[str, Path(max_length=40, description="A group (also `all`) or a segment.")],
    whose: OnlyOf,
    text: Text = "",
    lang: Lang = None,
    raw: Raw = False,
) -> StreamingResponse:
    """The contacts of a group or segment, all of one moment."""
    try:
        selection = Selection(segments_of(name), whose, text)
    except KeyError as error:
        raise NotFound from error
    return download(request, ask, name, selection, dialect(lang or ask.scope.person.language, raw=raw))


def download(
    request: Request, ask: Asked, name: str, selection: Selection | Group, written: Dialect
) -> StreamingResponse:
    """The contacts of a selection or a rule as a file; Problem 429 while a person has enough written."""
    writing: Writing = request.app.state.writing
    with writing.by(ask.scope.person.email):
        export = write_csv(
            ask.queries, ask.account_id, selection, dialect=written, currency=ask.currency, today=ask.today
        )
    _record(ask, name, export, request)
    headers = {
        "Content-Disposition": f'attachment; filename="latido-{name}-{ask.today.isoformat()}.csv"',
        "Content-Length": str(export.size_bytes),
        COUNT_HEADER: str(export.contacts),
    }
    return StreamingResponse(export.pieces(), media_type="text/csv; charset=utf-8", headers=headers)


def dialect(language: Language, *, raw: bool) -> Dialect:
    """How people of a language open files; `raw` is the same in all."""
    if raw:
        return Dialect(",", ".", {segment: segment.value for segment in Segment}, raw=True)
    texts = translations(language)
    words = {segment: texts.gettext(SEGMENTS[segment]) for segment in Segment}
    english = language is Language.ENGLISH
    return Dialect("," if english else ";", "." if english else ",", words)


def _record(ask: Asked, name: str, export: Export, request: Request) -> None:
    ask.parts.audit.record(
        AuditEvent(
            at=ask.now,
            action=Action.EXPORT,
            actor=ask.scope.person.email,
            account_id=ask.account_id,
            target=name,
            address=request.client.host if request.client else "unknown",
            detail={"contacts": export.contacts},
        )
    )
