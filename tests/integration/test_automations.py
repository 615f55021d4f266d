"""The agent `automations` on a real broker: wherever it ends and whatever is old, nothing fires twice."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from schemas.cloudevents import NAMES
from schemas.keys import contact_key, home_of
from schemas.records import Topic
from streams.engine.crash import CrashPoint, ExitCode
from tests.contract.examples import load
from tests.faults.nemesis import Worker
from tests.faults.plant import PARTITIONS, Plant
from tests.fixtures.kafka import StartBroker
from tests.integration.automation_service import ACCOUNT, Service, message, on_rule
from tests.integration.test_replay import replay
from tests.integration.webhooks.bench import committed

pytestmark = pytest.mark.faults

WITH_ACTIONS = f"@{Topic.AUTOMATION_ACTIONS}"
POINTS = (
    CrashPoint.AFTER_FENCE,
    CrashPoint.MID_RESTORE,
    CrashPoint.AFTER_RESTORE,
    CrashPoint.AFTER_TRIAL,
    CrashPoint.IN_ASSIGN,
    f"{CrashPoint.AFTER_FOLD}{WITH_ACTIONS}",
    f"{CrashPoint.AFTER_PRODUCE}{WITH_ACTIONS}",
    f"{CrashPoint.BEFORE_COMMIT}:2{WITH_ACTIONS}",
    f"{CrashPoint.AFTER_COMMIT_BEFORE_ACK}{WITH_ACTIONS}",
    f"{CrashPoint.AFTER_STEP}{WITH_ACTIONS}",
)
"""Where the agent ends; where a transaction can hold actions, in one that does."""
PROVOKED = (CrashPoint.IN_REVOKE, CrashPoint.IN_DRAIN)
"""Points that need another worker, or a signal."""
PLAIN = [message(channel=None)]
ANY_ORDER = on_rule(("orders", ">=", 1))


def test_every_named_point_is_walked() -> None:
    assert {point.partition("@")[0].partition(":")[0] for point in POINTS} | {*PROVOKED} == {*CrashPoint}


def test_every_action_is_emitted_once_wherever_the_agent_ends(
    start_broker: StartBroker, tmp_path: Path
) -> None:
    clock = tmp_path / "clock"
    with Plant(start_broker(), tmp_path, LATIDO_CLOCK_FILE=str(clock)) as plant:
        service = Service(plant, clock)
        later = [{"kind": "wait", "hours": 1}, *PLAIN]
        service.automate("rule", trigger=ANY_ORDER, steps=PLAIN)
        service.automate("segment", trigger=_left("no_purchases"), steps=PLAIN)
        service.automate("later", trigger=ANY_ORDER, steps=later, exit="never", exit_on_purchase=False)
        service.start_activity()
        agent = service.start_automations()
        contacts = _buy(service, "start")
        service.apply_all()
        agent.stop()
        plant.workers.all.remove(agent)
        try:
            for point in POINTS:
                contacts += _buy(service, point.partition("@")[0])
                plant.apply_all(120)
                service.forward(timedelta(hours=2))
                _end_at(agent, point)
            _end_in_revoke(plant, agent)
        finally:
            plant.workers.all.append(agent)
        agent.with_settings(LATIDO_CRASH_AT=CrashPoint.IN_DRAIN)
        agent.start()
        service.apply_all()
        service.forward(timedelta(hours=2))
        expected = {(automation, one) for automation in ("rule", "segment", "later") for one in contacts}
        plant.until(lambda: expected <= set(service.sent()), 120)
        assert agent.stop() == ExitCode.CRASH_POINT
        assert service.sent() == dict.fromkeys(expected, 1)
        assert plant.hidden(Topic.AUTOMATION_ACTIONS) > 0, "no end lay in mid-transaction with actions"


def test_five_traps_of_old_news(start_broker: StartBroker, tmp_path: Path) -> None:
    with Plant(start_broker(), tmp_path) as plant:
        service = Service(plant, tmp_path / "clock")
        service.start_activity()
        agent = service.start_automations()
        base = [f"old-{n}" for n in range(40)]
        for contact_id in base:
            service.contact(contact_id)
            service.orders(contact_id, 3, days_ago=70, total_minor=90_000)
        service.orders("dormant", 2, days_ago=365)
        service.apply_all()

        rounds = iter(range(2, 100))

        def touched() -> set[str]:
            """Everybody of the base is told anew; who was sent anything."""
            version = next(rounds)
            for contact_id in base:
                service.contact(contact_id, version, tags=["touched"])
            service.apply_all()
            return {contact_id for _, contact_id in service.sent()}

        _automate_everything(service, orders=1)
        assert touched() == set(), "a new automation over an old base"
        _automate_everything(service, orders=2)
        assert touched() == set(), "an edited one"
        service.orders("new", 3, total_minor=90_000)
        service.apply_all()
        plant.until(lambda: len(service.sent()) == 3, 60)
        fired = service.sent()
        assert fired == {("orders", "new"): 1, ("left", "new"): 1, ("champions", "new"): 1}
        replay(plant)
        assert touched() == {"new"}, "a replay from zero"
        agent.kill()
        agent.start()
        assert touched() == {"new"}, "lost local state"
        service.orders("dormant", total_minor=90_000)
        service.apply_all()
        assert touched() == {"new", "dormant"}
        fired[("champions", "dormant")] = 1
        assert service.sent() == fired, "who was dormant for a year gets what is news, and nothing old"


def test_an_aborted_segment_change_never_fires(start_broker: StartBroker, tmp_path: Path) -> None:
    with Plant(start_broker(), tmp_path) as plant:
        service = Service(plant, tmp_path / "clock")
        service.automate("left", trigger=_left("no_purchases"), steps=PLAIN)
        service.start_automations()
        producer = Producer({**plant.shop.kafka, "transactional.id": "activity-like"})
        producer.init_transactions(60)
        for contact_id, ends in (
            ("aborted", producer.abort_transaction),
            ("committed", producer.commit_transaction),
        ):
            _tell_change(service, producer, contact_id, ends)
        service.apply_all()
        plant.until(lambda: ("left", "committed") in service.sent(), 60)
        assert service.sent() == {("left", "committed"): 1}
        assert {one["contact_id"] for one in service.actions()} == {"committed"}
        for one in committed(plant.shop.kafka, Topic.AUTOMATION_ACTIONS, PARTITIONS):
            headers: dict[str, bytes] = dict(one.headers() or ())  # type: ignore[arg-type] # the stub has a union
            assert tuple(headers) == NAMES
            assert headers["ce_type"] == b"latido.automation.action.v1"
            assert headers["ce_subject"] == b"committed"


def _end_at(agent: Worker, point: str) -> None:
    agent.with_settings(LATIDO_CRASH_AT=point)
    agent.start()
    assert agent.wait(60) == ExitCode.CRASH_POINT, f"{point}\n{agent.log.read_text()[-2000:]}"
    agent.with_settings(LATIDO_CRASH_AT="")


def _end_in_revoke(plant: Plant, agent: Worker) -> None:
    """Another worker joins, so that partitions are taken away."""
    agent.with_settings(LATIDO_CRASH_AT=f"{CrashPoint.IN_REVOKE}:2")
    before = agent.log.read_text().count("Worker ready")
    agent.start()
    plant.until(lambda: agent.log.read_text().count("Worker ready") > before, 60)
    fellow = plant.start_worker(LATIDO_AGENT="automations", LATIDO_GROUP_INSTANCE_ID="fellow")
    assert agent.wait(90) == ExitCode.CRASH_POINT, agent.log.read_text()[-2000:]
    assert fellow.stop() == ExitCode.DRAINED


def _buy(service: Service, wave: str) -> list[str]:
    contacts = [f"{wave}-{number}" for number in range(40)]
    for contact_id in contacts:
        service.orders(contact_id, days_ago=3)
    service.shop.flush()
    return contacts


def _left(segment: str) -> dict[str, Any]:
    return {"kind": "segment_left", "segments": [segment]}


def _automate_everything(service: Service, orders: int) -> None:
    """Rules that hold for the whole base already, changes it went through, silences it passed."""
    service.automate("orders", trigger=on_rule(("orders", ">=", orders)), steps=PLAIN)
    service.automate("silent", trigger=on_rule(("days_since_last", ">", 60)), steps=PLAIN)
    service.automate("left", trigger=_left("no_purchases"), steps=PLAIN)
    service.automate("silence", trigger={"kind": "silence", "days": 60}, steps=PLAIN)
    champions = {"kind": "segment_entered", "segments": ["champions", "loyal", "potential_loyalist"]}
    service.automate("champions", trigger=champions, steps=PLAIN)


def _tell_change(
    service: Service, producer: Producer, contact_id: str, ends: Callable[[float], object]
) -> None:
    """A first purchase as the agent `activity` tells it, in a transaction that ends as given."""
    whose = {"account_id": ACCOUNT, "contact_id": contact_id}
    scores = {"segment": "recent", "r": 5, "f": 1, "m": 2, "orders": 1, "revenue_minor": 30_000}
    codec, at_ms = service.shop.codec, service.now_ms
    change = {
        **load("segment_change.order")[1], **whose, **scores, "event_id": f"{ACCOUNT}|{contact_id}|1",
        "seq": 1, "from_segment": "no_purchases", "to_segment": "recent", "occurred_at": at_ms,
    }  # fmt: skip
    profile = {
        **whose, **scores, "changes": 1, "sequence": 1, "removed": False, "live": True, "changed_at": at_ms,
        "interactions": 0, "currency": "BRL", "model_version": 1,
    }  # fmt: skip
    key = contact_key(ACCOUNT, contact_id)
    producer.begin_transaction()
    for topic, schema, record in (
        (Topic.SEGMENT_CHANGES, "segment_change", change),
        (Topic.CONTACT_PROFILES, "contact_profile", profile),
    ):
        producer.produce(topic, codec.encode_one(schema, record), key, home_of(key, PARTITIONS))
    producer.flush(60)
    ends(60)
