"""The whole of Latido on this machine: broker, topics, supervised workers, sink and the other agents.

`python -m deploy.local.stack` runs it until Ctrl-C and keeps its data; the demo and the tests use `Stack`.
"""

import argparse
import os
import signal
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from deploy.local.broker import Broker, BrokerOptions
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.registry import Registry
from deploy.local.supervisor import ProcessSpec, Supervisor
from schemas import provision

SINK = "sink"
AUTOMATIONS = "automations"
SENTIMENT = "sentiment"
WEBHOOKS = "webhooks"


@dataclass(slots=True, frozen=True)
class StackOptions:
    """What to run. Everything it keeps is under `data_dir`; `env` goes to workers and sink, LATIDO_ names."""

    data_dir: Path
    workers: int = 1
    sink: bool = True
    automations: bool = False
    sentiment: bool = False
    webhooks: bool = False
    registry: bool = False
    partitions: int = 4
    api_port: int | None = None
    broker: BrokerOptions = field(default_factory=BrokerOptions)
    env: Mapping[str, str] = field(default_factory=dict)


def latido_command(*arguments: str) -> list[str]:
    """The installed `latido` of this environment with arguments; FileNotFoundError if it is not installed."""
    program = Path(sys.executable).with_name("latido")
    if not program.exists():
        raise FileNotFoundError("latido is not installed in this environment: run `make venv`")
    return [str(program), *arguments]


class Stack:
    """Start it with `start`, or as a context; workers are `worker-1`, `worker-2`, ..., the sink is `sink`."""

    def __init__(self, options: StackOptions, say: Callable[[str], None] = print) -> None:
        self.options = options
        self.broker = Broker(options.data_dir / "kafka", options.broker)
        self.registry = Registry(options.data_dir / "logs" / "registry.log") if options.registry else None
        self.supervisor = Supervisor(options.data_dir / "logs", say)
        self._api_port = options.api_port or free_port()
        self._ops_ports: dict[str, int] = {}

    @property
    def api_address(self) -> str:
        """Base address of the sink's API."""
        return f"http://{LOOPBACK}:{self._api_port}"

    @property
    def env(self) -> dict[str, str]:
        """What `latido` needs in its environment to work with this stack."""
        env = {
            "LATIDO_BOOTSTRAP_SERVERS": self.broker.bootstrap,
            "LATIDO_PARTITIONS": str(self.options.partitions),
            "LATIDO_API_HOST": LOOPBACK,
            "LATIDO_API_PORT": str(self._api_port),
            "LATIDO_CLICKHOUSE_PATH": str((self.options.data_dir / "clickhouse").absolute()),
            "LATIDO_WEBHOOKS_KEY_FILE": str((self.options.data_dir / "webhooks.key").absolute()),
        }
        if self.registry:
            env["LATIDO_REGISTRY_URL"] = self.registry.address
        return {**env, **self.options.env}

    def start(self) -> None:
        """Broker, then topics, then processes; returns without waiting for these (`await_ready`).

        RuntimeError if the broker does not start, or if its topics differ from the declared ones.
        """
        try:
            self.broker.start()
            if self.registry:
                self.registry.start()
            self._provision()
            for number in range(1, self.options.workers + 1):
                self.start_worker(f"worker-{number}")
            if self.options.sink:
                self.supervisor.start(ProcessSpec(SINK, latido_command("sink"), self.env))
            if self.options.automations:
                self.start_automations()
            if self.options.sentiment:
                self.start_sentiment()
            if self.options.webhooks:
                self.start_webhooks()
        except BaseException:
            self.stop()
            raise

    def start_worker(self, name: str) -> None:
        """One more worker under supervision; its name makes it a static member of the group."""
        self.start_process(name, latido_command("worker"), {"LATIDO_GROUP_INSTANCE_ID": name})

    def start_automations(self, name: str = AUTOMATIONS) -> None:
        """A worker with the agent `automations` under supervision."""
        env = {"LATIDO_GROUP_INSTANCE_ID": name}
        self.start_process(name, latido_command("worker", "--agent", "automations"), env)

    def start_sentiment(self, name: str = SENTIMENT) -> None:
        """A worker with the agent `sentiment` under supervision."""
        env = {"LATIDO_GROUP_INSTANCE_ID": name}
        self.start_process(name, latido_command("worker", "--agent", "sentiment"), env)

    def start_webhooks(self, name: str = WEBHOOKS) -> None:
        """A webhook dispatcher under supervision. Private addresses are refused unless `env` allows them."""
        self.start_process(name, latido_command("webhooks"), {})

    def start_process(
        self, name: str, command: Sequence[str], env: Mapping[str, str], port: int | None = None
    ) -> None:
        """Anything that is told by LATIDO_OPS_PORT where to say whether it is ready."""
        self._ops_ports[name] = port or free_port()
        ports = {"LATIDO_OPS_PORT": str(self._ops_ports[name])}
        self.supervisor.start(ProcessSpec(name, command, {**self.env, **env, **ports}))

    def ops_address(self, name: str) -> str:
        """Where a worker, or the sink, serves /metrics, /healthz and /readyz."""
        return self.api_address if name == SINK else f"http://{LOOPBACK}:{self._ops_ports[name]}"

    def await_ready(self, deadline_seconds: float = 120) -> None:
        """Return once every process says it is ready; RuntimeError with the log of one that does not."""
        deadline = time.monotonic() + deadline_seconds
        for name in self.supervisor.names():
            while not _answers(f"{self.ops_address(name)}/readyz"):
                if time.monotonic() > deadline:
                    log = self.supervisor.log_path(name)
                    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
                    raise RuntimeError(
                        f"{name} was not ready after {deadline_seconds:.0f} s; the end of {log}:\n{tail}"
                    )
                time.sleep(0.1)

    def stop(self) -> None:
        """Processes first, so that they can drain, then registry and broker."""
        self.supervisor.stop()
        if self.registry:
            self.registry.stop()
        self.broker.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _provision(self) -> None:
        provision.apply(self.broker.bootstrap, self.options.partitions)
        drift = provision.check(self.broker.bootstrap, self.options.partitions)
        if drift:
            raise RuntimeError(f"{self.options.data_dir} holds other topics: " + "; ".join(drift))


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310 - http on loopback
            return bool(answer.status == 200)
    except OSError:
        return False


def _interrupt(_signum: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _options(arguments: Sequence[str] | None) -> StackOptions:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.stack", description="Run Latido locally.")
    parser.add_argument("--data-dir", type=Path, default=Path(".latido"), help="kept; default .latido")
    parser.add_argument("--workers", type=int, default=1, help="worker processes; default 1")
    parser.add_argument("--partitions", type=int, default=4, help="of new topics; default 4")
    parser.add_argument("--port", type=int, default=9092, help="of the broker; default 9092")
    parser.add_argument("--api-port", type=int, default=8321, help="of the API; default 8321")
    parser.add_argument(
        "--no-automations",
        action="store_true",
        help="without the automations agent and the webhook dispatcher",
    )
    parser.add_argument(
        "--no-sentiment", action="store_true", help="without the agent that scores what people write"
    )
    parser.add_argument("--registry", action="store_true", help="with a schema registry (`make registry`)")
    given = parser.parse_args(arguments)
    return StackOptions(
        data_dir=given.data_dir,
        workers=given.workers,
        automations=not given.no_automations,
        sentiment=not given.no_sentiment,
        webhooks=not given.no_automations,
        registry=given.registry,
        partitions=given.partitions,
        api_port=given.api_port,
        broker=BrokerOptions(port=given.port),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until Ctrl-C or SIGTERM; 1 with one line on what went wrong."""
    options = _options(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with Stack(options) as stack:
            print(f"Starting; logs are in {options.data_dir / 'logs'}", flush=True)
            stack.await_ready()
            print(
                "Ready. In another terminal:", *(f"  export {k}={v}" for k, v in stack.env.items()), sep="\n"
            )
            print("Ctrl-C stops everything; the data stays.", flush=True)
            while True:
                signal.pause()
    except KeyboardInterrupt:
        print("Stopped.")
        return 0
    except (RuntimeError, OSError) as error:
        print(f"latido: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    raise SystemExit(main())
