"""One Kafka broker (KRaft, one node) from the jars that `make jars` fetches."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.local import guard
from deploy.local.java import find_java
from deploy.local.ports import LOOPBACK, free_port, is_open

_CLUSTER_ID = "bGF0aWRvLWxvY2FsLWticm"
_TREE = Path(__file__).parents[2]


@dataclass(slots=True, frozen=True)
class BrokerOptions:
    """How to run it.

    `properties` go over Kafka's and ours, in Kafka's own names. `jvm` is for a quick start, not for speed.
    """

    heap_mb: int = 512
    port: int | None = None
    jvm: tuple[str, ...] = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
    properties: Mapping[str, str] = field(default_factory=dict)


AS_KAFKA_STARTS_IT = BrokerOptions(
    heap_mb=1024,
    jvm=("-Xms1024m", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:InitiatingHeapOccupancyPercent=35"),
)
"""For what measures: a small heap is collected all the time, on the cores that are measured."""


def jars_dir() -> Path:
    """Where Kafka's jars are: LATIDO_KAFKA_JARS, else `.cache/kafka`; FileNotFoundError says what to run."""
    place = Path(os.environ.get("LATIDO_KAFKA_JARS") or _TREE / ".cache" / "kafka")
    if not any(place.glob("kafka_*.jar")):
        raise FileNotFoundError(f"no Kafka jars in {place}: run `make jars`")
    return place


class Broker:
    """A broker with its data directory and ports, which stay the same over restarts."""

    def __init__(self, data_dir: Path, options: BrokerOptions | None = None) -> None:
        self.options = options or BrokerOptions()
        self.data_dir = data_dir
        self.port = self.options.port or free_port()
        self._controller_port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """What clients get as bootstrap servers."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def log_path(self) -> Path:
        """What the broker prints."""
        return self.data_dir / "broker.log"

    @property
    def pid(self) -> int:
        """Process id, and process group, of the running broker; RuntimeError while none runs."""
        if self._process is None:
            raise RuntimeError("the broker does not run")
        return self._process.pid

    def start(self, deadline_seconds: float = 90) -> None:
        """Format the data directory if it is new, start, and return once clients are served.

        RuntimeError with the end of its log if it ends, or is not ready in time.
        """
        self.data_dir.mkdir(parents=True, exist_ok=True)
        config = self.data_dir / "server.properties"
        config.write_text("".join(f"{name}={value}\n" for name, value in self._properties().items()))
        if not (self.data_dir / "log" / "meta.properties").exists():
            self._format(config)
        self._process = self._run("kafka.Kafka", str(config))
        self._await(self._serves, deadline_seconds)

    def stop(self, deadline_seconds: float = 30) -> None:
        """Stop cleanly; kill if it takes longer than the deadline."""
        self._end(signal.SIGTERM, deadline_seconds)

    def kill(self) -> None:
        """SIGKILL, as a crash."""
        self._end(signal.SIGKILL, 30)

    def _end(self, signum: int, deadline_seconds: float) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        guard.signal_group(process.pid, signum)
        try:
            process.wait(deadline_seconds)
        except subprocess.TimeoutExpired:
            guard.signal_group(process.pid, signal.SIGKILL)
            process.wait()
        guard.forget(process.pid)

    def _format(self, config: Path) -> None:
        tool = self._run("kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID, "-c", str(config))
        status = tool.wait()
        guard.forget(tool.pid)
        if status != 0:
            raise self._failed("could not format its data directory")

    def _run(self, main: str, *arguments: str) -> subprocess.Popen[bytes]:
        logging = f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.properties')}"
        command = [find_java(17), f"-Xmx{self.options.heap_mb}m", "-Xms64m", *self.options.jvm, logging]
        command += ["-cp", f"{jars_dir()}/*", main, *arguments]
        with self.log_path.open("ab") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        guard.watch(process.pid)
        return process

    def _await(self, ready: Callable[[], bool], deadline_seconds: float) -> None:
        deadline = time.monotonic() + deadline_seconds
        while not ready():
            ended = self._process is None or self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                self.kill()
                raise self._failed("ended" if ended else f"was not ready after {deadline_seconds:.0f} s")
            time.sleep(0.1)

    def _failed(self, what: str) -> RuntimeError:
        tail = "\n".join(self.log_path.read_text(errors="replace").splitlines()[-15:])
        return RuntimeError(f"the broker {what}; the end of {self.log_path}:\n{tail}")

    def _serves(self) -> bool:
        if not is_open(self.port):
            return False
        try:
            return bool(AdminClient({"bootstrap.servers": self.bootstrap}).list_topics(timeout=2).brokers)
        except KafkaException:
            return False

    def _properties(self) -> dict[str, str]:
        """Kafka's configuration: one node, quick groups, nothing created by accident."""
        client, controller = f"PLAINTEXT://{self.bootstrap}", f"{LOOPBACK}:{self._controller_port}"
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@{controller}",
            "listeners": f"{client},CONTROLLER://{controller}",
            "advertised.listeners": client,
            "controller.listener.names": "CONTROLLER",
            "log.dirs": str(self.data_dir / "log"),
            # A killed broker may return only once its old session is over; the default is 9 s.
            "broker.session.timeout.ms": "3000",
            "broker.heartbeat.interval.ms": "500",
            "auto.create.topics.enable": "false",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "4",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            "group.min.session.timeout.ms": "1000",
            **self.options.properties,
        }
