"""Lets a simulated shop live on a stack: its history first, then events as they happen."""

import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from confluent_kafka import Producer

from deploy.local.shops import Event, Shop
from schemas.codec import default_codec
from schemas.keys import contact_key
from schemas.records import Topic

_SCHEMAS = {Topic.CONTACTS: "contact", Topic.ORDERS: "order", Topic.INTERACTIONS: "interaction"}
_FLUSH_SECONDS = 60.0


class ShopLife:
    """Publishes a shop's events, partitioned as every producer of Latido must."""

    def __init__(self, shop: Shop, bootstrap_servers: str) -> None:
        self._shop, self._codec = shop, default_codec()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._live, name=f"shop {shop.account_id}", daemon=True)
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap_servers,
                "enable.idempotence": True,
                "partitioner": "murmur2_random",
                "linger.ms": 5,
            }
        )

    def load(self) -> int:
        """Publish the history; number of its orders that are not amendments of others."""
        events = list(self._shop.history(datetime.now(UTC)))
        self._publish(events)
        if waiting := self._producer.flush(_FLUSH_SECONDS):
            raise RuntimeError(f"{waiting} events of {self._shop.account_id} did not reach the broker")
        return len({event.record["order_id"] for event in events if event.topic is Topic.ORDERS})

    def start(self) -> None:
        """Begin to live."""
        self._thread.start()

    def stop(self) -> None:
        """No more events."""
        self._stopping.set()
        self._thread.join(_FLUSH_SECONDS)
        self._producer.flush(5.0)

    def _live(self) -> None:
        while not self._stopping.wait(self._shop.pause_seconds()):
            self._publish([self._shop.live(datetime.now(UTC))])
            self._producer.poll(0)

    def _publish(self, events: Iterable[Event]) -> None:
        for event in events:
            record: dict[str, Any] = event.record
            value = self._codec.encode_one(_SCHEMAS[event.topic], record)
            key = contact_key(record["account_id"], record["contact_id"])
            self._producer.produce(event.topic, value, key)
            self._producer.poll(0)
