"""Settings of every process, from the environment (prefix `LATIDO_`)."""

from enum import StrEnum
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class SentimentBackend(StrEnum):
    """What judges texts."""

    LEXICON = "lexicon"
    MODEL = "model"


class Settings(BaseSettings):
    """What an operator may set. `latido --help` prints these descriptions."""

    model_config = SettingsConfigDict(env_prefix="LATIDO_", extra="ignore", frozen=True)

    bootstrap_servers: str = Field(
        "localhost:9092", description="Kafka brokers, host:port separated by commas."
    )
    partitions: int = Field(4, ge=1, description="Partitions of new topics; all workers must agree.")
    registry_url: str | None = Field(
        None, description="Confluent-compatible schema registry; absent means the ids of schemas/avro."
    )
    dead_letter_share: float = Field(
        0.5,
        gt=0,
        le=1,
        description="Share of unusable records above which a partition stops instead of draining them.",
    )
    dead_letter_least: int = Field(
        100, ge=0, description="Unusable records in a row of about a thousand below which it never stops."
    )
    group_instance_id: str | None = Field(
        None, description="Stable name of this worker: restarts within the session cause no rebalance."
    )
    session_timeout_s: float = Field(
        10.0,
        gt=0,
        description="Seconds without a heartbeat after which Kafka gives a worker's partitions away.",
    )
    rebalance_timeout_s: float = Field(
        60.0, gt=0, description="Seconds a rebalance may take before the worker counts as stuck and exits."
    )

    chunk_records: int = Field(
        4000, ge=1, description="Most records that one transaction takes from the inputs of a partition."
    )
    fetch_bytes: int = Field(
        2 * 1024 * 1024, ge=1024, description="Most bytes fetched at once from a partition."
    )
    transactions_per_s: float = Field(
        60.0, gt=0, description="Budget of transactions of a worker; the gather time adapts to it."
    )
    transaction_timeout_s: float = Field(
        30.0,
        gt=0,
        description="Seconds after which the broker aborts a transaction that its owner left open.",
    )
    commit_deadline_s: float = Field(
        60.0, gt=0, description="Seconds one chunk may take from fold to commit before the worker exits."
    )
    restore_deadline_s: float = Field(
        900.0,
        gt=0,
        description="Seconds in which a partition must be fenced and restored, or the worker exits.",
    )
    step_effects: int = Field(
        500, ge=1, description="About how many contacts one transaction moves when a day passes."
    )
    heartbeat_s: float = Field(
        5.0, gt=0, description="Seconds between samples of the log's end, and between watermarks while idle."
    )
    stall_s: float = Field(
        60.0, gt=0, description="Seconds a partition may lie behind without progress before the worker exits."
    )
    blocked_retry_s: float = Field(
        30.0, gt=0, description="Seconds after which a blocked partition is offered its chunk again."
    )
    poison_deaths: int = Field(
        3, ge=1, description="Deaths at one position after which its chunk is halved, down to one record."
    )
    drain_s: float = Field(8.0, gt=0, description="Seconds that SIGTERM leaves to running transactions.")

    ops_host: str = Field("127.0.0.1", description="Address of /metrics, /healthz and /readyz.")
    ops_port: int = Field(
        0, ge=0, le=65535, description="Port of /metrics, /healthz and /readyz; 0 takes a free one."
    )
    sentiment_backend: SentimentBackend = Field(
        SentimentBackend.LEXICON,
        description="What texts are judged by: lexicon, or model (needs the extra: latido[sentiment]).",
    )
    clock_file: Path | None = Field(
        None,
        description="File with an ISO instant that is taken as now (tests, demos); absent means real time.",
    )
    crash_at: str | None = Field(
        None,
        description="Fault injection: end the process at this crash point, `name` or `name:n`; `@topic` "
        "after it counts only transactions that write there (tests).",
    )
    log_level: str = Field("INFO", description="Least severe level that is logged.")
