"""A sink in its own process, against a broker of the test."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
from confluent_kafka import Producer

from deploy.local import guard
from deploy.local.ports import free_port

Published = tuple[bytes | None, bytes | None, Mapping[str, bytes]]
"""Key, value and headers of a record."""
DEADLINE_SECONDS = 60
_START = """
from sinks.clickhouse.service import run_sink
from sinks.settings import SinkSettings
run_sink(SinkSettings())
"""


class SinkProcess:
    """Starts, kills and asks one sink, which ends with this process; its database outlives it."""

    def __init__(self, bootstrap: str, folder: Path) -> None:
        self._environment = os.environ | {
            "LATIDO_BOOTSTRAP_SERVERS": bootstrap,
            "LATIDO_CLICKHOUSE_PATH": str(folder / "clickhouse"),
            "LATIDO_SESSION_TIMEOUT_MS": "6000",
        }
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    @property
    def address(self) -> str:
        """Base address of the API of the last start."""
        return f"http://127.0.0.1:{self._port}"

    def start(self, **environment: str) -> None:
        """Start it; `environment` adds settings."""
        self._port = free_port()
        own = self._environment | {"LATIDO_API_PORT": str(self._port)} | environment
        with (self._folder / "sink.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _START],
                env=own,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        guard.watch(self._process.pid)

    def stop(self, number: int = signal.SIGTERM, seconds: float = DEADLINE_SECONDS) -> int:
        """Send a signal and wait; the exit code."""
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(number)
        return self.wait(seconds)

    def wait(self, seconds: float = DEADLINE_SECONDS) -> int:
        """Wait for its end; the exit code. subprocess.TimeoutExpired."""
        assert self._process is not None
        code = self._process.wait(seconds)
        guard.forget(self._process.pid)
        self._process = None
        return code

    def has_ended(self) -> bool:
        """Whether it ended by itself; `wait` then gives its exit code."""
        return self._process is not None and self._process.poll() is not None

    def get(self, path: str, **parameters: str) -> Any:
        """JSON of a route; None while the API does not answer."""
        try:
            answer = httpx2.get(f"{self.address}{path}", params=parameters, timeout=30)
        except httpx2.TransportError:
            assert self._process is None or self._process.poll() is None, self.log()
            return None
        if "ndjson" in answer.headers["content-type"]:
            return answer.text.splitlines()
        return answer.json() if answer.status_code == 200 else None

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for something to become true."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"still not: {what}\n{self.log()}"
            time.sleep(0.1)

    def log(self) -> str:
        """What it printed."""
        return (self._folder / "sink.log").read_text()[-4_000:]


def publish(
    bootstrap: str,
    topic: str,
    records: Sequence[Published],
    *,
    partition: int = 0,
    transaction: str = "",
    abort: bool = False,
) -> None:
    """Records (key, value, headers) to one partition, in a transaction if it has a name."""
    producer = Producer(
        {"bootstrap.servers": bootstrap} | ({"transactional.id": transaction} if transaction else {})
    )
    if transaction:
        producer.init_transactions(30)
        producer.begin_transaction()
    for key, value, headers in records:
        producer.produce(topic, value, key, partition, headers=dict(headers))
        producer.poll(0)
    producer.flush(30)
    if transaction:
        (producer.abort_transaction if abort else producer.commit_transaction)(30)
