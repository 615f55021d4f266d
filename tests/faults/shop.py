"""Senders of the real inputs: accounts in several zones, and their events as the trade really makes them."""

import random
import time
from collections.abc import Callable, Mapping
from typing import Any

from confluent_kafka import Producer

from schemas.codec import Codec, default_codec
from schemas.definitions_topic import Definitions, Edit
from schemas.keys import contact_key
from schemas.records import Topic
from streams.rfm.calendar import DAY_MS

ACCOUNTS: Mapping[str, tuple[str, str]] = {
    "ipe": ("America/Sao_Paulo", "BRL"),
    "delta": ("America/New_York", "USD"),
    "kiri": ("Pacific/Kiritimati", "USD"),
    "thames": ("Europe/London", "EUR"),
}
"""Zone and currency by account id."""

_REMEMBERED = 5_000

Keyed = tuple[bytes, bytes | None]


class Shop:
    """Makes events with a seed, and sends them with a producer of any kind.

    Of ten orders about eight are new ones; the others amend, cancel or refund an older one, repeat an
    event byte by byte, come too late to matter, or tell of a purchase of long ago.
    """

    def __init__(self, bootstrap: str, seed: int = 1, contacts: int = 2_000) -> None:
        self.kafka = {"bootstrap.servers": bootstrap}
        self.codec: Codec = default_codec()
        self.random = random.Random(seed)
        self.now_ms = time.time_ns() // 1_000_000
        self._contacts = contacts
        self._accounts = list(ACCOUNTS)
        self._number = 0
        self._orders: list[dict[str, Any]] = []
        self._talks: list[dict[str, Any]] = []
        self._past: list[Keyed] = []
        self.producer = self.sender()

    def sender(self, **settings: object) -> Producer:
        """A producer as Latido asks for; `settings` with underscores for dots go over that."""
        mine = {"partitioner": "murmur2_random", "linger.ms": 20, "message.max.bytes": 4 << 20}
        return Producer(self.kafka | mine | {name.replace("_", "."): v for name, v in settings.items()})

    def define(
        self,
        account_id: str,
        kind: str,
        id_: str,
        body: Mapping[str, Any],
        *,
        base: int = 0,
        at_ms: int | None = None,
    ) -> int:
        """Publish a definition based on version `base`; its version."""
        definitions = Definitions(self.codec, self.kafka)
        definitions.start()
        try:
            at = self.now_ms if at_ms is None else at_ms
            return definitions.edit(Edit(account_id, kind, id_, base, "test", at, body))
        finally:
            definitions.stop()

    def open_accounts(self) -> None:
        """Define all accounts."""
        for account_id, (zone, currency) in ACCOUNTS.items():
            self.define(account_id, "account", account_id, {"time_zone": zone, "currency": currency})

    def order(self, **fields: Any) -> dict[str, Any]:
        """A new order of account `ipe`, or as `fields` say."""
        self._number += 1
        made = {
            "event_id": f"e{self._number}", "account_id": "ipe", "contact_id": "c1",
            "order_id": f"o{self._number}", "version": 1, "status": "placed", "placed_at": self.now_ms,
            "updated_at": self.now_ms, "total_minor": 12_300, "refunded_minor": 0, "currency": "BRL",
        }  # fmt: skip
        return made | fields

    def send_order(self, order: Mapping[str, Any], producer: Producer | None = None) -> None:
        """Queue one order."""
        key = contact_key(order["account_id"], order["contact_id"])
        self.send(Topic.ORDERS, key, self.codec.encode_one("order", order), producer)

    def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        producer: Producer | None = None,
        partition: int = -1,
    ) -> None:
        """Queue one record."""
        sender = producer or self.producer
        while True:
            try:
                sender.produce(topic, value, key, partition)
            except BufferError:
                sender.poll(0.1)
            else:
                return

    def flush(self, producer: Producer | None = None) -> None:
        """Wait until everything queued is in the log."""
        assert not (producer or self.producer).flush(60), "the broker did not take the load"

    def send_orders(self, count: int, producer: Producer | None = None) -> None:
        """Queue so many events of orders, over all accounts."""
        for _ in range(count):
            key, value = self._order_event()
            self.send(Topic.ORDERS, key, value, producer)
        (producer or self.producer).poll(0)

    def send_mixture(self, count: int, producer: Producer | None = None) -> None:
        """Queue so many events of all three inputs."""
        kinds: tuple[tuple[float, str, Callable[[], Keyed]], ...] = (
            (0.6, Topic.ORDERS, self._order_event),
            (0.8, Topic.INTERACTIONS, self._interaction_event),
            (1.0, Topic.CONTACTS, self._contact_event),
        )
        for _ in range(count):
            drawn = self.random.random()
            topic, make = next((topic, make) for share, topic, make in kinds if drawn < share)
            self.send(topic, *make(), producer)
        (producer or self.producer).poll(0)

    def _order_event(self) -> Keyed:
        drawn = self.random.random()
        if drawn < 0.05 and self._past:
            return self.random.choice(self._past)
        order = self._amended(drawn) if drawn < 0.2 and self._orders else self._placed()
        keyed = contact_key(order["account_id"], order["contact_id"]), self.codec.encode_one("order", order)
        self._keep(self._past, keyed)
        return keyed

    def _placed(self) -> dict[str, Any]:
        account_id, contact_id = self._somebody()
        placed_at = self.now_ms - int(self.random.random() ** 2 * 600 * DAY_MS)
        order = self.order(
            account_id=account_id, contact_id=contact_id, currency=ACCOUNTS[account_id][1],
            placed_at=placed_at, updated_at=placed_at, total_minor=self.random.randrange(100, 200_000),
        )  # fmt: skip
        self._keep(self._orders, order)
        return order

    def _amended(self, drawn: float) -> dict[str, Any]:
        order = self.random.choice(self._orders)
        self._number += 1
        told = order | {"event_id": f"e{self._number}", "updated_at": order["updated_at"] + 60_000}
        if drawn < 0.08:
            return told | {"version": order["version"] - 1, "total_minor": 1, "refunded_minor": 0}
        if drawn < 0.12:
            told |= {"status": "cancelled"}
        elif drawn < 0.15:
            told |= {"status": "refunded", "refunded_minor": order["total_minor"]}
        else:
            told |= {"total_minor": self.random.randrange(100, 200_000), "refunded_minor": 0}
        order |= told | {"version": order["version"] + 1}
        return order

    def _interaction_event(self) -> Keyed:
        if self._talks and self.random.random() < 0.2:
            talk = self.random.choice(self._talks)
            talk |= {"version": talk["version"] + 1, "csat": self.random.randrange(1, 6)}
        else:
            account_id, contact_id = self._somebody()
            at_ms = self.now_ms - int(self.random.random() * 100 * DAY_MS)
            talk = {
                "account_id": account_id, "contact_id": contact_id, "interaction_id": f"i{self._number}",
                "version": 1, "occurred_at": at_ms, "csat": self.random.randrange(1, 6),
            }  # fmt: skip
            self._keep(self._talks, talk)
        self._number += 1
        talk |= {"event_id": f"e{self._number}", "updated_at": self.now_ms}
        return contact_key(talk["account_id"], talk["contact_id"]), self.codec.encode_one("interaction", talk)

    def _contact_event(self) -> Keyed:
        account_id, contact_id = self._somebody()
        key = contact_key(account_id, contact_id)
        if self.random.random() < 0.02:
            return key, None
        self._number += 1
        told = {
            "event_id": f"e{self._number}", "account_id": account_id, "contact_id": contact_id,
            "version": self._number, "updated_at": self.now_ms, "origin": f"fair{self._number % 7}",
            "personal": {"name": f"Name {self._number}"}, "tags": [f"tag{self._number % 5}"],
            "consent": [{"channel": "email", "granted": bool(self._number % 2), "at": self.now_ms}],
        }  # fmt: skip
        return key, self.codec.encode_one("contact", told)

    def _somebody(self) -> tuple[str, str]:
        number = self.random.randrange(self._contacts)
        return self._accounts[number % len(self._accounts)], f"c{number}"

    def _keep(self, kept: list[Any], one: Any) -> None:
        if len(kept) < _REMEMBERED:
            kept.append(one)
        else:
            kept[self.random.randrange(_REMEMBERED)] = one
