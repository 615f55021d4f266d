"""A receiver of webhooks that behaves as a script says, and remembers what reached it."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

Behaviour = Callable[[web.Request, "Arrived"], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Arrived:
    """One request: which endpoint it was for, and what it said."""

    name: str
    headers: dict[str, str]
    body: bytes
    at_s: float
    earlier: int
    """How often the same id had come before."""

    @property
    def id(self) -> str:
        """The webhook-id."""
        return self.headers["webhook-id"]


async def takes(_request: web.Request, _arrived: Arrived) -> web.StreamResponse:
    """200."""
    return web.Response(text="thanks")


async def hangs(_request: web.Request, _arrived: Arrived) -> web.StreamResponse:
    """Never answers."""
    await asyncio.sleep(3_600)
    return web.Response()


async def drips(request: web.Request, _arrived: Arrived) -> web.StreamResponse:
    """Sends its answer's head byte by byte, one a second."""
    transport = request.transport
    assert transport is not None
    for byte in b"HTTP/1.1 200 OK\r\nx-slow: " + b"a" * 3_600:
        transport.write(bytes([byte]))
        await asyncio.sleep(1)
    return web.Response()


async def resets(request: web.Request, _arrived: Arrived) -> web.StreamResponse:
    """Breaks the connection."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def floods(request: web.Request, _arrived: Arrived) -> web.StreamResponse:
    """200, and a body without an end."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"x" * 65_536)


def answers(status: int, **headers: str) -> Behaviour:
    """Always this."""

    async def answer(_request: web.Request, _arrived: Arrived) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, headers=named, text="no" * 50)

    return answer


def some(behaviour: Behaviour) -> Behaviour:
    """About a third of the ids once like this; all else 200. Few in a row, so that no circuit opens."""

    async def answer(request: web.Request, arrived: Arrived) -> web.StreamResponse:
        fails = arrived.earlier == 0 and int(arrived.id[-2:], 16) % 3 == 0
        return await (behaviour if fails else takes)(request, arrived)

    return answer


def first(times: int, behaviour: Behaviour) -> Behaviour:
    """So often like this for each id, then 200."""

    async def answer(request: web.Request, arrived: Arrived) -> web.StreamResponse:
        return await (behaviour if arrived.earlier < times else takes)(request, arrived)

    return answer


@dataclass
class Receiver:
    """Listens on a free port of loopback; a context. `behave["name"]` decides what `/name` does."""

    behave: dict[str, Behaviour] = field(default_factory=dict)
    arrived: list[Arrived] = field(default_factory=list)
    port: int = 0

    def url(self, name: str) -> str:
        """Where the endpoint `name` is."""
        return f"http://127.0.0.1:{self.port}/{name}"

    def ids(self, name: str) -> list[str]:
        """Webhook ids in the order of their arrival, repeats among them."""
        return [one.id for one in list(self.arrived) if one.name == name]

    def __enter__(self) -> Self:
        self._seen: defaultdict[str, int] = defaultdict(int)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="receiver", daemon=True)
        self._thread.start()
        assert self._ready.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(30)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(client_max_size=2**20)
        app.router.add_route("*", "/{name}", self._handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server: Any = site._server
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        body = await request.read()
        headers = {key.lower(): value for key, value in request.headers.items()}
        id_ = headers.get("webhook-id", "")
        arrived = Arrived(name, headers, body, self._loop.time(), self._seen[id_])
        self._seen[id_] += 1
        self.arrived.append(arrived)
        return await self.behave.get(name, takes)(request, arrived)
