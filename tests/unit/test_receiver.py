"""The receiver page of the demo: what it takes, and what it shows."""

import json
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from deploy.local.receiver import Inbox, server
from sinks.webhooks.signing import signed_headers

SECRET = b"s" * 32


@pytest.fixture
def port() -> Iterator[int]:
    """Of a receiver."""
    with server(0, Inbox(SECRET)) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield listening.server_port
        listening.shutdown()
        thread.join()


def post(port: int, id_: str, secret: bytes = SECRET, at_s: float = 0, **data: Any) -> int:
    body = json.dumps({"type": "latido.automation.action", "data": data}).encode()
    headers = signed_headers([secret], id_, int(at_s or time.time()), body)
    return asked(port, "POST", body, headers)[0]


def asked(
    port: int, method: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, "/", body or None, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_it_shows_each_message_once_the_newest_first(port: int) -> None:
    for id_, text in (("a", "primero"), ("b", "segundo"), ("a", "primero")):
        assert post(port, id_, message=text, contact={"name": "Ana"}) == 200
    page = asked(port, "GET")[1]
    assert page.count("primero") == 1
    assert page.index("segundo") < page.index("primero")
    assert "2 mensajes · 1 repetidos · 0 rechazados" in page


def test_it_takes_only_what_is_signed_now_with_its_secret(port: int) -> None:
    assert post(port, "a", b"x" * 32, message="forged") == 401
    assert post(port, "b", at_s=time.time() - 3_600, message="old") == 401
    assert asked(port, "POST", b"{}")[0] == 401
    page = asked(port, "GET")[1]
    assert "forged" not in page
    assert "3 rechazados" in page


def test_what_it_shows_is_text_and_no_markup(port: int) -> None:
    hostile = "<script>alert(1)</script>"
    assert post(port, hostile, message=hostile, automation_id=hostile, contact={"name": hostile}) == 200
    page = asked(port, "GET")[1]
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 4
