"""The agent's fold on a real broker without its engine: chunks and midnights when the test says so."""

import json
import random
from collections.abc import Iterable, Mapping
from typing import Any

from confluent_kafka import Producer

from schemas.codec import default_codec
from schemas.keys import contact_key, home_of
from schemas.metrics import Metrics
from schemas.records import Topic
from streams.agents.activity import INPUTS, Activity
from streams.agents.limit import BadShare
from streams.definitions.accounts import Accounts
from streams.engine.contract import Chunk, Output
from streams.engine.watermark import Watermark, encode_watermark, watermark_key
from streams.rfm.calendar import DAY_MS
from streams.verify.log import Log

_ANY = -1
NOON_MS = 20_000 * DAY_MS + DAY_MS // 2
"""The instant at which every test begins, in UTC."""


class Pipeline:
    """Accounts, orders and the work of all partitions."""

    def __init__(self, bootstrap: str) -> None:
        self.kafka = {"bootstrap.servers": bootstrap}
        self.codec = default_codec()
        self._log = Log(self.kafka)
        self._definitions = Accounts(self.codec, self.kafka)
        self._plain = Producer({**self.kafka, "partitioner": "murmur2_random", "linger.ms": 5})
        self._definitions.start()
        metrics, partitions = Metrics(), self._log.partitions(Topic.ORDERS)
        self._tasks = [
            _Task(
                self.kafka,
                partition,
                Activity(self.codec, self._definitions, BadShare(1.0, 10), metrics, partition, partitions),
            )
            for partition in range(partitions)
        ]

    def account(self, account_id: str, zone: str = "America/Sao_Paulo", currency: str = "BRL") -> None:
        """Define an account."""
        self.define("account", account_id, {"time_zone": zone, "currency": currency}, account_id=account_id)

    def define(
        self, kind: str, id_: str, body: Mapping[str, Any], base: int = 0, account_id: str = "acme"
    ) -> None:
        """Publish an edit of a definition, and wait until everybody here has read it."""
        record = {
            "account_id": account_id, "kind": kind, "id": id_, "version": base + 1, "base_version": base,
            "author": "test", "at": NOON_MS, "deleted": False, "body": json.dumps(body),
        }  # fmt: skip
        self.publish(Topic.DEFINITIONS, account_id.encode(), self.codec.encode_one("definition", record))
        self.flush()
        self._definitions.catch_up()

    def order(self, contact_id: str, order_id: str, partition: int | None = None, **fields: Any) -> None:
        """Publish one order of account `acme`, placed at noon unless `fields` say otherwise."""
        order = {
            "event_id": f"{contact_id}-{order_id}-{random.getrandbits(64):x}", "account_id": "acme",
            "contact_id": contact_id, "order_id": order_id, "version": 1, "status": "placed",
            "placed_at": NOON_MS, "updated_at": NOON_MS, "total_minor": 12_300, "refunded_minor": 0,
            "currency": "BRL", **fields,
        }  # fmt: skip
        key = contact_key(order["account_id"], contact_id)
        self.publish(Topic.ORDERS, key, self.codec.encode_one("order", order), partition)

    def interaction(self, contact_id: str, interaction_id: str, **fields: Any) -> None:
        """Publish one interaction of account `acme` at noon, five stars unless `fields` say otherwise."""
        interaction = {
            "event_id": f"{contact_id}-{interaction_id}-{random.getrandbits(64):x}", "account_id": "acme",
            "contact_id": contact_id, "interaction_id": interaction_id, "version": 1,
            "occurred_at": NOON_MS, "updated_at": NOON_MS, "stars": 5, **fields,
        }  # fmt: skip
        value = self.codec.encode_one("interaction", interaction)
        self.publish(Topic.INTERACTIONS, contact_key("acme", contact_id), value)

    def contact(self, contact_id: str, **fields: Any) -> None:
        """Publish one contact event of account `acme`."""
        contact = {
            "event_id": f"{contact_id}-{random.getrandbits(64):x}", "account_id": "acme",
            "contact_id": contact_id, "version": 1, "updated_at": NOON_MS, "origin": "shop", **fields,
        }  # fmt: skip
        value = self.codec.encode_one("contact", contact)
        self.publish(Topic.CONTACTS, contact_key("acme", contact_id), value)

    def remove(self, contact_id: str) -> None:
        """Publish a null value for a contact of account `acme`."""
        self.publish(Topic.CONTACTS, contact_key("acme", contact_id), None)

    def misroute(self, contact_id: str, order_id: str) -> None:
        """Publish one order on a partition that murmur2 would not choose."""
        home = home_of(contact_key("acme", contact_id), len(self._tasks))
        self.order(contact_id, order_id, partition=(home + 1) % len(self._tasks))

    def publish(
        self, topic: str, key: bytes | None, value: bytes | None, partition: int | None = None
    ) -> None:
        """Publish raw bytes."""
        self._plain.produce(topic, value=value, key=key, partition=_ANY if partition is None else partition)

    def flush(self) -> None:
        """Wait until everything published is in the log."""
        assert not self._plain.flush(30)

    def work(self, now_ms: int = NOON_MS, lose: Iterable[int] = (), mute: str = "") -> None:
        """Apply what is unread, then what is due. `lose`: offsets to overlook; `mute`: a topic left out."""
        self.flush()
        for topic in INPUTS:
            for task in self._tasks:
                self._read(topic, task, now_ms, set(lose), mute)
        for task in self._tasks:
            self.pass_to(now_ms, task)

    def _read(self, topic: str, task: "_Task", now_ms: int, lose: set[int], mute: str) -> None:
        _, end = self._log.bounds(topic, task.partition)
        start = task.positions[topic]
        for records in list(self._log.read(topic, task.partition, start, end)):
            kept = [record for record in records if record.offset not in lose]
            stop = records[-1].offset + 1
            chunk = Chunk(topic, task.partition, task.positions[topic], stop, kept)
            task.positions[topic] = stop
            task.commit([o for o in task.fold.apply(chunk, now_ms) if o.topic != mute])

    def pass_to(self, now_ms: int, task: "_Task", slices: int = 1_000, most: int = 25) -> None:
        """Apply midnights up to an instant, `most` contacts at a time."""
        while (due_ms := task.fold.due_ms()) is not None and due_ms <= now_ms and slices:
            task.commit(task.fold.step(now_ms, dict(task.positions), most))
            slices -= 1

    def begin_midnight(self, now_ms: int) -> None:
        """Apply a midnight to a few contacts only."""
        for task in self._tasks:
            self.pass_to(now_ms, task, slices=1, most=3)

    def read(self, topic: Topic, partition: int) -> list[tuple[bytes | None, bytes | None]]:
        """Keys and values of a partition."""
        low, high = self._log.bounds(topic, partition)
        slices = self._log.read(topic, partition, low, high)
        return [(record.key, record.value) for slice_ in slices for record in slice_]

    def close(self) -> None:
        """Leave the broker."""
        self._log.close()
        self._definitions.stop()


class _Task:
    def __init__(self, kafka: dict[str, str], partition: int, fold: Activity) -> None:
        self.partition = partition
        self.fold = fold
        self.positions = dict.fromkeys(INPUTS, 0)
        self._producer = Producer({**kafka, "transactional.id": f"pipeline-{partition}"})
        self._producer.init_transactions(30)
        fold.restored(None, b"", {})

    def commit(self, outputs: list[Output]) -> None:
        """One transaction: outputs and watermark."""
        watermark = Watermark(dict(self.positions), memo=self.fold.memo())
        value = encode_watermark("activity", self.partition, watermark)
        self._producer.begin_transaction()
        for output in [
            *outputs,
            Output(Topic.WATERMARKS, [watermark_key("activity", self.partition)], [value]),
        ]:
            for i, (key, data) in enumerate(zip(output.keys, output.values, strict=True)):
                headers: Any = list(output.headers[i]) if output.headers else []
                self._producer.produce(
                    output.topic,
                    value=data,
                    key=key,
                    partition=self.partition if output.partition is None else output.partition,
                    headers=headers,
                )
        self._producer.commit_transaction(30)
