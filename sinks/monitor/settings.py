"""Settings of the monitor, from the environment (prefix LATIDO_MONITOR_)."""

from datetime import timedelta
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_BUILT = Path(__file__).resolve().parent / "dist"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class MonitorSettings(BaseSettings):
    """Every setting of the monitor; `LATIDO_MONITOR_ORIGIN` sets `origin`, and so on."""

    model_config = SettingsConfigDict(env_prefix="LATIDO_MONITOR_", extra="ignore", frozen=True)

    origin: str = Field(
        "",
        description="Where browsers find the monitor, as https://monitor.example.com; empty: plain http on "
        "loopback, whatever the port.",
    )
    session_file: Path = Field(
        Path(".latido/sessions.sqlite"), description="File of the sessions; monitors of one machine share it."
    )
    session_idle: timedelta = Field(
        timedelta(hours=8), gt=timedelta(0), description="A session unused for so long ends."
    )
    session_absolute: timedelta = Field(
        timedelta(hours=72), gt=timedelta(0), description="A session ends after so long, used or not."
    )
    built_dir: Path = Field(_BUILT, description="Directory that `make assets` filled.")
    form_bytes: int = Field(64 * 1024, ge=1024, description="The largest body of a request.")

    @property
    def https(self) -> bool:
        """Whether browsers come over TLS: cookies are Secure and carry __Host-, HSTS is sent."""
        return self.origin.startswith("https://")

    @property
    def host(self) -> str:
        """Host and port of `origin`; empty on loopback."""
        return urlsplit(self.origin).netloc

    def serves(self, host: str) -> bool:
        """Whether a Host header names this monitor; a foreign name that resolves to us does not."""
        return host == self.host if self.origin else (urlsplit(f"//{host}").hostname or "") in _LOOPBACK

    @model_validator(mode="after")
    def _guard_the_origin(self) -> Self:
        parts = urlsplit(self.origin)
        if self.origin and (not parts.netloc or parts.path or parts.query or parts.username):
            raise ValueError(f"origin {self.origin!r}: a scheme, a host and perhaps a port, nothing more")
        if self.origin and not self.https and parts.hostname not in _LOOPBACK:
            raise ValueError(f"origin {self.origin!r}: https, except on loopback")
        return self
