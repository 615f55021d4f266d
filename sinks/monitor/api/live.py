"""How current the data is, and a stream that says when to look again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from sinks.clickhouse.verifications import last
from sinks.monitor.api.answers import Answer
from sinks.monitor.api.context import PROBLEMS, Ask, Asked
from sinks.monitor.figures.freshness import Light
from sinks.monitor.scope import find_signed_in

router = APIRouter(prefix="/api/v1", tags=["freshness"], responses=PROBLEMS)
_TICK_SECONDS = 0.25
_HEARTBEAT_TICKS = 60
_ECHO_TICKS = 20
"""After the last move, once more: an answer that another process renews is not heard of here."""
_LONGEST_TICKS = 2_400
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events `moved` with a version, at most four a second; a comment every 15 s.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


class LatencyAnswer(Answer):
    """From the arrival of events to their rows, over the last quarter of an hour."""

    median_seconds: float
    p99_seconds: float


class VerificationAnswer(Answer):
    """The last full recomputation from the log: disagreements, 0 being the only good answer."""

    at: datetime
    drift: int


class FreshnessAnswer(Answer):
    """Up to when everything accepted can be seen; null until every partition has said so."""

    data_up_to: datetime | None
    now: datetime
    behind_seconds: float | None
    light: Light
    latency: LatencyAnswer | None
    verification: VerificationAnswer | None


@router.get("/freshness", response_model=FreshnessAnswer)
def freshness(ask: Ask) -> Any:
    """`data_up_to` with its light (amber after one minute, red after fifteen), latency, last verification."""
    return freshness_answer(ask)


def freshness_answer(ask: Asked) -> FreshnessAnswer:
    """What every page may show of it."""
    found = ask.figures.freshness.read(ask.queries, ask.parts.progress, ask.now)
    behind = found.behind.total_seconds() if found.behind is not None else None
    return FreshnessAnswer(
        data_up_to=found.data_up_to,
        now=ask.now,
        behind_seconds=behind,
        light=found.light,
        latency=ask.parts.latency.recent(),
        verification=last(ask.queries),
    )


@router.get("/live", response_class=StreamingResponse, responses=_STREAM)
async def live(request: Request, ask: Ask) -> StreamingResponse:
    """An event whenever figures of the account may have moved. Browsers reconnect when it ends."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(moves(request, ask), media_type="text/event-stream", headers=headers)


async def moves(request: Request, ask: Asked) -> AsyncIterator[str]:
    """The stream: ends with the session, with the process, and after ten minutes."""
    known, quiet = await _moves(ask), 0
    yield "retry: 2000\n\n"
    for tick in range(1, _LONGEST_TICKS + 1):
        if not await _slept(request) or await request.is_disconnected():
            return
        if tick % _HEARTBEAT_TICKS == 0:
            if not await run_in_threadpool(_still_in, request, ask):
                yield "event: ended\ndata: session\n\n"
                return
            yield ": still here\n\n"
        version = await _moves(ask)
        quiet = 0 if version != known else quiet + 1
        if version != known or (quiet == _ECHO_TICKS and tick > _ECHO_TICKS):
            known = version
            yield f"event: moved\nid: {version}\ndata: {version}\n\n"


async def _slept(request: Request) -> bool:
    """Let a tick pass; False as soon as the process is to stop."""
    await asyncio.sleep(_TICK_SECONDS)
    return not request.app.state.stopping.is_set()


async def _moves(ask: Asked) -> int:
    return await run_in_threadpool(ask.figures.versions.moves, ask.account_id)


def _still_in(request: Request, ask: Asked) -> bool:
    """Whether the person may still read the account."""
    who = find_signed_in(request)
    return who is not None and ask.account_id in who.person.accounts
