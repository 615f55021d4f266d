"""A receiver of webhooks with a page: what an automation service does, as small as it gets.

`python -m deploy.local.receiver`, its port in LATIDO_OPS_PORT, its secret in LATIDO_RECEIVER_SECRET. POST
anywhere takes a webhook: wrong signatures and old timestamps are answered 401, an id that came before is
counted and not shown again. GET / shows the newest messages. It listens on loopback only.
"""

import base64
import hmac
import json
import os
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

from deploy.local.ports import LOOPBACK

SECRET_VARIABLE = "LATIDO_RECEIVER_SECRET"  # noqa: S105 - the name of a variable
PORT_VARIABLE = "LATIDO_OPS_PORT"
_TOLERANCE_SECONDS = 300
_MOST_BYTES = 1 << 20
_MOST_MESSAGES = 200
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True)
class Message:
    """One webhook that was accepted; `at` is when it came first."""

    at: float
    type: str
    data: Mapping[str, Any]


@dataclass
class Inbox:
    """Checks, dedupes and keeps webhooks: the newest, by id."""

    secret: bytes
    messages: OrderedDict[str, Message] = field(default_factory=OrderedDict)
    repeated: int = 0
    refused: int = 0
    _lock: Lock = field(default_factory=Lock)

    def take(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether a webhook is genuine; if it is, it has been taken, once for each id."""
        now = time.time()
        id_, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        with self._lock:
            if not self._is_genuine(id_, stamp, headers.get("webhook-signature", ""), body, now):
                self.refused += 1
                return False
            if id_ in self.messages:
                self.repeated += 1
                return True
            told = json.loads(body)
            self.messages[id_] = Message(now, told["type"], told["data"])
            if len(self.messages) > _MOST_MESSAGES:
                self.messages.popitem(last=False)
            return True

    def _is_genuine(self, id_: str, stamp: str, signatures: str, body: bytes, now: float) -> bool:
        if not (id_ and stamp.isascii() and stamp.isdigit()) or abs(now - int(stamp)) > _TOLERANCE_SECONDS:
            return False
        digest = hmac.digest(self.secret, f"{id_}.{stamp}.".encode() + body, "sha256")
        expected = b"v1," + base64.b64encode(digest)
        given = signatures.encode("utf-8", "replace").split()
        return any(hmac.compare_digest(expected, one) for one in given)

    def page(self) -> str:
        """All messages, newest first."""
        with self._lock:
            newest = list(reversed(self.messages.items()))
            counted = f"{len(newest)} mensajes · {self.repeated} repetidos · {self.refused} rechazados"
        rows = "".join(_row(id_, message) for id_, message in newest) or _NOTHING
        return _PAGE.format(counted=counted, rows=rows)


_PAGE = """<!doctype html><html lang="es"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<meta name="viewport" content="width=device-width"><title>Mensajes recibidos</title><style>
body{{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}
:root{{color-scheme:light dark}}
article{{border-top:1px solid #8886;padding:.6rem 0}}p{{margin:.2rem 0}}small{{opacity:.75}}
</style></head><body><h1>Mensajes recibidos</h1><p>{counted}</p>{rows}</body></html>"""
_NOTHING = "<p>Todavía nada: los mensajes aparecen cuando una automatización los decide.</p>"


def _row(id_: str, message: Message) -> str:
    data = message.data
    contact = data.get("contact") or {}
    who = contact.get("name") or data.get("contact_id", "")
    text = data.get("message") or ("(evento de prueba)" if data.get("source") == "test" else "(sin mensaje)")
    at = datetime.fromtimestamp(message.at, UTC).astimezone().strftime("%H:%M:%S")
    segment = (data.get("variables") or {}).get("segment") or "-"
    told = f"{at} · {data.get('automation_id')} · {data.get('channel') or '-'} · {segment} · {id_}"
    return (
        f"<article><p><strong>{_safe(who)}</strong>: {_safe(text)}</p><small>{_safe(told)}</small></article>"
    )


def _safe(text: object) -> str:
    return escape(str(text))


def server(port: int, inbox: Inbox) -> ThreadingHTTPServer:
    """A server that has not begun to serve; port 0 takes a free one."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            if self.path == "/readyz":
                self._answer(HTTPStatus.OK, "ready")
            elif self.path == "/":
                self._answer(HTTPStatus.OK, inbox.page(), "text/html; charset=utf-8")
            else:
                self._answer(HTTPStatus.NOT_FOUND, "nothing here")

        def do_POST(self) -> None:
            told = self.headers.get("content-length", "")
            if not (told.isascii() and told.isdigit()) or int(told) > _MOST_BYTES:
                self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too long, or of no length")
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            if inbox.take(headers, self.rfile.read(int(told))):
                self._answer(HTTPStatus.OK, "thanks")
            else:
                self._answer(HTTPStatus.UNAUTHORIZED, "the signature does not fit")

        def log_message(self, *_: object) -> None:
            """Say nothing: the page shows what came."""

        def _answer(self, status: HTTPStatus, text: str, kind: str = "text/plain; charset=utf-8") -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.send_header("content-security-policy", _POLICY)
            self.end_headers()
            self.wfile.write(body)

    return ThreadingHTTPServer((LOOPBACK, port), Handler)


def main() -> None:
    """Serve until a signal."""
    secret = base64.b64decode(os.environ[SECRET_VARIABLE].removeprefix("whsec_"))
    server(int(os.environ[PORT_VARIABLE]), Inbox(secret)).serve_forever()


if __name__ == "__main__":
    main()
