"""GET /metrics, /healthz and /readyz, from the dispatcher's event loop: if that hangs, nothing answers."""

import time

from aiohttp import web
from prometheus_client import generate_latest

from schemas.metrics import Metrics
from sinks.webhooks.consumer import ActionConsumer

_SILENT_SECONDS = 120.0


def ops_app(consumer: ActionConsumer, metrics: Metrics) -> web.Application:
    """The app."""

    async def scrape(_request: web.Request) -> web.Response:
        return web.Response(
            body=generate_latest(metrics.registry), content_type="text/plain", charset="utf-8"
        )

    async def healthz(_request: web.Request) -> web.Response:
        alive = time.monotonic() - consumer.turned_at_s < _SILENT_SECONDS
        return web.Response(
            text="ok" if alive else "the dispatcher stands still", status=200 if alive else 503
        )

    async def readyz(_request: web.Request) -> web.Response:
        ready = consumer.is_assigned
        return web.Response(
            text="ok" if ready else "no partitions assigned yet", status=200 if ready else 503
        )

    app = web.Application()
    app.router.add_get("/metrics", scrape)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    return app


async def serve(app: web.Application, host: str, port: int) -> web.AppRunner:
    """Listen until the runner's `cleanup`. OSError if the port is taken."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner
