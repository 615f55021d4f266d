"""A broker with Latido's topics, the benchmark's account and a driven clock; workers on request."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient
from prometheus_client.parser import text_string_to_metric_families

from deploy.local import guard
from deploy.local.bench.workload import ACCOUNT, CURRENCY, TODAY, TOPIC, ZONE
from deploy.local.broker import AS_KAFKA_STARTS_IT
from deploy.local.demo import latido
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.stack import Stack, StackOptions, latido_command
from schemas import provision
from schemas.metrics import Stage
from schemas.provision import load_topics
from schemas.records import Topic

_GIVEN = (Topic.ORDERS, Topic.INTERACTIONS, Topic.CONTACTS, Topic.DEFINITIONS)
"""What workers read and others write."""


class Worker:
    """One `latido worker`, from its start to `stop`."""

    def __init__(self, stack: Stack, name: str, log: Path, **settings: str) -> None:
        self.started_s = time.time()
        self._log = log
        port = free_port()
        self._ops = f"http://{LOOPBACK}:{port}"
        own = {"LATIDO_GROUP_INSTANCE_ID": name, "LATIDO_OPS_PORT": str(port)}
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                latido_command("worker"),
                env={**os.environ, **stack.env, **own, **settings},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        guard.watch(self.pid)

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def require_running(self) -> None:
        """RuntimeError with the end of its log if it has ended."""
        if self._process.poll() is not None:
            tail = "\n".join(self._log.read_text(errors="replace").splitlines()[-15:])
            raise RuntimeError(f"the worker ended with {self._process.returncode}:\n{tail}")

    def metric(self, name: str, label: str = "") -> float:
        """The sum of a metric over its labels, or over one value of any of them."""
        return sum(
            float(sample.value)
            for family in self._metrics()
            for sample in family.samples
            if sample.name == name and (not label or label in sample.labels.values())
        )

    def stages(self) -> dict[str, float]:
        """Seconds in each stage so far, over all chunks."""
        return {stage.value: self.metric("latido_stage_seconds_sum", stage.value) for stage in Stage}

    def is_serving(self) -> bool:
        """Whether it answers at all."""
        return self._answers("healthz") is not None

    def is_ready(self) -> bool:
        """Whether every partition is assigned and restored."""
        return self._answers("readyz") == HTTPStatus.OK

    def stop(self, signum: int = signal.SIGTERM) -> None:
        """End it and wait; SIGKILL if it does not drain within ten seconds."""
        guard.signal_group(self.pid, signum)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            guard.signal_group(self.pid, signal.SIGKILL)
            self._process.wait()
        guard.forget(self.pid)

    def _answers(self, path: str) -> int | None:
        try:
            with urllib.request.urlopen(f"{self._ops}/{path}", timeout=5) as answer:  # noqa: S310 - loopback
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    def _metrics(self) -> list[Any]:
        with urllib.request.urlopen(f"{self._ops}/metrics", timeout=10) as answer:  # noqa: S310 - loopback
            return list(text_string_to_metric_families(answer.read().decode()))


class Lab:
    """One broker for a scenario; a context. Everything is in a temporary directory that goes with it.

    Unless it is to be kept: after a scenario that ended well it then lies in `keep`, which must not exist.
    `filled` is such a directory: the lab starts from a copy of it.
    """

    def __init__(
        self,
        partitions: int,
        say: Callable[[str], None],
        filled: Path | None = None,
        keep: Path | None = None,
    ) -> None:
        self.partitions = partitions
        self.say = say
        self._filled, self._keep = filled, keep
        self.directory = Path(tempfile.mkdtemp(prefix="latido-bench-"))
        self.clock_file = self.directory / "clock"
        self.set_day(0)
        env = {"LATIDO_CLOCK_FILE": str(self.clock_file), "LATIDO_LOG_LEVEL": "WARNING"}
        options = StackOptions(
            self.directory,
            workers=0,
            sink=False,
            partitions=partitions,
            broker=AS_KAFKA_STARTS_IT,
            env=env,
        )
        self.stack = Stack(options, say)
        self._running: list[Worker] = []

    @property
    def bootstrap(self) -> str:
        """Of the broker."""
        return self.stack.broker.bootstrap

    def set_day(self, days: int) -> None:
        """It is now noon of `days` after TODAY."""
        moment = datetime.combine(TODAY, datetime.min.time(), UTC) + timedelta(days=days, hours=12)
        fresh = self.clock_file.with_suffix(".new")
        fresh.write_text(moment.isoformat())
        fresh.replace(self.clock_file)

    def start_worker(self, number: int = 1) -> Worker:
        """The production worker, as `latido worker`; nobody restarts it, for that would falsify figures.

        A number always has the same name, as from a supervisor: a new name waits until the old one's session
        ends.
        """
        name = f"worker-{number}"
        worker = Worker(self.stack, name, self.directory / f"{name}.log")
        self._running.append(worker)
        return worker

    def start_agent(self, agent: str) -> Worker:
        """A worker that runs another agent, beside."""
        worker = Worker(self.stack, agent, self.directory / f"{agent}.log", LATIDO_AGENT=agent)
        self._running.append(worker)
        return worker

    def forget(self) -> None:
        """Drop all that workers wrote, so that the next ones begin anew on the same broker. None may run."""
        written = [name for name in load_topics() if name not in _GIVEN]
        admin = AdminClient({"bootstrap.servers": self.bootstrap})
        for dropped in admin.delete_topics(written).values():
            dropped.result(30)
        provision.apply(self.bootstrap, self.partitions)

    def await_ready(self, worker: Worker, deadline_s: float) -> None:
        """Return once it is assigned and restored. RuntimeError."""
        deadline = time.monotonic() + deadline_s
        while not worker.is_ready():
            worker.require_running()
            if time.monotonic() > deadline:
                raise RuntimeError(f"the worker was not ready after {deadline_s:.0f} s")
            time.sleep(0.05)

    def ends(self) -> dict[int, int]:
        """Where orders.v1 ends, by partition."""
        with closing(Consumer({"bootstrap.servers": self.bootstrap, "group.id": "bench-ends"})) as consumer:
            return {
                number: consumer.get_watermark_offsets(TopicPartition(TOPIC, number), timeout=10)[1]
                for number in range(self.partitions)
            }

    def __enter__(self) -> Self:
        try:
            if self._filled is not None:
                shutil.copytree(self._filled, self.directory, dirs_exist_ok=True)
            self.stack.start()
            if self._filled is None:
                latido(self.stack, "account", "create", ACCOUNT, "--time-zone", ZONE, "--currency", CURRENCY)
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._running:
            worker.stop()
        self.stack.stop()
        if self._keep is not None and error is None:
            self._keep.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(self.directory, self._keep)
        self._remove()

    def _remove(self) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)
