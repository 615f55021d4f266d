"""Keeps named processes running: workers that fail exit on purpose and come back here.

Every process leads its own group, writes to its own log file, and is started again after 0.2 s, 0.4 s and so
on up to 10 s; once it has run for a while the wait begins anew. Nothing outlives the supervisor (`guard`).
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import guard

_POLL_SECONDS = 0.05


@dataclass(slots=True, frozen=True)
class Backoff:
    """How long to wait before the next start, in seconds."""

    first: float = 0.2
    longest: float = 10.0
    healthy: float = 30.0
    """A process that ran so long starts over with `first`."""

    def wait(self, failures: int) -> float:
        """Before the start after so many failures in a row, 1 or more."""
        return min(self.longest, self.first * 2.0 ** min(failures - 1, 30))


@dataclass(slots=True, frozen=True)
class ProcessSpec:
    """What to run; `env` goes over this program's own environment."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Child:
    spec: ProcessSpec
    process: subprocess.Popen[bytes]
    started: float
    failures: int = 0
    restarts: int = 0
    due: float | None = None
    """When to start again; None while it runs."""


class Supervisor:
    """Runs until `stop`, from a thread of its own. `say` gets one line at every restart."""

    def __init__(
        self, log_dir: Path, say: Callable[[str], None] = print, backoff: Backoff | None = None
    ) -> None:
        self._log_dir = log_dir
        self._say = say
        self._backoff = backoff or Backoff()
        self._children: dict[str, _Child] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._thread.start()

    def start(self, spec: ProcessSpec) -> None:
        """Start a process and keep it running; ValueError if the name is taken."""
        with self._lock:
            if spec.name in self._children:
                raise ValueError(f"{spec.name} runs already")
            self._children[spec.name] = _Child(spec, self._spawn(spec), time.monotonic())

    def names(self) -> list[str]:
        """Of all processes, in the order of their start."""
        with self._lock:
            return list(self._children)

    def pid(self, name: str) -> int:
        """Process id, and group, of the process's last start; it may have ended since."""
        with self._lock:
            return self._children[name].process.pid

    def restarts(self, name: str) -> int:
        """How many times it was started again."""
        with self._lock:
            return self._children[name].restarts

    def signal(self, name: str, signum: int) -> None:
        """Signal the whole group of a process; what ends it so is started again."""
        guard.signal_group(self.pid(name), signum)

    def log_path(self, name: str) -> Path:
        """What the process prints, over all its starts."""
        return self._log_dir / f"{name}.log"

    def stop(self, deadline_seconds: float = 20) -> None:
        """SIGTERM to every process, SIGKILL to what is left after the deadline; nothing is started again."""
        self._stopping.set()
        self._thread.join()
        running = [child for child in self._children.values() if child.due is None]
        for child in running:
            guard.signal_group(child.process.pid, signal.SIGTERM)
        deadline = time.monotonic() + deadline_seconds
        for child in running:
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._say(f"{child.spec.name} did not stop in time and was killed")
            self._bury(child.process)

    def _watch(self) -> None:
        while not self._stopping.wait(_POLL_SECONDS):
            with self._lock:
                for child in self._children.values():
                    self._tend(child, time.monotonic())

    def _tend(self, child: _Child, now: float) -> None:
        if child.due is not None:
            if now >= child.due:
                child.process, child.started, child.due = self._spawn(child.spec), now, None
                child.restarts += 1
            return
        status = child.process.poll()
        if status is None:
            return
        self._bury(child.process)
        healthy = now - child.started >= self._backoff.healthy
        child.failures = 1 if healthy else child.failures + 1
        wait = self._backoff.wait(child.failures)
        child.due = now + wait
        self._say(f"{child.spec.name} {describe_exit(status)}; starting it again in {wait:g} s")

    def _spawn(self, spec: ProcessSpec) -> subprocess.Popen[bytes]:
        self._log_dir.mkdir(parents=True, exist_ok=True)
        with self.log_path(spec.name).open("ab") as log:
            process = subprocess.Popen(
                list(spec.command),
                env={**os.environ, **spec.env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        guard.watch(process.pid)
        return process

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        """Also what the process itself had started."""
        guard.signal_group(process.pid, signal.SIGKILL)
        process.wait()
        guard.forget(process.pid)


def describe_exit(status: int) -> str:
    """An exit status as `subprocess` gives it, in words."""
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"exited with status {status}"
