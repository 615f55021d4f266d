"""The local broker: its life, and what it keeps over it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from deploy.local.broker import Broker, BrokerOptions
from deploy.local.ports import is_free
from tests.fixtures.kafka import StartBroker


def _send(bootstrap: str, value: bytes) -> None:
    producer = Producer({"bootstrap.servers": bootstrap})
    producer.produce("kept", value=value)
    assert producer.flush(30) == 0


def _create_topic(bootstrap: str) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for created in admin.create_topics([NewTopic("kept", 1, 1)], operation_timeout=30).values():
        created.result(30)


def _read(bootstrap: str, count: int) -> list[bytes]:
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "reader", "auto.offset.reset": "earliest"}
    )
    consumer.subscribe(["kept"])
    values: list[bytes] = []
    while len(values) < count:
        message = consumer.poll(30)
        assert message is not None, f"only {len(values)} of {count} records came back"
        assert message.error() is None
        values.append(message.value() or b"")
    consumer.close()
    return values


@pytest.mark.parametrize("end", [Broker.stop, Broker.kill], ids=["stopped", "killed"])
def test_a_restarted_broker_has_its_address_and_its_records(
    start_broker: StartBroker, end: Callable[[Broker], None]
) -> None:
    broker = start_broker()
    before = broker.bootstrap
    _create_topic(before)
    _send(before, b"first")
    end(broker)
    assert is_free(broker.port)
    broker.start()
    _send(before, b"second")
    assert _read(before, 2) == [b"first", b"second"]


def test_a_broker_that_cannot_start_says_why(tmp_path: Path) -> None:
    broker = Broker(tmp_path, BrokerOptions(properties={"num.io.threads": "none"}))
    with pytest.raises(RuntimeError, match=r"num\.io\.threads"):
        broker.start()
