"""Settings of the sink process, from the environment (prefix LATIDO_)."""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_DDL = Path(__file__).resolve().parent.parent / "deploy" / "clickhouse"


class SinkSettings(BaseSettings):
    """Every setting of `latido sink`; `LATIDO_API_PORT` sets `api_port`, and so on."""

    model_config = SettingsConfigDict(env_prefix="LATIDO_", extra="ignore")

    bootstrap_servers: str = Field(
        "127.0.0.1:29092", description="Kafka brokers (host:port, comma separated)."
    )
    sink_group: str = Field("latido-clickhouse", description="Consumer group of the sink.")
    clickhouse_dsn: SecretStr | None = Field(
        None, description="ClickHouse server, clickhouse://user:password@host:port/db; unset: embedded."
    )
    clickhouse_path: Path = Field(
        Path(".latido/clickhouse"), description="Directory of the embedded database; one process owns it."
    )
    ddl_dir: Path = Field(_DDL, description="Directory of the numbered SQL files.")
    sink_batch_records: int = Field(20_000, ge=1, description="Insert when this many records are waiting.")
    sink_batch_bytes: int = Field(
        32 * 2**20, ge=1, description="Insert when the waiting records reach this size in bytes."
    )
    sink_batch_seconds: float = Field(
        0.25, gt=0, description="Seconds between the beginnings of two inserts, unless a batch is full."
    )
    sink_pending_kbytes: int = Field(
        512, ge=64, description="KiB that the Kafka client may fetch ahead for each partition."
    )
    session_timeout_ms: int = Field(
        10_000, ge=1_000, description="A sink silent for this long loses its partitions to another."
    )
    api_host: str = Field("127.0.0.1", description="Address the API listens on.")
    api_port: int = Field(8321, ge=0, le=65_535, description="Port of the API.")
    api_token: SecretStr | None = Field(
        None, description="Bearer token of /internal; required unless the API listens on loopback."
    )
    clock_file: Path | None = Field(
        None, description="File with an ISO instant that replaces the clock, for driven time in tests."
    )

    @model_validator(mode="after")
    def _guard_the_api(self) -> Self:
        if self.api_host not in _LOOPBACK and not (self.api_token and self.api_token.get_secret_value()):
            raise ValueError(f"the API would listen on {self.api_host} without a token; set LATIDO_API_TOKEN")
        return self
