"""Agent and dispatcher die again and again while receivers misbehave: every action has one fate."""

import json
import random
import signal
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from schemas.records import Topic
from tests.faults.plant import Plant
from tests.fixtures.kafka import StartBroker
from tests.integration.automation_service import Service, message, on_rule
from tests.integration.webhooks.receiver import (
    Behaviour,
    Receiver,
    answers,
    drips,
    hangs,
    resets,
    some,
    takes,
)

pytestmark = pytest.mark.faults

GOOD: dict[str, Behaviour] = {
    "takes": takes,
    "recovers": some(answers(500)),
    "throttles": some(answers(429, retry_after="1")),
    "wakes": some(hangs),
    "reconnects": some(resets),
}
"""Receivers that take everything in the end; the others never do."""
BAD: dict[str, Behaviour] = {
    "hangs": hangs,
    "drips": drips,
    "fails": answers(500),
    "resets": resets,
    "redirects": answers(302, location="/takes"),
    "gone": answers(410),
}
WAVES, CONTACTS = 6, 8


def test_every_action_has_one_fate_whatever_dies_and_however_receivers_behave(
    start_broker: StartBroker, tmp_path: Path
) -> None:
    dice = random.Random(20261122)
    with Plant(start_broker(), tmp_path) as plant, Receiver(GOOD | BAD) as receiver:
        service = Service(plant, tmp_path / "clock")
        for name in receiver.behave:
            service.endpoint(name, receiver.url(name), timeout_seconds=1)
            steps = [split(message(endpoint=name, channel=None))]
            service.automate(name, trigger=on_rule(("orders", ">=", 1)), steps=steps)
        service.start_activity()
        victims = [service.start_automations(), service.start_webhooks()]
        contacts = []
        for wave in range(WAVES):
            contacts += [f"{wave}-{number}" for number in range(CONTACTS)]
            for contact_id in contacts[-CONTACTS:]:
                service.orders(contact_id)
            service.shop.flush()
            plant.spend(dice.uniform(0.5, 4))
            victims[wave % 2].send(signal.SIGKILL)
        service.apply_all()
        expected = {(name, one) for name in receiver.behave for one in contacts}
        plant.until(lambda: set(service.sent()) == expected, 180)
        assert service.sent() == dict.fromkeys(expected, 1)
        assert told(service, "entered") == told(service, "assigned") == dict.fromkeys(expected, 1)
        assert steps_taken(service, "webhook") == steps_taken(service, "assigned")

        endpoint_of = {a["action_id"]: a["endpoint_id"] for a in service.actions() if a["kind"] == "webhook"}
        good = {id_ for id_, name in endpoint_of.items() if name in GOOD}
        plant.until(lambda: has_fates(service.states(), endpoint_of, good), 240)
        victims[1].stop()
        states = by_state(service.states())
        assert states["delivered"] == good
        assert set().union(*states.values()) == set(endpoint_of)
        letters = Counter(letter_ids(plant))
        assert letters == dict.fromkeys(states["failed"], 1)
        assert {endpoint_of[id_] for id_ in letters} >= {"gone"}
        ends = [one["action_id"] for one in deliveries(plant) if one["state"] != "pending"]
        assert Counter(ends) == dict.fromkeys(states["delivered"] | states["failed"], 1)
        reached = {one.id: json.loads(one.body)["data"] for one in receiver.arrived}
        assert good <= set(reached) <= set(endpoint_of)
        assert all(data["automation_id"] == endpoint_of[id_] for id_, data in reached.items())


def split(step: dict[str, Any]) -> dict[str, Any]:
    """The step in both arms of a split."""
    arms = [{"name": name, "weight": 1, "steps": [step]} for name in ("1", "2")]
    return {"kind": "split", "name": "A/B", "arms": arms}


def told(service: Service, kind: str) -> Counter[tuple[str, str]]:
    """How often something was decided, by automation and contact."""
    return Counter((a["automation_id"], a["contact_id"]) for a in service.actions() if a["kind"] == kind)


def steps_taken(service: Service, kind: str) -> dict[tuple[str, str], str]:
    """The step that stands in the arm of each contact: where it was dealt to, or what it got."""
    return {
        (a["automation_id"], a["contact_id"]): f"1.{a['split_arm']}.1" if a["split_arm"] else a["step"]
        for a in service.actions()
        if a["kind"] == kind
    }


def has_fates(states: dict[str, str], endpoint_of: dict[str, str], good: set[str]) -> bool:
    """Whether all actions are known, and those of good receivers have arrived."""
    return states.keys() == endpoint_of.keys() and all(states[id_] == "delivered" for id_ in good)


def by_state(states: dict[str, str]) -> dict[str, set[str]]:
    """Ids by state."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for id_, state in states.items():
        found[state].add(id_)
    return found


def letter_ids(plant: Plant) -> list[str]:
    """Ids of the actions that became dead letters."""
    codec = plant.shop.codec
    letters = plant.decoded(Topic.DEAD_LETTERS, "dead_letter")
    return [codec.decode_one("automation_action", one["value"])["action_id"] for one in letters]


def deliveries(plant: Plant) -> list[dict[str, Any]]:
    """The delivery log."""
    return list(plant.decoded(Topic.WEBHOOK_DELIVERIES, "webhook_delivery"))
