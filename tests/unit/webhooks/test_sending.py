"""One attempt at servers that misbehave: bounded time, bounded bytes, the right name for what came."""

import asyncio
from collections.abc import Iterator

import pytest

from schemas.actions import Outcome
from sinks.webhooks.addresses import Rules
from sinks.webhooks.sending import MOST_ANSWER_BYTES, Answer, Sender
from tests.integration.webhooks.receiver import (
    Behaviour,
    Receiver,
    answers,
    drips,
    floods,
    hangs,
    resets,
    takes,
)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


def post(url: str, timeout_seconds: float = 30) -> Answer:
    async def sent() -> Answer:
        async with Sender(Rules(private=True)) as sender:
            return await sender.post(url, {"webhook-id": "x"}, b"{}", timeout_seconds)

    return asyncio.run(sent())


@pytest.mark.parametrize(
    ("behaviour", "outcome", "status"),
    [
        (takes, Outcome.DELIVERED, 200),
        (answers(204), Outcome.DELIVERED, 204),
        (answers(299), Outcome.DELIVERED, 299),
        (answers(301, location="http://127.0.0.1:1/"), Outcome.REDIRECT, 301),
        (answers(307, location="/takes"), Outcome.REDIRECT, 307),
        (answers(304), Outcome.REDIRECT, 304),
        (answers(400), Outcome.STATUS, 400),
        (answers(404), Outcome.STATUS, 404),
        (answers(410), Outcome.GONE, 410),
        (answers(429), Outcome.THROTTLED, 429),
        (answers(500), Outcome.STATUS, 500),
        (answers(503), Outcome.STATUS, 503),
        (answers(503, retry_after="7"), Outcome.THROTTLED, 503),
        (resets, Outcome.CONNECTION, None),
        (floods, Outcome.DELIVERED, 200),
    ],
)
def test_an_answer_has_its_name(
    receiver: Receiver, behaviour: Behaviour, outcome: Outcome, status: int | None
) -> None:
    receiver.behave["hook"] = behaviour
    answer = post(receiver.url("hook"))
    assert (answer.outcome, answer.status) == (outcome, status)


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.behave["moved"] = answers(308, location=receiver.url("elsewhere"))
    post(receiver.url("moved"))
    assert receiver.ids("elsewhere") == []


@pytest.mark.parametrize("behaviour", [hangs, drips], ids=["hangs", "drips"])
def test_who_gives_no_answer_costs_the_timeout_and_no_more(receiver: Receiver, behaviour: Behaviour) -> None:
    receiver.behave["slow"] = behaviour
    answer = post(receiver.url("slow"), timeout_seconds=1.5)
    assert answer.outcome is Outcome.TIMEOUT
    assert answer.status is None


def test_retry_after_is_read(receiver: Receiver) -> None:
    receiver.behave["busy"] = answers(429, retry_after="42")
    assert post(receiver.url("busy")).retry_after_seconds == 42


def test_no_word_of_the_answer_is_kept(receiver: Receiver) -> None:
    receiver.behave["rude"] = answers(500, x_said="canary-in-a-header")
    assert "no" * 50 not in repr(post(receiver.url("rude")))
    assert "canary" not in repr(post(receiver.url("rude")))


def test_nobody_listening_is_a_failed_connection() -> None:
    assert post("http://127.0.0.1:1/").outcome is Outcome.CONNECTION


def test_a_name_that_does_not_exist_is_a_failed_connection() -> None:
    assert post("http://nobody.invalid/").outcome is Outcome.CONNECTION


def serve_raw(answer: bytes) -> Answer:
    """One attempt at a server that sends these bytes, whatever it is asked."""

    async def attempt() -> Answer:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            writer.write(answer)
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, Sender(Rules(private=True)) as sender:
            return await sender.post(f"http://127.0.0.1:{port}/", {}, b"{}", 30)

    return asyncio.run(attempt())


@pytest.mark.parametrize(
    "answer",
    [
        b"220 smtp.example ESMTP\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"a" * 20 * MOST_ANSWER_BYTES,
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"\x00\x01\x02\x03" * 64,
    ],
    ids=["another protocol", "endless header", "no status", "bytes"],
)
def test_what_is_not_http_fails(answer: bytes) -> None:
    assert serve_raw(answer).outcome in (Outcome.PROTOCOL, Outcome.CONNECTION)


def test_a_status_says_all_even_if_the_body_never_ends() -> None:
    answer = serve_raw(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nonly this")
    assert answer.outcome is Outcome.DELIVERED


def test_tls_towards_a_server_that_speaks_none_is_refused(receiver: Receiver) -> None:
    answer = post(receiver.url("hook").replace("http://", "https://"))
    assert answer.outcome is Outcome.TLS
