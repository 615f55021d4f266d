"""A dispatcher in its own process, endpoints, actions, and what the log says of them."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from confluent_kafka import Consumer, Message, Producer, TopicPartition

from deploy.local.ports import free_port
from schemas.actions import action_id
from schemas.catalog import Catalog
from schemas.codec import default_codec
from schemas.definitions_topic import Definitions, Edit
from schemas.endpoint import KIND, Limits
from schemas.keys import contact_key, home_of
from schemas.records import Topic
from sinks.webhooks.addresses import Rules
from sinks.webhooks.book import EndpointBook
from sinks.webhooks.sealing import Sealer
from sinks.webhooks.settings import SealingSettings

ACCOUNT = "shop"
DEADLINE_SECONDS = 120
_FIELDS = [one.name for one in Catalog().type("automation_action").fields]
_START = """
from sinks.webhooks.service import run_webhooks
from sinks.webhooks.settings import WebhookSettings
run_webhooks(WebhookSettings())
"""
QUICK = "0,0.3,0.3,0.3"
"""A schedule for tests: four attempts within about a second."""


def action(contact: str, endpoint: str, visit: str = "v1", **more: Any) -> dict[str, Any]:
    """A webhook action as the agent writes it."""
    now_ms, visit = time.time_ns() // 1_000_000, f"{endpoint}-{visit}"
    record = {
        "action_id": action_id(ACCOUNT, "auto", contact, visit, "1"),
        "account_id": ACCOUNT,
        "contact_id": contact,
        "source": "automation",
        "automation_id": "auto",
        "automation_version": 1,
        "visit": visit,
        "step": "1",
        "kind": "webhook",
        "arm": "treated",
        "cause_event_id": f"{ACCOUNT}|{contact}|1",
        "triggered_at": now_ms,
        "due_at": now_ms,
        "historical": False,
        "test": False,
        "endpoint_id": endpoint,
        "message_template": "Hola {{personal.name}}: {{days}}",
        "variables": [{"variable": "days", "type": "integer", "value": "30"}],
        "personal": {"name": "Ana", "email": None, "phone": None},
    }
    return {**dict.fromkeys(_FIELDS), **record, **more}


@dataclass
class Bench:
    """Everything a test of the dispatcher turns. Make one with a provisioned broker."""

    bootstrap: str
    folder: Path
    partitions: int
    environment: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None
    ops_port: int = 0

    def __post_init__(self) -> None:
        self.codec = default_codec()
        self.kafka = {"bootstrap.servers": self.bootstrap}
        self.definitions = Definitions(self.codec, self.kafka, timeout_seconds=60)
        self.definitions.start()
        sealer = Sealer.of(SealingSettings(webhooks_key_file=self.folder / "key"))
        self.book = EndpointBook(self.definitions, sealer, Rules(private=True))
        self._producer = Producer(self.kafka)

    def close(self) -> None:
        """Stop everything, also what sleeps."""
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
        self.stop()
        self.definitions.stop()

    def endpoint(self, name: str, url: str, **limits: float) -> str:
        """Define one; its secret."""
        secret = self.book.create(ACCOUNT, name, url, "", "test")
        if limits:
            definition, endpoint = self.book.find(ACCOUNT, name)
            body = endpoint.model_copy(update={"limits": Limits.model_validate(limits)}).body()
            self.definitions.edit(Edit(ACCOUNT, KIND, name, definition.version, "test", 0, body))
        return secret

    def status(self, name: str) -> str:
        """Whether an endpoint is active, and if not, why."""
        _, endpoint = self.book.find(ACCOUNT, name)
        return endpoint.disabled_reason or endpoint.status

    def send(self, actions: Iterable[dict[str, Any]], **headers: bytes) -> None:
        """Write actions to the log, each to its contact's partition."""
        for record in actions:
            self.queue(record, **headers)
        self.flush()

    def queue(self, record: dict[str, Any], **headers: bytes) -> None:
        """Have one action written soon."""
        key = contact_key(record["account_id"], record["contact_id"])
        value = self.codec.encode_one("automation_action", record)
        partition = home_of(key, self.partitions)
        self._producer.produce(Topic.AUTOMATION_ACTIONS, value, key, partition, headers=dict(headers))
        self._producer.poll(0)

    def flush(self) -> None:
        """Wait until everything queued is written."""
        assert self._producer.flush(60) == 0

    def send_raw(self, values: Iterable[bytes]) -> None:
        """Write anything to the log of actions."""
        for value in values:
            self._producer.produce(Topic.AUTOMATION_ACTIONS, value, b"shop|x", 0)
        assert self._producer.flush(60) == 0

    def send_aborted(self, actions: Iterable[dict[str, Any]]) -> None:
        """Write actions in a transaction that is then aborted."""
        producer = Producer({**self.kafka, "transactional.id": "aborts"})
        producer.init_transactions(60)
        producer.begin_transaction()
        for record in actions:
            value = self.codec.encode_one("automation_action", record)
            producer.produce(Topic.AUTOMATION_ACTIONS, value, b"shop|aborted", 0)
        producer.flush(60)
        producer.abort_transaction(60)

    def start(self, **environment: str) -> None:
        """Start the dispatcher."""
        self.ops_port = free_port()
        own = {
            "LATIDO_BOOTSTRAP_SERVERS": self.bootstrap,
            "LATIDO_WEBHOOKS_KEY_FILE": str(self.folder / "key"),
            "LATIDO_WEBHOOKS_ALLOW_PRIVATE": "true",
            "LATIDO_WEBHOOKS_SCHEDULE_SECONDS": QUICK,
            "LATIDO_SESSION_TIMEOUT_MS": "6000",
            "LATIDO_OPS_PORT": str(self.ops_port),
        }
        with (self.folder / "webhooks.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _START],
                env=os.environ | own | self.environment | environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait; the exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Wait for its end; the exit code."""
        assert self.process is not None
        code = self.process.wait(DEADLINE_SECONDS)
        self.process = None
        return code

    def log(self) -> str:
        """What it printed."""
        return (self.folder / "webhooks.log").read_text()[-4_000:]

    def get(self, path: str) -> "httpx2.Response | None":
        """An ops page of the running dispatcher; None while it does not answer."""
        try:
            return httpx2.get(f"http://127.0.0.1:{self.ops_port}{path}", timeout=10)
        except httpx2.TransportError:
            return None

    def is_ready(self) -> bool:
        """Whether it owns partitions."""
        page = self.get("/readyz")
        return page is not None and page.status_code == 200

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for something to become true."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"still not: {what}\n{self.log()}"
            time.sleep(0.05)

    def records(self, topic: str, schema: str) -> list[dict[str, Any]]:
        """Every committed record of a topic."""
        return [
            self.codec.decode_one(schema, m.value() or b"")
            for m in committed(self.kafka, topic, self.partitions)
        ]

    def headers(self, topic: str) -> list[dict[str, Any]]:
        """The headers of every committed record of a topic."""
        return [dict(message.headers() or ()) for message in committed(self.kafka, topic, self.partitions)]

    def states(self) -> dict[str, str]:
        """The last state of every action, by id."""
        return {r["action_id"]: r["state"] for r in self.records(Topic.WEBHOOK_ATTEMPTS, "webhook_attempt")}

    def deliveries(self) -> list[dict[str, Any]]:
        """The delivery log."""
        return self.records(Topic.WEBHOOK_DELIVERIES, "webhook_delivery")

    def letters(self) -> list[dict[str, Any]]:
        """Dead letters."""
        return self.records(Topic.DEAD_LETTERS, "dead_letter")

    def settled(self, count: int) -> bool:
        """Whether so many actions are known and none is pending."""
        states = self.states()
        return len(states) == count and "pending" not in states.values()

    def ends(self) -> dict[str, Counter[str]]:
        """How often each action ended, by state."""
        found: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for one in self.deliveries():
            if one["state"] != "pending":
                found[one["action_id"]][one["state"]] += 1
        return dict(found)


def committed(kafka: dict[str, Any], topic: str, partitions: int) -> Iterator[Message]:
    """Committed records of a topic, in log order within a partition, to its present end."""
    consumer = Consumer(
        {**kafka, "group.id": "look", "enable.auto.commit": False, "isolation.level": "read_committed",
         "enable.partition.eof": True}
    )  # fmt: skip
    try:
        open_ = set(range(partitions))
        consumer.assign([TopicPartition(topic, number, 0) for number in open_])
        quiet = time.monotonic() + 5
        while open_ and time.monotonic() < quiet:
            for message in consumer.consume(1_000, 0.2):
                if message.error() is not None:
                    open_.discard(message.partition() or 0)
                else:
                    quiet = time.monotonic() + 5
                    yield message
    finally:
        consumer.close()
