"""GET /metrics, /healthz and /readyz, from a thread of its own: it answers when the event loop does not."""

import json
import logging
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from schemas.metrics import Metrics
from streams.engine.status import WorkerStatus

logger = logging.getLogger(__name__)


class OpsServer:
    """Serves until the process ends. OSError if the port is taken."""

    def __init__(self, host: str, port: int, status: WorkerStatus, metrics: Metrics) -> None:
        handler = type("Handler", (_Handler,), {"status": status, "metrics": metrics})
        self._server = ThreadingHTTPServer((host, port), handler)
        self._server.daemon_threads = True

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Listen, in a daemon thread."""
        threading.Thread(target=self._server.serve_forever, name="ops", daemon=True).start()
        logger.info("ops on http://%s:%d/metrics", self._server.server_address[0], self.port)


class _Handler(BaseHTTPRequestHandler):
    status: WorkerStatus
    metrics: Metrics

    def do_GET(self) -> None:
        match self.path:
            case "/metrics":
                self._answer(HTTPStatus.OK, generate_latest(self.metrics.registry), CONTENT_TYPE_LATEST)
            case "/healthz":
                self._answer_state(self.status.is_healthy())
            case "/readyz":
                self._answer_state(self.status.is_ready())
            case _:
                self._answer(HTTPStatus.NOT_FOUND, b"", "text/plain")

    def _answer_state(self, good: bool) -> None:
        partitions = {str(number): str(one.state) for number, one in list(self.status.partitions.items())}
        body = json.dumps({"ok": good, "partitions": partitions, "silent_s": round(self.status.silent_s, 1)})
        self._answer(
            HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE, body.encode(), "application/json"
        )

    def _answer(self, code: HTTPStatus, body: bytes, content_type: str) -> None:
        self.send_response(code)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        logger.debug(format, *args)
