"""Writing orders to Kafka: partitioned as every producer of Latido must, idempotent, nothing lost unseen."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from confluent_kafka import KafkaError, Message, Producer

from schemas.codec import Codec
from schemas.keys import contact_key

ORDERS = "orders.v1"
FLUSH_SECONDS = 60.0


class PublishFailed(Exception):
    """Some records did not reach the broker; the text says how many, and why the first did not."""


class OrderPublisher:
    """A context that has delivered everything when it ends well, or raises PublishFailed."""

    def __init__(self, codec: Codec, bootstrap_servers: str) -> None:
        self._codec = codec
        self._errors: list[KafkaError] = []
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap_servers,
                "enable.idempotence": True,
                "partitioner": "murmur2_random",
                "compression.type": "lz4",
                "linger.ms": 20,
                "message.max.bytes": 4 << 20,
            }
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        waiting = self._producer.flush(FLUSH_SECONDS)
        if kind is None and (waiting or self._errors):
            why = self._errors[0].str() if self._errors else "the broker did not answer in time"
            raise PublishFailed(f"{waiting + len(self._errors)} records were not delivered: {why}")

    def send(self, order: Mapping[str, Any]) -> None:
        """Queue one order (schema `order`); waits while the queue is full."""
        value = self._codec.encode_one("order", dict(order))
        key = contact_key(order["account_id"], order["contact_id"])
        while True:
            try:
                self._producer.produce(ORDERS, value, key, on_delivery=self._delivered)
            except BufferError:
                self._producer.poll(0.1)
            else:
                break
        self._producer.poll(0)

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            self._errors.append(error)
