"""The cookies: their names, what they may be, and the CSRF tokens that belong to them.

`__Host-` names and Secure over https; plain names on loopback, where browsers take no such cookie over http.
"""

import base64
import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum

from fastapi import Request, Response

from sinks.monitor.settings import MonitorSettings

_YEAR_SECONDS = 365 * 86_400


class Cookie(StrEnum):
    """What is kept in the browser."""

    SESSION = "latido-session"
    VISITOR = "latido-visitor"
    LANGUAGE = "latido-language"
    THEME = "latido-theme"


class Theme(StrEnum):
    """Colours; AUTO follows the system."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Cookies:
    """Reads and sets them, by the settings."""

    settings: MonitorSettings

    def read(self, request: Request, cookie: Cookie) -> str:
        """The value, or nothing."""
        return request.cookies.get(self._name(cookie), "")

    def theme(self, request: Request) -> Theme:
        """The colours that the person chose."""
        wish = self.read(request, Cookie.THEME)
        return Theme(wish) if wish in list(Theme) else Theme.AUTO

    def set(self, response: Response, cookie: Cookie, value: str) -> None:
        """Set it; a session's goes with the browser, what the person chose stays for a year."""
        lasting = cookie in (Cookie.LANGUAGE, Cookie.THEME)
        response.set_cookie(
            self._name(cookie),
            value,
            max_age=_YEAR_SECONDS if lasting else None,
            path="/",
            secure=self.settings.https,
            httponly=True,
            samesite="lax",
        )

    def clear(self, response: Response, cookie: Cookie) -> None:
        """Take it away."""
        response.delete_cookie(
            self._name(cookie), path="/", secure=self.settings.https, httponly=True, samesite="lax"
        )

    def _name(self, cookie: Cookie) -> str:
        return f"__Host-{cookie.value}" if self.settings.https else cookie.value


def new_visitor() -> str:
    """An id for somebody who has not signed in: 256 random bits, known to nobody but the browser."""
    return secrets.token_urlsafe(32)


def csrf_token(secret: str) -> str:
    """The token of forms of a session (or visitor): follows from its id, and does not give it away."""
    digest = hmac.new(secret.encode(), b"latido form token", "sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def token_fits(secret: str, token: str) -> bool:
    """Whether a form's token belongs to the session (or visitor)."""
    return bool(secret) and hmac.compare_digest(csrf_token(secret).encode(), token.encode())
