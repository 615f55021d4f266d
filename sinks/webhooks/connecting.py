"""Connections that only lead where they may: resolve once, check every address, connect to what was checked.

Each new connection resolves anew; a kept one stays with the address that was checked when it was made. The
name goes on as Host and as SNI, and certificates are checked against it.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiohttp import TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

from sinks.webhooks.addresses import AddressRefused, Rules, check_address

AddressInfo = tuple[Any, Any, int, str, tuple[Any, ...]]
"""What `socket.getaddrinfo` gives: family, kind, protocol, name, socket address."""
Lookup = Callable[[str, int], Sequence[AddressInfo]]

# Names that nobody answers for hold a thread for seconds; they must not keep the others waiting.
_LOOKUP_THREADS = 64
_KEEP_ALIVE_SECONDS = 10.0


def look_up(host: str, port: int) -> Sequence[AddressInfo]:
    """The system's resolver; socket.gaierror, an OSError."""
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)


class GuardedResolver(AbstractResolver):
    """Resolves in threads of its own and refuses a name if any of its addresses is refused."""

    def __init__(self, rules: Rules, lookup: Lookup = look_up) -> None:
        self._rules = rules
        self._lookup = lookup
        self._threads = ThreadPoolExecutor(_LOOKUP_THREADS, thread_name_prefix="resolve")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await asyncio.get_running_loop().run_in_executor(self._threads, self._lookup, host, port)
        for _, _, _, _, where in found:
            check_address(str(where[0]), self._rules)
        if not found:
            raise OSError(f"{host} has no address")
        return [
            ResolveResult(
                hostname=host,
                host=str(where[0]),
                port=port,
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, _, protocol, _, where in found
        ]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def guarded_connector(rules: Rules, lookup: Lookup = look_up) -> TCPConnector:
    """A pool of connections without a limit of its own: lanes limit what is under way."""

    def checked_socket(info: AddressInfo) -> socket.socket:
        # The last door: also for what never passes the resolver.
        kind, _, protocol, _, where = info
        check_address(str(where[0]), rules)
        made = socket.socket(kind, socket.SOCK_STREAM, protocol)
        made.setblocking(False)
        return made

    return TCPConnector(
        resolver=GuardedResolver(rules, lookup),
        use_dns_cache=False,
        socket_factory=checked_socket,
        limit=0,
        keepalive_timeout=_KEEP_ALIVE_SECONDS,
    )


def refusal(error: BaseException) -> AddressRefused | None:
    """The refusal behind a failure to connect, if that was the reason."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, AddressRefused):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None
