"""`latido worker` and `latido sink`: the processes."""

import gc

from schemas.metrics import Metrics
from sinks.clickhouse.service import run_sink
from sinks.monitor.assembly import MonitorOptions
from sinks.monitor.settings import MonitorSettings
from sinks.settings import SinkSettings
from streams.agents.activity import activity
from streams.app import run_worker
from streams.cli.context import accounts_of, codec_of
from streams.cli.monitor_models import AccountModels
from streams.settings import Settings


def worker() -> None:
    """Run the agent `activity`: events in, profiles and segment changes out."""
    # State is many small long-lived tuples: collecting them again and again would cost a third of the time.
    gc.set_threshold(100_000, 50, 100)
    settings = Settings()
    codec = codec_of(settings)
    metrics = Metrics()
    accounts = accounts_of(settings, codec)
    application = activity(codec, accounts, metrics, settings.dead_letter_share, settings.dead_letter_least)
    run_worker(application, settings, metrics)


def sink() -> None:
    """Run the sink: topics into ClickHouse, and the API that answers from it."""
    monitor = MonitorOptions(MonitorSettings(), AccountModels())
    run_sink(SinkSettings(), codec_of(Settings()), monitor)
