"""Inputs as others write them: with aborted transactions, compacted, on partitions that murmur2 shuns."""

import signal
from collections import defaultdict
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from schemas.keys import home_of
from schemas.records import Topic
from tests.faults.plant import PARTITIONS, Plant
from tests.fixtures.kafka import StartBroker

pytestmark = pytest.mark.faults

_STATIC = {"LATIDO_GROUP_INSTANCE_ID": "only"}


def test_aborted_input_is_neither_applied_nor_a_gap(start_broker: StartBroker, tmp_path: Path) -> None:
    with Plant(start_broker(), tmp_path) as plant:
        plant.shop.open_accounts()
        plant.start_worker(**_STATIC)
        producer = plant.shop.sender(transactional_id="elsewhere")
        producer.init_transactions(30)
        sent = 0
        for turn in range(24):
            producer.begin_transaction()
            plant.shop.send_orders(300, producer)
            plant.shop.flush(producer)
            if turn % 3:
                producer.commit_transaction(30)
                sent += 300
            else:
                producer.abort_transaction(30)
        plant.apply_all()
        assert plant.workers.all[0].exits == []
        assert plant.metric(0, "latido_gaps_total") == 0
        assert plant.assert_exact().events == sent


def test_a_compacted_input_makes_no_gap_and_no_stall(start_broker: StartBroker, tmp_path: Path) -> None:
    quick = {"log.cleaner.backoff.ms": "300", "log.retention.check.interval.ms": "1000"}
    with Plant(start_broker(properties=quick), tmp_path, contacts=40, LATIDO_STALL_S="10") as plant:
        _compact(plant.shop.kafka)
        plant.shop.open_accounts()
        plant.shop.send_orders(6_000)
        plant.until(lambda: _is_compacted(plant), 120, lambda: _send(plant, 20))
        plant.start_worker(**_STATIC)
        plant.apply_all()
        plant.spend(12)
        assert plant.workers.all[0].exits == []
        assert plant.metric(0, "latido_gaps_total") == 0


def test_a_contact_has_one_home_whatever_the_producers_partitioner(
    start_broker: StartBroker, tmp_path: Path
) -> None:
    with Plant(start_broker(), tmp_path) as plant:
        plant.shop.open_accounts()
        stranger = plant.shop.sender(partitioner="consistent_random")
        for _ in range(2):
            plant.start_worker()
        kills = iter(range(6))

        def turn() -> None:
            plant.shop.send_mixture(120, stranger)
            plant.shop.send_mixture(40)
            if plant.shop.random.random() < 0.05 and next(kills, None) is not None:
                plant.shop.random.choice(plant.workers.all).send(signal.SIGKILL)

        plant.spend(20, turn)
        plant.shop.flush(stranger)
        plant.apply_all()
        plant.apply_all()
        assert len(plant.log.read(Topic.REROUTED)) > 1_000
        assert _homes(plant) == []
        plant.assert_exact()


def _send(plant: Plant, orders: int) -> None:
    plant.shop.send_orders(orders)
    plant.shop.flush()


def _is_compacted(plant: Plant) -> bool:
    """Whether a fifth of the orders is gone; only closed segments are cleaned: more has to come meanwhile."""
    return len(plant.log.read(Topic.ORDERS)) < sum(plant.log.ends(Topic.ORDERS).values()) * 0.8


def _homes(plant: Plant) -> list[str]:
    """Keys of profiles that are in several partitions, or in one that murmur2 would not choose."""
    places: defaultdict[bytes, set[int]] = defaultdict(set)
    for entry in plant.log.read(Topic.CONTACT_PROFILES):
        places[entry.key].add(entry.partition)
    return [f"{key!r} in {where}" for key, where in places.items() if where != {home_of(key, PARTITIONS)}]


def _compact(kafka: dict[str, str]) -> None:
    wanted = {
        "cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.01", "segment.ms": "1000",
        "max.compaction.lag.ms": "1000",
    }  # fmt: skip
    entries = [ConfigEntry(n, v, incremental_operation=AlterConfigOpType.SET) for n, v in wanted.items()]
    resource = ConfigResource(ResourceType.TOPIC, Topic.ORDERS.value, incremental_configs=entries)
    admin = AdminClient({**kafka})
    for altered in admin.incremental_alter_configs([resource]).values():
        altered.result(30)
