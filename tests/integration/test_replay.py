"""`latido replay` beside running workers: equal in every fact, silent, whole after any kill, and it mends."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from schemas.records import Topic
from streams.engine.crash import ExitCode
from streams.replay.drop import DELETABLE, alter, delete, restore_policy
from streams.replay.record import COMPACTED
from tests.faults.plant import PARTITIONS, Plant
from tests.fixtures.kafka import StartBroker

pytestmark = pytest.mark.faults

SCHEMAS = {
    "contact-profiles.v1": "contact_profile",
    "contact-orders.v1": "contact_order",
    "contact-interactions.v1": "contact_interaction",
    "contact-days.v1": "contact_day",
}
PATH = {"sequence", "changed_at", "scored_day", "live"}
"""How and when a fact was reached, not what it is."""

Facts = dict[tuple[str, bytes], dict[str, Any]]


def start_replay(plant: Plant) -> subprocess.Popen[str]:
    """`latido replay --yes --json`, running."""
    return subprocess.Popen(
        [sys.executable, "-c", "from streams.cli import main; main()", "replay", "--yes", "--json"],
        env={**os.environ, "LATIDO_BOOTSTRAP_SERVERS": plant.broker.bootstrap},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def replay(plant: Plant, traffic: int = 0) -> dict[str, int]:
    """Replay while so many orders a tenth of a second come in; what it says."""
    process = start_replay(plant)
    plant.until(lambda: process.poll() is not None, 90, lambda: plant.shop.send_orders(traffic))
    out, said = process.communicate()
    assert process.returncode == 0, said + plant.workers.logs()
    figures: dict[str, int] = json.loads(out)
    return figures


def facts(plant: Plant) -> Facts:
    """Every row that stands, without how it came about."""
    return {
        at: {name: value for name, value in row.items() if name not in PATH}
        for at, row in rows(plant).items()
    }


def rows(plant: Plant) -> Facts:
    """Every row that stands."""
    codec = plant.shop.codec
    return {
        (topic, key): codec.decode_one(schema, value)
        for topic, schema in SCHEMAS.items()
        for key, value in {entry.key: entry.value for entry in plant.log.read(topic)}.items()
        if value
    }


def told(plant: Plant) -> list[bytes]:
    """Changes and milestones that subscribers hear; partitions have no order between them."""
    topics = (Topic.SEGMENT_CHANGES, Topic.MILESTONES)
    return sorted(record.value or b"" for topic in topics for record in plant.log.read(topic))


@pytest.fixture
def plant(shop_floor: Plant) -> Plant:
    """Accounts with history of every kind, applied by one worker."""
    shop_floor.shop.send_mixture(3_000)
    shop_floor.apply_all()
    return shop_floor


@pytest.fixture
def ordered(shop_floor: Plant) -> Plant:
    """Accounts with orders only, applied by one worker."""
    shop_floor.shop.send_orders(3_000)
    shop_floor.apply_all()
    return shop_floor


@pytest.fixture
def shop_floor(start_broker: StartBroker, tmp_path: Path) -> Iterator[Plant]:
    """Accounts, and a worker."""
    with Plant(start_broker(), tmp_path, contacts=300) as made:
        made.shop.open_accounts()
        made.start_worker(LATIDO_GROUP_INSTANCE_ID="only")
        yield made


def test_facts_are_equal_and_nobody_hears_of_it(plant: Plant) -> None:
    before, heard = facts(plant), told(plant)
    figures = replay(plant)
    assert (figures["rows_corrected"], figures["rows_deleted"], figures["changes"]) == (0, 0, 0)
    assert facts(plant) == before
    assert told(plant) == heard
    assert {row["sequence"] >> 40 for row in rows(plant).values()} == {1}
    plant.shop.send_mixture(1_000)
    plant.apply_all()
    assert {mark[-1].generation for mark in plant.log.watermarks("activity").values()} == {1}
    assert plant.verify().total == 0, plant.verify().to_text()


def test_the_old_generation_is_dropped(plant: Plant) -> None:
    ends = {topic: plant.log.ends(topic) for topic in COMPACTED}
    replay(plant)
    for topic in COMPACTED:
        first = min(entry.offset for entry in plant.log.read(topic))
        assert first >= min(ends[topic].values())
    plant.shop.send_mixture(100)
    plant.apply_all()


def test_events_keep_coming_and_clickhouse_follows(ordered: Plant) -> None:
    ordered.start_sink()
    figures = replay(ordered, traffic=20)
    ordered.apply_all()
    assert figures["changes"] == 0
    assert (figures["rows_corrected"], figures["rows_deleted"]) == (0, 0)
    drift = ordered.assert_exact()
    assert drift.clickhouse_rows


def test_a_replay_killed_at_any_moment_has_changed_nothing_or_a_whole_partition(plant: Plant) -> None:
    before, heard = facts(plant), told(plant)
    started = time.monotonic()
    replay(plant)
    lasted = time.monotonic() - started
    for part in (0.5, 0.7, 0.8, 0.9):
        process = start_replay(plant)
        time.sleep(lasted * part)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    plant.shop.send_order(plant.shop.order())
    plant.apply_all()
    replay(plant)
    after = facts(plant)
    assert {at: row for at, row in before.items() if after.get(at) != row}.keys() <= changed_by(plant)
    assert len(told(plant)) - len(heard) <= 1
    assert plant.verify().total == 0, plant.verify().to_text()


def changed_by(plant: Plant) -> set[tuple[str, bytes]]:
    """Rows of the one contact who ordered meanwhile."""
    return {at for at in facts(plant) if at[1].startswith(b"ipe|c1|") or at[1] == b"ipe|c1"}


def test_damaged_and_invented_rows_are_mended_in_clickhouse_too(ordered: Plant) -> None:
    ordered.start_sink()
    assert ordered.assert_exact().total == 0
    ordered.workers.all[0].stop()
    codec, (victim, partition) = ordered.shop.codec, _somebody(ordered)
    wrong = rows(ordered)["contact-profiles.v1", victim] | {"segment": "lost", "orders": 77}
    for key, row in ((victim, wrong), (b"ipe|invented", wrong | {"contact_id": "invented"})):
        ordered.shop.send(
            "contact-profiles.v1", key, codec.encode_one("contact_profile", row), None, partition
        )
    ordered.shop.flush()
    assert ordered.verify().total
    figures = replay(ordered)
    assert (figures["rows_corrected"], figures["rows_deleted"]) == (1, 1)
    ordered.workers.all[0].start()
    ordered.apply_all()
    ordered.assert_exact()


def test_a_truncated_changelog_is_refused_and_replay_mends_it(plant: Plant) -> None:
    before, heard = facts(plant), told(plant)
    worker = plant.workers.all[0]
    worker.stop()
    _truncate(plant, "contact-orders.v1")
    worker.start()
    assert worker.wait(40) == ExitCode.RESTORE_FAILED
    assert "latido replay" in worker.log.read_text()
    figures = replay(plant)
    assert figures["rows_corrected"] > 0
    worker.start()
    plant.shop.send_order(plant.shop.order(account_id="kiri", contact_id="later", currency="USD"))
    plant.apply_all()
    after = facts(plant)
    assert {at: after.get(at) for at in before} == before
    assert len(told(plant)) == len(heard) + 1


def _somebody(plant: Plant) -> tuple[bytes, int]:
    entry = next(e for e in plant.log.read("contact-profiles.v1") if e.key.startswith(b"ipe|"))
    return entry.key, entry.partition


def _truncate(plant: Plant, topic: str) -> None:
    admin = AdminClient({"bootstrap.servers": plant.broker.bootstrap})
    alter(admin, [topic], DELETABLE)
    for number in range(PARTITIONS):
        delete(admin, [TopicPartition(topic, number, plant.log.ends(topic)[number] // 2)])
    restore_policy(admin, [topic])
