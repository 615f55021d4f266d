"""One attempt: a POST that goes where it may, takes bounded time, reads little and follows nothing."""

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Self

import aiohttp

from schemas.actions import Outcome
from sinks.webhooks.addresses import Rules, UrlRefused, check_url
from sinks.webhooks.connecting import Lookup, guarded_connector, look_up, refusal
from sinks.webhooks.retrying import retry_after_seconds

MOST_ANSWER_BYTES = 16 * 1024
_HEADERS = {
    "content-type": "application/json",
    "user-agent": "Latido-Webhooks/1 (+https://www.standardwebhooks.com)",
}
_REASONS = {
    Outcome.TIMEOUT: "the endpoint did not answer in time",
    Outcome.CONNECTION: "no connection, or it broke before an answer came",
    Outcome.TLS: "the endpoint's certificate or TLS was refused",
    Outcome.PROTOCOL: "what came back is not HTTP",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What an attempt came to. `detail` holds nothing that the endpoint sent."""

    outcome: Outcome
    detail: str = ""
    status: int | None = None
    retry_after_seconds: float | None = None
    took_ms: int = 0

    @property
    def blames_endpoint(self) -> bool:
        """Whether the endpoint's health is in doubt."""
        return self.outcome in _UNHEALTHY


_UNHEALTHY = frozenset(
    {Outcome.STATUS, Outcome.REDIRECT, Outcome.TIMEOUT, Outcome.CONNECTION, Outcome.TLS, Outcome.PROTOCOL}
)
FINAL = frozenset({Outcome.ADDRESS_REFUSED, Outcome.URL_REFUSED, Outcome.GONE})
"""What no later attempt can mend."""


class Sender:
    """A pool of connections; a context of the event loop that uses it."""

    def __init__(self, rules: Rules, lookup: Lookup = look_up) -> None:
        self._rules = rules
        self._lookup = lookup
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=guarded_connector(self._rules, self._lookup),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_HEADERS,
            auto_decompress=False,
            trust_env=False,
            read_bufsize=MOST_ANSWER_BYTES,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, timeout_seconds: float) -> Answer:
        """Send once; every failure is an answer."""
        started = time.monotonic()
        try:
            check_url(url, self._rules)
            async with asyncio.timeout(timeout_seconds):
                answer = await self._post(url, headers, body)
        except (UrlRefused, aiohttp.InvalidURL) as error:
            answer = Answer(Outcome.URL_REFUSED, str(error))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            answer = _failure(error)
        took_ms = int((time.monotonic() - started) * 1000)
        return Answer(answer.outcome, answer.detail, answer.status, answer.retry_after_seconds, took_ms)

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        session = self._session
        if session is None:
            raise RuntimeError("the sender is a context")
        async with session.post(
            url, data=body, headers=headers, allow_redirects=False, timeout=aiohttp.ClientTimeout(total=None)
        ) as response:
            answer = _judged(response.status, response.headers.get("retry-after"))
            await _drain(response)
            return answer


async def _drain(response: aiohttp.ClientResponse) -> None:
    """Read a short answer so that its connection can be used again; close on anything else.

    The status has said all there is: what comes after it changes nothing.
    """
    try:
        async with asyncio.timeout(0.5):
            read = await response.content.read(MOST_ANSWER_BYTES)
            while read and not response.content.at_eof():
                read = b"" if len(read) >= MOST_ANSWER_BYTES else await response.content.read(1)
    except (TimeoutError, aiohttp.ClientError, OSError):
        response.close()
        return
    if not response.content.at_eof():
        response.close()


def _judged(status: int, retry_after: str | None) -> Answer:
    wait = None
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        wait = retry_after_seconds(retry_after, datetime.now(UTC))
    detail = f"the endpoint answered {status}"
    if 200 <= status < 300:
        return Answer(Outcome.DELIVERED, detail, status)
    if 300 <= status < 400:
        return Answer(Outcome.REDIRECT, f"{detail}; redirects are not followed: change the URL", status)
    if status == HTTPStatus.GONE:
        return Answer(Outcome.GONE, f"{detail}: it wants no more", status)
    if status == HTTPStatus.TOO_MANY_REQUESTS or wait is not None:
        return Answer(Outcome.THROTTLED, detail, status, wait)
    return Answer(Outcome.STATUS, detail, status)


def _failure(error: Exception) -> Answer:
    refused = refusal(error)
    if refused is not None:
        return Answer(Outcome.ADDRESS_REFUSED, str(refused))
    outcome = Outcome.CONNECTION
    if isinstance(error, TimeoutError):
        outcome = Outcome.TIMEOUT
    elif isinstance(error, (aiohttp.ClientSSLError, ssl.SSLError, ssl.CertificateError)):
        outcome = Outcome.TLS
    elif isinstance(error, (aiohttp.ClientResponseError, aiohttp.ClientPayloadError, ValueError)):
        outcome = Outcome.PROTOCOL
    return Answer(outcome, _REASONS[outcome])
