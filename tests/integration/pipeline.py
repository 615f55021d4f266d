"""The agent's fold on a real broker without its engine: chunks and midnights when the test says so."""

import json
import random
from collections.abc import Iterable
from typing import Any

from confluent_kafka import Producer

from schemas.codec import default_codec
from schemas.keys import contact_key
from schemas.metrics import Metrics
from schemas.records import Topic
from streams.agents.activity import Activity
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
                Activity(
                    self.codec, self._definitions, BadShare(1.0, 10), metrics, partition, partitions
                ),
            )
            for partition in range(partitions)
        ]

    def account(self, account_id: str, zone: str = "America/Sao_Paulo", currency: str = "BRL") -> None:
        """Define an account."""
        record = {
            "account_id": account_id, "kind": "account", "id": account_id, "version": 1, "base_version": 0,
            "author": "test", "at": NOON_MS, "deleted": False,
            "body": json.dumps({"time_zone": zone, "currency": currency}),
        }  # fmt: skip
        self.publish(Topic.DEFINITIONS, account_id.encode(), self.codec.encode_one("definition", record))
        self.flush()

    def order(self, contact_id: str, order_id: str, **fields: Any) -> None:
        """Publish one order of account `acme`, placed at noon unless `fields` say otherwise."""
        order = {
            "event_id": f"{contact_id}-{order_id}-{random.getrandbits(64):x}", "account_id": "acme",
            "contact_id": contact_id, "order_id": order_id, "version": 1, "status": "placed",
            "placed_at": NOON_MS, "updated_at": NOON_MS, "total_minor": 12_300, "refunded_minor": 0,
            "currency": "BRL", **fields,
        }  # fmt: skip
        key = contact_key(order["account_id"], contact_id)
        self.publish(Topic.ORDERS, key, self.codec.encode_one("order", order))

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
        for task in self._tasks:
            _, end = self._log.bounds(Topic.ORDERS, task.partition)
            for records in list(self._log.read(Topic.ORDERS, task.partition, task.position, end)):
                kept = [record for record in records if record.offset not in lose]
                stop = records[-1].offset + 1
                chunk = Chunk(Topic.ORDERS, task.partition, task.position, stop, kept)
                task.commit(stop, [o for o in task.fold.apply(chunk, now_ms) if o.topic != mute])
            self.pass_to(now_ms, task)

    def pass_to(self, now_ms: int, task: "_Task", slices: int = 1_000, most: int = 25) -> None:
        """Apply midnights up to an instant, `most` contacts at a time."""
        while (due_ms := task.fold.due_ms()) is not None and due_ms <= now_ms and slices:
            positions = {Topic.ORDERS.value: task.position}
            task.commit(task.position, task.fold.step(now_ms, positions, most))
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
        self.position = 0
        self._producer = Producer({**kafka, "transactional.id": f"pipeline-{partition}"})
        self._producer.init_transactions(30)
        fold.restored(b"", {})

    def commit(self, position: int, outputs: list[Output]) -> None:
        """One transaction: outputs and watermark."""
        self.position = position
        watermark = Watermark({Topic.ORDERS.value: position}, memo=self.fold.memo())
        value = encode_watermark("activity", self.partition, watermark)
        self._producer.begin_transaction()
        for output in [
            *outputs,
            Output(Topic.WATERMARKS, [watermark_key("activity", self.partition)], [value]),
        ]:
            for i, (key, data) in enumerate(zip(output.keys, output.values, strict=True)):
                headers: Any = list(output.headers[i]) if output.headers else []
                self._producer.produce(
                    output.topic, value=data, key=key, partition=self.partition, headers=headers
                )
        self._producer.commit_transaction(30)
