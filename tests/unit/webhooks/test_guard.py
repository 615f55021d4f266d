"""SSRF: whatever the URL, whatever the resolver says, nothing reaches the canary."""

import asyncio
import socket
import threading
from collections.abc import Iterator, Sequence

import pytest

from schemas.actions import Outcome
from sinks.webhooks.addresses import AddressRefused, Rules, UrlRefused, check_address, check_url
from sinks.webhooks.connecting import AddressInfo, Lookup
from sinks.webhooks.sending import FINAL, Answer, Sender
from tests.unit.webhooks import corpus

STRICT, LOCAL = Rules(), Rules(private=True)
REFUSED = {Outcome.ADDRESS_REFUSED, Outcome.URL_REFUSED}


class Canary:
    """A server on loopback that counts who connects."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            connection.close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)


@pytest.fixture
def canary() -> Iterator[Canary]:
    made = Canary()
    yield made
    made.close()


def resolver(*answers: Sequence[str], port: int | None = None) -> Lookup:
    """Gives one answer after the other, the last for ever; `port` instead of the one that was asked for."""
    left = list(answers)

    def look_up(_host: str, asked: int) -> list[AddressInfo]:
        addresses = left.pop(0) if len(left) > 1 else left[0]
        family = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(family[":" in one], socket.SOCK_STREAM, 6, "", (one, port or asked)) for one in addresses]

    return look_up


def post(url: str, rules: Rules, lookup: Lookup, times: int = 1) -> list[Answer]:
    async def sent() -> list[Answer]:
        async with Sender(rules, lookup) as sender:
            return [await sender.post(url, {}, b"{}", 5) for _ in range(times)]

    return asyncio.run(sent())


def test_the_corpus_is_large_enough() -> None:
    assert len(set(corpus.URLS)) >= 60


@pytest.mark.parametrize("url", corpus.URLS)
def test_no_url_of_the_corpus_reaches_the_canary(url: str, canary: Canary) -> None:
    answers = post(url.replace(corpus.CANARY, str(canary.port)), STRICT, resolver(["127.0.0.1"]))
    assert {answer.outcome for answer in answers} <= REFUSED
    assert canary.connections == 0


@pytest.mark.parametrize("address", corpus.ADDRESSES)
def test_a_name_that_resolves_to_it_is_refused(address: str) -> None:
    (answer,) = post("https://hooks.example.com/", STRICT, resolver([address]))
    assert answer.outcome is Outcome.ADDRESS_REFUSED
    assert answer.outcome in FINAL


@pytest.mark.parametrize("address", corpus.ADDRESSES)
def test_one_bad_address_among_good_ones_refuses_the_name(address: str) -> None:
    (answer,) = post("https://hooks.example.com/", STRICT, resolver(["8.8.8.8", address]))
    assert answer.outcome is Outcome.ADDRESS_REFUSED


@pytest.mark.parametrize("address", corpus.PUBLIC)
def test_addresses_of_the_internet_are_good(address: str) -> None:
    check_address(address, STRICT)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/a?b=c", "https://hooks.example.com:8443/", "https://hooks.example.com./",
        "https://xn--bcher-kva.example/", "https://8.8.8.8/", "https://[2606:4700::1111]/", "HTTPS://A.EXAMPLE/",
    ],
)  # fmt: skip
def test_urls_of_the_internet_are_good(url: str) -> None:
    check_url(url, STRICT)


def test_a_name_that_is_rebound_between_check_and_connection_is_never_asked_again(canary: Canary) -> None:
    asked: list[str] = []
    rebinding = resolver(["8.8.8.8"], ["127.0.0.1"])

    def counted(host: str, port: int) -> Sequence[AddressInfo]:
        asked.append(host)
        return rebinding(host, port)

    seen: list[str] = []

    async def sent() -> Answer:
        async with Sender(STRICT, counted) as sender:
            session = sender._session
            assert session is not None
            connector = session.connector
            original = connector._socket_factory  # type: ignore[union-attr]

            def recorded(info: AddressInfo) -> socket.socket:
                seen.append(info[4][0])
                raise ConnectionRefusedError("this test goes nowhere")

            assert original is not None
            connector._socket_factory = recorded  # type: ignore[union-attr]
            return await sender.post("https://rebind.example.com/", {}, b"{}", 5)

    answer = asyncio.run(sent())
    assert (asked, seen) == (["rebind.example.com"], ["8.8.8.8"])
    assert answer.outcome is Outcome.CONNECTION
    assert canary.connections == 0


def test_a_name_that_is_rebound_between_two_attempts_is_refused(canary: Canary) -> None:
    lookup = resolver(["127.0.0.1"], port=canary.port)
    first = post(f"http://rebind.example.com:{canary.port}/", LOCAL, lookup)
    assert (first[0].outcome, canary.connections) == (Outcome.DELIVERED, 1)
    second = post("https://rebind.example.com/", STRICT, lookup)
    assert (second[0].outcome, canary.connections) == (Outcome.ADDRESS_REFUSED, 1)


def test_the_last_door_refuses_what_never_passed_the_resolver(canary: Canary) -> None:
    async def made() -> None:
        async with Sender(STRICT) as sender:
            session = sender._session
            assert session is not None
            factory = session.connector._socket_factory  # type: ignore[union-attr]
            assert factory is not None
            with pytest.raises(AddressRefused):
                factory((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", canary.port)))

    asyncio.run(made())
    assert canary.connections == 0


def test_proxies_of_the_environment_are_ignored(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    (answer,) = post(f"http://hooks.example.com:{port}/", LOCAL, resolver(["127.0.0.1"]))
    assert answer.outcome is Outcome.CONNECTION
    assert canary.connections == 0


def test_the_name_goes_on_as_host() -> None:
    heard: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def hear() -> None:
        connection, _ = listener.accept()
        with connection:
            heard.append(connection.recv(65_536))
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    thread = threading.Thread(target=hear, daemon=True)
    thread.start()
    port = listener.getsockname()[1]
    (answer,) = post(f"http://hooks.example.com:{port}/", LOCAL, resolver(["127.0.0.1"]))
    thread.join(10)
    listener.close()
    assert answer.status == 204
    assert f"host: hooks.example.com:{port}".encode() in heard[0].lower()


def test_local_development_may_reach_loopback_and_nothing_else_changes(canary: Canary) -> None:
    check_url(f"http://127.0.0.1:{canary.port}/", LOCAL)
    for url in ("http://user@127.0.0.1/", "ftp://127.0.0.1/", "http://127.0.0.1/#x", "http://2130706433/"):
        with pytest.raises(UrlRefused):
            check_url(url, LOCAL)
