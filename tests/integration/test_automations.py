"""Seed B with real processes: ERP orders in, the right message out, once. Time is driven."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.keys import contact_key
from schemas.records import Topic
from streams.agents.automation_inputs import INPUTS
from streams.engine.crash import CrashPoint, ExitCode
from streams.rfm.calendar import DAY_MS, HOUR_MS
from tests.faults.nemesis import Worker
from tests.faults.plant import Plant
from tests.fixtures.kafka import StartBroker

pytestmark = pytest.mark.faults

ACCOUNT = "ipe"
INCENTIVE = "¡Hola {{personal.name}}! Hace 30 días desde tu última compra."
_QUIET_NEVER = {"quiet_from": 0, "quiet_to": 0, "contact_cap": 1_000}
POINTS = (
    (CrashPoint.AFTER_FENCE, 1),
    (CrashPoint.MID_RESTORE, 1),
    (CrashPoint.AFTER_RESTORE, 1),
    (CrashPoint.AFTER_TRIAL, 1),
    (CrashPoint.AFTER_FOLD, 1),
    (CrashPoint.AFTER_PRODUCE, 2),
    (CrashPoint.BEFORE_COMMIT, 2),
    (CrashPoint.AFTER_COMMIT_BEFORE_ACK, 1),
    (CrashPoint.AFTER_STEP, 1),
    (CrashPoint.IN_ASSIGN, 1),
)
"""Where the agent ends, and at which passing: its first transactions only say that chunks are tried."""


class Service:
    """The plant with an agent `automations`, and a clock that stands until it is moved."""

    def __init__(self, plant: Plant, clock: Path) -> None:
        self.plant = plant
        self.shop = plant.shop
        self._clock = clock
        self._now = datetime.fromtimestamp(self.shop.now_ms / 1000, UTC)
        self.forward(timedelta())
        self.shop.open_accounts()
        self.shop.define(ACCOUNT, "settings", "messaging", _QUIET_NEVER)

    def forward(self, by: timedelta) -> None:
        """Move the clock."""
        self._now += by
        fresh = self._clock.with_suffix(".new")
        fresh.write_text(self._now.isoformat())
        fresh.replace(self._clock)

    def automate(self, id_: str, **body: Any) -> None:
        """Activate an automation."""
        self.shop.define(ACCOUNT, "automation", id_, {"name": id_, "status": "active", **body})

    def start(self) -> Worker:
        """Both agents."""
        self.plant.start_worker(LATIDO_GROUP_INSTANCE_ID="activity")
        return self.plant.start_worker(LATIDO_AGENT="automations", LATIDO_GROUP_INSTANCE_ID="automations")

    def contact(self, contact_id: str) -> None:
        """A contact who may be written to."""
        told = {
            "event_id": f"contact-{contact_id}", "account_id": ACCOUNT, "contact_id": contact_id,
            "version": 1, "updated_at": self.shop.now_ms, "personal": {"name": contact_id.title()},
            "consent": [{"channel": "whatsapp", "granted": True, "at": self.shop.now_ms}],
        }  # fmt: skip
        value = self.shop.codec.encode_one("contact", told)
        self.shop.send(Topic.CONTACTS, contact_key(ACCOUNT, contact_id), value)

    def orders(self, contact_id: str, count: int, *, days_ago: int, total_minor: int = 30_000) -> None:
        """The ERP tells of purchases."""
        placed_at = self.shop.now_ms - days_ago * DAY_MS - HOUR_MS
        for _ in range(count):
            self.shop.send_order(
                self.shop.order(contact_id=contact_id, placed_at=placed_at, total_minor=total_minor)
            )

    def opinion(self, contact_id: str, csat: int) -> None:
        """A contact rates us."""
        now_ms = self.shop.now_ms
        told = {
            "event_id": f"csat-{contact_id}", "account_id": ACCOUNT, "contact_id": contact_id,
            "interaction_id": f"i-{contact_id}", "version": 1, "occurred_at": now_ms, "updated_at": now_ms,
            "csat": csat,
        }  # fmt: skip
        value = self.shop.codec.encode_one("interaction", told)
        self.shop.send(Topic.INTERACTIONS, contact_key(ACCOUNT, contact_id), value)

    def apply_all(self) -> None:
        """Wait until both agents have applied everything."""
        self.plant.apply_all(120)
        self.plant.until(lambda: self.plant.log.is_applied("automations", INPUTS), 120)

    def actions(self) -> Iterator[dict[str, Any]]:
        """Everything decided, read committed."""
        return self.plant.decoded(Topic.AUTOMATION_ACTIONS, "automation_action")

    def messages(self) -> Counter[tuple[str, str, str]]:
        """How often each (automation, contact, template) was sent."""
        return Counter(
            (a["automation_id"], a["contact_id"], a["message_template"])
            for a in self.actions()
            if a["kind"] == "webhook"
        )


def test_seed_b_played_through(start_broker: StartBroker, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    with Plant(start_broker(), tmp_path, LATIDO_CLOCK_FILE=str(clock)) as plant:
        service = Service(plant, clock)
        _automate_seed_b(service)
        service.start()
        for contact_id in ("quique", "ximena", "yolanda", "zoe", "walter"):
            service.contact(contact_id)
        service.apply_all()
        service.orders("quique", 1, days_ago=0)
        service.orders("ximena", 1, days_ago=100)
        service.orders("yolanda", 1, days_ago=5)
        service.orders("zoe", 8, days_ago=0, total_minor=200_000)
        service.orders("walter", 3, days_ago=200)
        service.apply_all()
        for contact_id, csat in (("ximena", 5), ("yolanda", 5), ("walter", 1)):
            service.opinion(contact_id, csat)
        service.apply_all()
        first = {
            ("caminos", "ximena", "oferta especial"): 1,
            ("caminos", "yolanda", "gracias"): 1,
            ("campeones", "zoe", "oferta exclusiva"): 1,
            ("rescate", "walter", "queremos ayudarte"): 1,
        }
        plant.until(lambda: service.messages() == Counter(first), 60)
        service.forward(timedelta(days=30, hours=14))
        incentive = ("incentivo", "quique", INCENTIVE)
        plant.until(lambda: incentive in service.messages(), 90)
        service.forward(timedelta(days=1))
        plant.spend(4)
        assert set(service.messages().values()) == {1}
        [sent] = [a for a in service.actions() if a["contact_id"] == "quique" and a["kind"] == "webhook"]
        local_hour = (sent["triggered_at"] % DAY_MS) // HOUR_MS - 3
        assert local_hour == 10, "the account's hour in Sao Paulo"
        assert sent["personal"]["name"] == "Quique"


def test_every_action_is_emitted_once_wherever_the_agent_ends(
    start_broker: StartBroker, tmp_path: Path
) -> None:
    clock = tmp_path / "clock"
    with Plant(start_broker(), tmp_path, LATIDO_CLOCK_FILE=str(clock)) as plant:
        service = Service(plant, clock)
        steps = [{"kind": "message", "endpoint": "hook", "channel": None, "template": None}]
        by_rule = {"rules": [{"field": "orders", "operator": ">=", "value": 1}]}
        service.automate("rule", trigger={"kind": "rule", "rule": by_rule}, steps=steps)
        service.automate(
            "segment", trigger={"kind": "segment_left", "segments": ["no_purchases"]}, steps=steps
        )
        agent = service.start()
        expected: set[tuple[str, str]] = set()
        expected |= _buy(service, "start")
        service.apply_all()
        agent.stop()
        plant.workers.all.remove(agent)
        try:
            for point, nth in POINTS:
                expected |= _buy(service, f"{point}-{nth}")
                plant.apply_all(120)
                agent.with_settings(LATIDO_CRASH_AT=f"{point}:{nth}")
                agent.start()
                assert agent.wait(60) == ExitCode.CRASH_POINT, f"{point}\n{agent.log.read_text()[-2000:]}"
        finally:
            plant.workers.all.append(agent)
        agent.with_settings(LATIDO_CRASH_AT="")
        agent.start()
        service.apply_all()
        sent = Counter(
            (a["automation_id"], a["contact_id"]) for a in service.actions() if a["kind"] == "webhook"
        )
        assert set(sent.values()) == {1}
        assert set(sent) == expected


def _buy(service: Service, wave: str) -> set[tuple[str, str]]:
    contacts = [f"{wave}-{number}" for number in range(40)]
    for contact_id in contacts:
        service.orders(contact_id, 1, days_ago=3)
    service.shop.flush()
    return {(automation, contact_id) for automation in ("rule", "segment") for contact_id in contacts}


def _automate_seed_b(service: Service) -> None:
    service.automate("incentivo", trigger={"kind": "silence", "days": 30}, steps=[_message(INCENTIVE)])
    special = {"rules": [{"field": "days_since_last", "operator": ">", "value": 90}]}
    paths = [{"when": special, "steps": [_message("oferta especial")]}]
    branch = {"kind": "branch", "paths": paths, "else": [_message("gracias")]}
    service.automate("caminos", trigger={"kind": "sentiment", "sentiment": "positive"}, steps=[branch])
    champions = {"kind": "segment_entered", "segments": ["champions"]}
    service.automate("campeones", specialist=True, trigger=champions, steps=[_message("oferta exclusiva")])
    unhappy = {
        "combinator": "and",
        "rules": [
            {"field": "segment", "operator": "in", "value": ["at_risk", "cant_lose"]},
            {"field": "sentiment", "operator": "=", "value": "negative"},
        ],
    }
    rescue = {"kind": "rule", "rule": unhappy}
    service.automate("rescate", specialist=True, trigger=rescue, steps=[_message("queremos ayudarte")])


def _message(template: str) -> dict[str, Any]:
    return {"kind": "message", "endpoint": "hook", "channel": "whatsapp", "template": template}
