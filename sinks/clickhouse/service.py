"""The sink process: consumer and API around one database."""

import signal
import threading
from types import FrameType

import structlog
import uvicorn
from fastapi import FastAPI

from schemas.codec import Codec, default_codec
from schemas.definitions_topic import Definitions
from schemas.metrics import Metrics
from sinks.api.app import build_app
from sinks.clickhouse.consumer import SinkConsumer
from sinks.clickhouse.database import open_database
from sinks.clickhouse.migrations import migrate
from sinks.clickhouse.progress import Progress
from sinks.clock import Clock
from sinks.monitor import app as monitors
from sinks.monitor.assembly import MonitorOptions, assemble
from sinks.settings import SinkSettings
from sinks.webhooks.outbox import Outbox

_log = structlog.get_logger()


def run_sink(
    settings: SinkSettings, codec: Codec | None = None, monitor: MonitorOptions | None = None
) -> None:
    """Run until SIGTERM or SIGINT, then insert and commit what is waiting. Any other failure raises.

    Call it from the main thread. The API, and the monitor if there is one, answer from the moment the
    tables exist.
    """
    codec = codec or default_codec()
    database = open_database(settings)
    done = migrate(database, settings.ddl_dir)
    _log.info("database open", embedded=database.embedded, migrations=done)
    progress, metrics = Progress(), Metrics()
    consumer = SinkConsumer(settings, database, codec, progress, metrics)
    clock = Clock(settings.clock_file)
    app = build_app(database, progress, metrics, clock=clock, token=settings.api_token)
    kafka = {"bootstrap.servers": settings.bootstrap_servers}
    definitions = Definitions(codec, kafka)
    mounted = None
    if monitor is not None:
        definitions.start()
        outbox = Outbox(codec, kafka)
        parts = assemble(monitor, database, definitions, progress, metrics, clock, outbox)
        mounted = monitors.mount(app, parts)
    server = _Server(app, settings, consumer.stop)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: _stop(consumer.stop, _frame))
    server.start()
    try:
        consumer.run()
    finally:
        if mounted is not None:
            monitors.stop(mounted)
        server.stop()
        if mounted is not None:
            monitors.close(mounted)
        definitions.stop()
        database.close()
    if server.failure:
        raise RuntimeError(f"the API stopped: {server.failure}")


def _stop(stop: threading.Event, _frame: FrameType | None) -> None:
    stop.set()


class _Server:
    """The API in a thread; when it ends by itself, the process ends."""

    def __init__(self, app: FastAPI, settings: SinkSettings, stop: threading.Event) -> None:
        config = uvicorn.Config(
            app, host=settings.api_host, port=settings.api_port, log_level="warning", access_log=False
        )
        self._server = uvicorn.Server(config)
        self._stop = stop
        self._thread = threading.Thread(target=self._run, name="api", daemon=True)
        self.failure = ""

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(5.0)

    def _run(self) -> None:
        try:
            self._server.run()
        except (SystemExit, OSError) as error:  # uvicorn exits where it cannot bind
            self.failure = f"{type(error).__name__}: {error}"
        if not self._server.should_exit and not self.failure:
            self.failure = "it ended by itself"
        self._stop.set()
