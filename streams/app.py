"""The Faust shell: one agent that hands every chunk to the task of its partition."""

import asyncio
import logging
import signal
import threading
import time
from typing import Any

from confluent_kafka import KafkaException
from faust.transport import drivers

from schemas.metrics import Metrics
from streams.engine.contract import Application
from streams.engine.crash import ExitCode, end_process
from streams.engine.ops import OpsServer
from streams.engine.preflight import TopicsUnfit, wait_for_topics
from streams.engine.shared import Shared
from streams.engine.tasks import Tasks
from streams.engine.transport import ChunkMessage, EngineApp
from streams.settings import Settings

logger = logging.getLogger(__name__)

_SCHEME = "latido"


class Shell(EngineApp):
    """A Faust app that keeps no files and ends the process where Faust would limp on."""

    async def on_first_start(self) -> None:
        """No data directory: state lives in topics."""

    async def crash(self, reason: BaseException) -> None:
        """Crash-only: the supervisor starts a clean process."""
        end_process(ExitCode.SHELL_FAILED, repr(reason))

    def _crash(self, reason: BaseException) -> None:
        """A service below crashed, the recovery or the fetcher: mode tells its parents by this."""
        end_process(ExitCode.SHELL_FAILED, repr(reason))


def build_app(shared: Shared) -> Shell:
    """The worker's Faust app, to be started on the running event loop; its topics exist."""
    application, settings = shared.application, shared.settings
    drivers.TRANSPORTS.aliases[_SCHEME] = "streams.engine.transport:Transport"
    app = Shell(
        application.name,
        broker=[f"{_SCHEME}://{server}" for server in settings.bootstrap_servers.split(",")],
        broker_producer=[f"aiokafka://{server}" for server in settings.bootstrap_servers.split(",")],
        autodiscover=False,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        stream_buffer_maxsize=2,
        stream_wait_empty=False,
        broker_request_timeout=settings.restore_deadline_s,
        broker_session_timeout=settings.session_timeout_s,
        broker_rebalance_timeout=settings.rebalance_timeout_s,
        consumer_group_instance_id=settings.group_instance_id,
    )
    app.settings = settings
    app.inputs = application.inputs
    app.tasks = Tasks(shared)
    _declare(app)
    return app


def _declare(app: Shell) -> None:
    chunks = app.topic(*app.inputs, acks=False, allow_empty=True)

    async def hand_over(stream: Any) -> None:
        async for event in stream.noack().events():
            message = event.message
            if isinstance(message, ChunkMessage):
                await app.tasks.offer(message.parcel)

    app.agent(chunks, name="chunks", isolated_partitions=True)(hand_over)

    @app.on_partitions_revoked.connect
    async def revoked(*_: Any, **__: Any) -> None:
        await app.tasks.on_revoked()

    @app.on_partitions_assigned.connect
    async def assigned(*sender_and_partitions: Any, **__: Any) -> None:
        await app.tasks.on_assigned(sender_and_partitions[1])


def run_worker(application: Application, settings: Settings, metrics: Metrics | None = None) -> None:
    """Work until SIGTERM or SIGINT, then drain and end the process. Never returns.

    `metrics` are those the fold counts in, if it does. Exit codes: `streams.engine.crash.ExitCode`.
    """
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        partitions = wait_for_topics(settings.bootstrap_servers, application, settings.stall_s)
    except TopicsUnfit as unfit:
        end_process(ExitCode.TOPICS, str(unfit))
    except KafkaException as failure:
        end_process(ExitCode.SHELL_FAILED, repr(failure))
    asyncio.run(_work(Shared(application, settings, metrics or Metrics(), partitions)))


async def _work(shared: Shared) -> None:
    settings = shared.settings
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    app = build_app(shared)
    OpsServer(settings.ops_host, settings.ops_port, app.tasks.status, shared.metrics).start()
    _guard(app.tasks, settings)
    watching = asyncio.create_task(app.tasks.watch())
    try:
        await app.start()
        stopping = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait({watching, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for ended in done:
            ended.result()
    except Exception as failure:
        logger.exception("the shell failed")
        end_process(ExitCode.SHELL_FAILED, repr(failure))
    await _drain(app, settings)


async def _drain(app: Shell, settings: Settings) -> None:
    try:
        async with asyncio.timeout(settings.drain_s):
            await app.tasks.drain()
            await app.stop()
    except TimeoutError:
        end_process(ExitCode.DRAIN_TIMEOUT, f"not drained within {settings.drain_s} s")
    end_process(ExitCode.DRAINED, "drained")


def _guard(tasks: Tasks, settings: Settings) -> None:
    """End the process, from a thread of its own, when the event loop stands still."""

    def watch() -> None:
        while tasks.status.silent_s < 2 * settings.stall_s + settings.heartbeat_s:
            time.sleep(1)
        end_process(ExitCode.STALLED, "the event loop stands still")

    threading.Thread(target=watch, name="guard", daemon=True).start()
