"""The process `latido webhooks`."""

import asyncio
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import structlog

from schemas.codec import Codec, default_codec
from schemas.definitions_topic import Definitions
from schemas.metrics import Metrics
from sinks.clock import Clock
from sinks.webhooks.addresses import Rules
from sinks.webhooks.attempting import Attempts
from sinks.webhooks.consumer import ActionConsumer
from sinks.webhooks.crash import CrashPoints, fail
from sinks.webhooks.dispatcher import Dispatcher
from sinks.webhooks.endpoints import Endpoints
from sinks.webhooks.ops import ops_app, serve
from sinks.webhooks.retrying import Schedule
from sinks.webhooks.sealing import Sealer
from sinks.webhooks.sending import Sender
from sinks.webhooks.settings import WebhookSettings

_THREADS = 32
_log = structlog.get_logger()


def run_webhooks(settings: WebhookSettings, codec: Codec | None = None) -> None:
    """Run until SIGTERM or SIGINT, then let requests end and commit. Call it from the main thread.

    DefinitionsUnavailable if the broker is away, ValueError if the key is no key; a broken engine ends the
    process.
    """
    codec = codec or default_codec()
    sealer = Sealer.of(settings)
    if settings.webhooks_allow_private:
        _log.warning("private_addresses_allowed", why="LATIDO_WEBHOOKS_ALLOW_PRIVATE is set")
    definitions = Definitions(codec, {"bootstrap.servers": settings.bootstrap_servers})
    definitions.start()
    try:
        asyncio.run(_run(settings, codec, Endpoints(definitions, sealer)))
    finally:
        definitions.stop()


async def _run(settings: WebhookSettings, codec: Codec, endpoints: Endpoints) -> None:
    loop = asyncio.get_running_loop()
    metrics, crash = Metrics(), CrashPoints(settings.crash_at)
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="work")
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with Sender(Rules(settings.webhooks_allow_private)) as sender:
        attempts = Attempts(
            codec=codec,
            endpoints=endpoints,
            sender=sender,
            clock=Clock(settings.clock_file),
            schedule=Schedule(settings.webhooks_schedule_seconds),
            crash=crash,
            threads=threads,
        )
        dispatcher = Dispatcher(settings, codec, attempts, threads, metrics)
        consumer = ActionConsumer(settings, codec, dispatcher, loop, crash)
        ops = await serve(ops_app(consumer, metrics), settings.ops_host, settings.ops_port)
        turns = asyncio.create_task(dispatcher.run())
        turns.add_done_callback(_ended)
        reading = threading.Thread(target=consumer.run, name="actions", daemon=True)
        reading.start()
        await stopping.wait()
        consumer.stop.set()
        await loop.run_in_executor(threads, reading.join)
        turns.cancel()
        await ops.cleanup()
    threads.shutdown(wait=False)


def _ended(turns: "asyncio.Task[None]") -> None:
    if not turns.cancelled():
        fail(f"dispatcher: {turns.exception()!r}")
