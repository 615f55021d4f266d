"""`latido worker` and `latido sink`: the processes."""

import gc
from enum import StrEnum
from typing import Annotated

import typer

from schemas.codec import Codec
from schemas.metrics import Metrics
from sinks.clickhouse.service import run_sink
from sinks.monitor.assembly import MonitorOptions
from sinks.monitor.settings import MonitorSettings
from sinks.settings import SinkSettings
from streams.agents.activity import activity
from streams.agents.automations import automations
from streams.app import run_worker
from streams.cli.context import accounts_of, codec_of, kafka_of
from streams.cli.monitor_models import AccountModels
from streams.definitions.automations import Automations
from streams.engine.contract import Application
from streams.settings import Settings


class Agent(StrEnum):
    """What a worker may run; each is a consumer group of its own."""

    ACTIVITY = "activity"
    AUTOMATIONS = "automations"


def worker(
    agent: Annotated[
        Agent,
        typer.Option(
            envvar="LATIDO_AGENT",
            help="activity: events in, profiles and changes out; automations: changes in, actions out.",
        ),
    ] = Agent.ACTIVITY,
) -> None:
    """Run one agent: profiles and segment changes out of events, or actions out of changes."""
    # State is many small long-lived tuples: collecting them again and again would cost a third of the time.
    gc.set_threshold(100_000, 50, 100)
    settings = Settings()
    codec = codec_of(settings)
    metrics = Metrics()
    run_worker(_application(agent, settings, codec, metrics), settings, metrics)


def _application(agent: Agent, settings: Settings, codec: Codec, metrics: Metrics) -> Application:
    if agent is Agent.ACTIVITY:
        accounts = accounts_of(settings, codec)
        return activity(codec, accounts, metrics, settings.dead_letter_share, settings.dead_letter_least)
    definitions = Automations(codec, kafka_of(settings))
    definitions.start()
    return automations(codec, definitions, metrics)


def sink() -> None:
    """Run the sink: topics into ClickHouse, and the API that answers from it."""
    monitor = MonitorOptions(MonitorSettings(), AccountModels())
    run_sink(SinkSettings(), codec_of(Settings()), monitor)
