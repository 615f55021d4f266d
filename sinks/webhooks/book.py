"""What operators do with endpoints: make, rotate, switch, test; and sending an action again.

For the monitor's pages and the command line. A secret is shown once, when it is made.
"""

import secrets
import time
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from schemas.actions import TEST_CONTACT, ActionKind, ActionSource, Arm, action_id
from schemas.catalog import Catalog
from schemas.cloudevents import headers
from schemas.codec import Codec
from schemas.definitions import Definition
from schemas.definitions_topic import Definitions, Edit
from schemas.endpoint import KIND, DisabledReason, Endpoint, EndpointStatus, Secret
from schemas.keys import contact_key
from schemas.records import Topic
from sinks.webhooks.addresses import Rules, check_url
from sinks.webhooks.ledger import RESEND_HEADER
from sinks.webhooks.sealing import Sealer
from sinks.webhooks.signing import new_secret, shown

_FLUSH_SECONDS = 30.0
_ANY_PARTITION = -1
OVERLAP_SECONDS = 86_400
"""How long an old secret goes on signing beside the new one."""


class NoEndpoint(LookupError):
    """The account has no such endpoint."""


class NotSent(Exception):
    """The broker did not take, or no longer has, the action."""


@dataclass(frozen=True, slots=True)
class EndpointBook:
    """Edits of endpoint definitions. Every method may raise Conflict and DefinitionsUnavailable."""

    definitions: Definitions
    sealer: Sealer
    rules: Rules

    def create(self, account_id: str, endpoint_id: str, url: str, description: str, author: str) -> str:
        """A new endpoint; its secret, shown this once. UrlRefused, AddressRefused; Conflict if it exists."""
        check_url(url, self.rules)
        secret, text = self._made(account_id, endpoint_id)
        self._edit(
            account_id, endpoint_id, 0, author, Endpoint(url=url, description=description, secrets=(secret,))
        )
        return text

    def change_url(self, account_id: str, endpoint_id: str, url: str, author: str) -> None:
        """Send somewhere else. NoEndpoint, UrlRefused, AddressRefused."""
        check_url(url, self.rules)
        definition, endpoint = self.find(account_id, endpoint_id)
        changed = endpoint.model_copy(update={"url": url})
        self._edit(account_id, endpoint_id, definition.version, author, changed)

    def rotate(
        self, account_id: str, endpoint_id: str, author: str, overlap_seconds: float = OVERLAP_SECONDS
    ) -> str:
        """A new secret; the present one signs too until the overlap ends, older ones no more. NoEndpoint."""
        definition, endpoint = self.find(account_id, endpoint_id)
        now_ms = _now_ms()
        fresh, text = self._made(account_id, endpoint_id)
        until_ms = now_ms + int(overlap_seconds * 1000)
        present = [one.model_copy(update={"until_ms": until_ms}) for one in endpoint.live_secrets(now_ms)[:1]]
        changed = endpoint.model_copy(update={"secrets": (fresh, *present)})
        self._edit(account_id, endpoint_id, definition.version, author, changed)
        return text

    def switch(self, account_id: str, endpoint_id: str, author: str, *, on: bool) -> None:
        """Enable or disable. NoEndpoint."""
        definition, endpoint = self.find(account_id, endpoint_id)
        update = {"status": EndpointStatus.ACTIVE, "disabled_reason": None}
        changed = endpoint.model_copy(update=update) if on else endpoint.disabled(DisabledReason.OPERATOR)
        self._edit(account_id, endpoint_id, definition.version, author, changed)

    def find(self, account_id: str, endpoint_id: str) -> tuple[Definition, Endpoint]:
        """An endpoint with its definition. NoEndpoint."""
        definition = self.definitions.get(account_id, KIND, endpoint_id)
        if definition is None:
            raise NoEndpoint(f"the account {account_id} has no endpoint {endpoint_id}")
        return definition, Endpoint.of(definition.body)

    def _made(self, account_id: str, endpoint_id: str) -> tuple[Secret, str]:
        secret, secret_id = new_secret(), f"s_{secrets.token_hex(6)}"
        sealed = self.sealer.seal(account_id, endpoint_id, secret_id, secret)
        return Secret(id=secret_id, sealed=sealed, created_at_ms=_now_ms()), shown(secret)

    def _edit(self, account_id: str, endpoint_id: str, base: int, author: str, endpoint: Endpoint) -> None:
        edit = Edit(account_id, KIND, endpoint_id, base, author, _now_ms(), endpoint.body())
        self.definitions.edit(edit)


def send_test(codec: Codec, kafka: dict[str, Any], account_id: str, endpoint_id: str) -> str:
    """Have a test event sent to an endpoint; its action_id, to be found in the delivery log. NotSent."""
    visit, now_ms = secrets.token_hex(8), _now_ms()
    id_ = action_id(account_id, endpoint_id, TEST_CONTACT, visit, "")
    record = {
        **dict.fromkeys(field.name for field in Catalog().type("automation_action").fields),
        "action_id": id_,
        "account_id": account_id,
        "contact_id": TEST_CONTACT,
        "source": ActionSource.TEST.value,
        "automation_id": endpoint_id,
        "visit": visit,
        "step": "",
        "kind": ActionKind.WEBHOOK.value,
        "arm": Arm.TREATED.value,
        "triggered_at": now_ms,
        "due_at": now_ms,
        "historical": False,
        "test": True,
        "endpoint_id": endpoint_id,
    }
    value = codec.encode_one("automation_action", record)
    told = headers(Topic.AUTOMATION_ACTIONS, id_, account_id, TEST_CONTACT, now_ms)
    _produce(kafka, contact_key(account_id, TEST_CONTACT), value, told, None)
    return id_


def resend(kafka: dict[str, Any], partition: int, offset: int, round_: int) -> None:
    """Have an action sent again under the same id: its position and the next round, from the delivery log.

    Asking twice for the same round sends once. NotSent if the action is no longer kept.
    """
    message = _read(kafka, partition, offset)
    told: dict[str, Any] = dict(message.headers() or ())
    told[RESEND_HEADER] = str(round_).encode()
    _produce(kafka, message.key(), message.value(), told, partition)


def _read(kafka: dict[str, Any], partition: int, offset: int) -> Message:
    consumer = Consumer(
        {
            **kafka,
            "group.id": "latido-resend-unused",
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
        }
    )
    try:
        consumer.assign([TopicPartition(Topic.AUTOMATION_ACTIONS, partition, offset)])
        deadline = time.monotonic() + _FLUSH_SECONDS
        while time.monotonic() < deadline:
            message = consumer.poll(0.5)
            if message is None:
                continue
            error = message.error()
            if error is not None and error.code() == KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001 - its public name
                break
            if error is None and message.offset() == offset:
                return message
            if error is None:
                break
        raise NotSent("the action is no longer kept")
    finally:
        consumer.close()


def _produce(kafka: dict[str, Any], key: Any, value: Any, told: Any, partition: int | None) -> None:
    failures: list[str] = []

    def delivered(error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            failures.append(error.str())

    producer = Producer({**kafka, "enable.idempotence": True, "partitioner": "murmur2_random"})
    where = _ANY_PARTITION if partition is None else partition
    try:
        producer.produce(Topic.AUTOMATION_ACTIONS, value, key, where, headers=told, on_delivery=delivered)
        waiting = producer.flush(_FLUSH_SECONDS)
    except (KafkaException, BufferError) as error:
        raise NotSent(str(error)) from error
    if waiting or failures:
        raise NotSent("; ".join(failures) or "the broker did not take it in time")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
