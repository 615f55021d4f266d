"""Settings of `latido webhooks`, from the environment (prefix LATIDO_)."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from sinks.webhooks.retrying import STANDARD_SECONDS


class SealingSettings(BaseSettings):
    """Where the key of the endpoints' secrets comes from: whoever makes or uses secrets needs it."""

    model_config = SettingsConfigDict(env_prefix="LATIDO_", extra="ignore")

    webhooks_key: SecretStr | None = Field(
        None, description="Key that seals the secrets of endpoints: 32 bytes as base64."
    )
    webhooks_key_file: Path = Field(
        Path(".latido/webhooks.key"),
        description="File with that key where LATIDO_WEBHOOKS_KEY is not set; made if it is missing.",
    )


class WebhookSettings(SealingSettings):
    """Every setting of the dispatcher."""

    bootstrap_servers: str = Field(
        "127.0.0.1:29092", description="Kafka brokers (host:port, comma separated)."
    )
    webhooks_group: str = Field("latido-webhooks", description="Consumer group of the webhook dispatcher.")
    webhooks_allow_private: bool = Field(
        default=False,
        description="Lets webhooks go to http, to any port and to private addresses. Local development and "
        "tests only: with it, whoever may define an endpoint can reach into this network.",
    )
    webhooks_schedule_seconds: Annotated[tuple[float, ...], NoDecode] = Field(
        STANDARD_SECONDS,
        min_length=1,
        description="Waits before each attempt of a webhook, in seconds with commas, each counted from the "
        "attempt before.",
    )
    webhooks_pending_records: int = Field(
        50_000, ge=1, description="Webhooks waiting above which an endpoint that fails gets no more to wait."
    )
    webhooks_endpoint_records: int = Field(
        10_000, ge=1, description="Most webhooks that may wait for one endpoint; more go to the dead letters."
    )
    webhooks_requests: int = Field(1_000, ge=1, description="Most webhook requests under way at once.")
    webhooks_gather_seconds: float = Field(
        0.1, gt=0, description="How long results of webhooks gather before they are committed together."
    )
    session_timeout_ms: int = Field(
        10_000, ge=1_000, description="A dispatcher silent for this long loses its partitions to another."
    )
    transaction_timeout_s: float = Field(
        30.0,
        gt=0,
        description="Seconds after which the broker aborts a transaction that its owner left open.",
    )
    restore_deadline_s: float = Field(
        900.0, gt=0, description="Seconds in which a partition must be fenced and restored."
    )
    drain_s: float = Field(8.0, gt=0, description="Seconds that SIGTERM leaves to requests under way.")
    ops_host: str = Field("127.0.0.1", description="Address of /metrics, /healthz and /readyz.")
    ops_port: int = Field(
        0, ge=0, le=65_535, description="Port of /metrics, /healthz and /readyz; 0 takes a free one."
    )
    clock_file: Path | None = Field(
        None, description="File with an ISO instant that replaces the clock, for driven time in tests."
    )
    crash_at: str | None = Field(
        None, description="Fault injection: end the process at this crash point, `name` or `name:n` (tests)."
    )

    @field_validator("webhooks_schedule_seconds", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return value.split(",") if isinstance(value, str) else value
