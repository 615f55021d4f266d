"""What holds for every request and every response, whatever route serves it (RELIABILITY §3: S10, S14, S22).

Requests: the Host is ours; bodies are bounded; an unsafe method comes from our own pages, and brings JSON
where it goes to the API. Responses: the security headers, and no caching unless the route allows it.
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sinks.monitor.problems import Problem, problem_response
from sinks.monitor.settings import MonitorSettings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
API = "/api/"

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def secure(headers: MutableHeaders, settings: MonitorSettings) -> None:
    """Add the headers that every response carries."""
    for name, value in _HEADERS.items():
        headers[name] = value
    if settings.https:
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    headers.setdefault("Cache-Control", "no-store")


class Shield:
    """The outermost middleware."""

    def __init__(self, app: ASGIApp, settings: MonitorSettings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what is not ours; decorate every response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                secure(MutableHeaders(scope=message), self._settings)
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send_secured)
            return
        await self._app(scope, _Bounded(receive, self._settings.form_bytes), send_secured)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if not self._settings.serves(headers.get("host", "")):
            return _refuse(scope, Problem(400, "the Host header names another site"))
        length = headers.get("content-length", "")
        if length.isdigit() and int(length) > self._settings.form_bytes:
            return _refuse(scope, Problem(413, f"at most {self._settings.form_bytes} bytes"))
        if scope["method"] in SAFE_METHODS:
            return None
        if not _from_our_pages(headers, self._settings, scope["scheme"]):
            return _refuse(scope, Problem(403, "the request comes from another site"))
        # DELETE has no body, and no form of another site can send it.
        if scope["path"].startswith(API) and scope["method"] != "DELETE" and not _is_json(headers):
            return _refuse(scope, Problem(415, "the API takes application/json"))
        return None


class _Bounded:
    """Receives no more than so many bytes, however they are sent: what comes after is a disconnect."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self._left = receive, most

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        return message if self._left >= 0 else {"type": "http.disconnect"}


def _from_our_pages(headers: Headers, settings: MonitorSettings, scheme: str) -> bool:
    """By what browsers say of themselves: Sec-Fetch-Site, and Origin. Without either nobody vouches: no."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is None and origin is None:
        return False
    ours = settings.origin or f"{scheme}://{headers.get('host', '')}"
    return site in (None, "same-origin") and origin in (None, ours)


def _is_json(headers: Headers) -> bool:
    return headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def _refuse(scope: Scope, problem: Problem) -> Response:
    return problem_response(Request(scope), problem)
