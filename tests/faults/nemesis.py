"""Processes under test, and what is done to them. Signals go only to processes started here."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import guard

TEST_SETTINGS: Mapping[str, str] = {
    "LATIDO_SESSION_TIMEOUT_S": "6",
    "LATIDO_REBALANCE_TIMEOUT_S": "20",
    "LATIDO_TRANSACTION_TIMEOUT_S": "10",
    "LATIDO_COMMIT_DEADLINE_S": "20",
    "LATIDO_RESTORE_DEADLINE_S": "30",
    "LATIDO_HEARTBEAT_S": "1",
    "LATIDO_STALL_S": "20",
    "LATIDO_CHUNK_RECORDS": "500",
}
"""Short deadlines, so that faults bite within seconds."""

_RESTART_PAUSE_S = 0.3


@dataclass
class Worker:
    """One supervised process, started again, after a pause, whenever it ended; the test's end is its end.

    `module` may be followed by arguments. `exits` are the codes it ended with; a negative one is the signal.
    """

    module: str
    log: Path
    environment: Mapping[str, str]
    exits: list[int] = field(default_factory=list)
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self.module.split()],
                env={**os.environ, **TEST_SETTINGS, **self.environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        guard.watch(self._process.pid)

    def tend(self) -> None:
        """Start it again if it ended."""
        if self._process is not None and self._process.poll() is not None:
            guard.forget(self._process.pid)
            self.exits.append(self._process.returncode)
            time.sleep(_RESTART_PAUSE_S)
            self.start()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process, if it runs."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, number)

    def stop(self) -> int:
        """SIGTERM; the exit code. RuntimeError if it does not end within 15 s."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """SIGKILL, and not started again; the exit code."""
        return self._end(signal.SIGKILL)

    def wait(self, deadline_s: float) -> int:
        """Wait until it ends by itself; the exit code. subprocess.TimeoutExpired."""
        assert self._process is not None
        code = self._process.wait(deadline_s)
        guard.forget(self._process.pid)
        self.exits.append(code)
        self._process = None
        return code

    def with_settings(self, **settings: str) -> None:
        """From its next start on."""
        self.environment = {**self.environment, **settings}

    def _end(self, number: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return self.exits[-1]
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGCONT)
            os.killpg(process.pid, number)
        try:
            self.exits.append(process.wait(15))
        except subprocess.TimeoutExpired as late:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise RuntimeError(f"the worker did not end by {number.name}; see {self.log}") from late
        finally:
            guard.forget(process.pid)
        return self.exits[-1]


class Workers:
    """Supervised workers, and a context that ends them all."""

    def __init__(self, module: str, directory: Path, environment: Mapping[str, str]) -> None:
        self._module = module
        self._directory = directory
        self._environment = environment
        self.all: list[Worker] = []

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.all:
            worker.kill()

    def start(self, module: str = "", **settings: str) -> Worker:
        """One more worker, with settings of its own, or a process of another module."""
        log = self._directory / f"worker{len(self.all)}.log"
        worker = Worker(module or self._module, log, {**self._environment, **settings})
        worker.start()
        self.all.append(worker)
        return worker

    def until(
        self, done: Callable[[], bool], deadline_s: float, during: Callable[[], object] | None = None
    ) -> None:
        """Tend the workers, and do `during` in between, until `done`. AssertionError with their logs."""
        deadline = time.monotonic() + deadline_s
        while not done():
            if time.monotonic() > deadline:
                raise AssertionError(f"not done after {deadline_s:.0f} s\n{self.logs()}")
            for worker in self.all:
                worker.tend()
            if during is not None:
                during()
            time.sleep(0.1)

    def logs(self, lines: int = 30) -> str:
        """The ends of their logs."""
        tails = []
        for worker in self.all:
            text = worker.log.read_text(errors="replace").splitlines()[-lines:]
            tails.append(f"--- {worker.log.name}, exits {worker.exits}\n" + "\n".join(text))
        return "\n".join(tails)
