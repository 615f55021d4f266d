"""Conditions of rules become true by ERP events and by time, through both agents: each fires, once."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.records import Topic
from tests.faults.plant import Plant
from tests.fixtures.kafka import StartBroker
from tests.integration.automation_service import Service, message, on_rule

pytestmark = pytest.mark.faults

Event = Callable[[Service, str], None]

BY_EVENTS: dict[str, tuple[tuple[str, str, Any], Event]] = {
    "segment": (
        ("segment", "=", "champions"),
        lambda service, contact: service.orders(contact, 8, total_minor=200_000),
    ),
    "scores": (("f", ">=", 2), lambda service, contact: service.orders(contact)),
    "value": (("v", ">=", 4), lambda service, contact: service.orders(contact, total_minor=200_000)),
    "revenue": (
        ("revenue_minor", ">", 40_000),
        lambda service, contact: service.orders(contact, total_minor=20_000),
    ),
    "orders": (("orders", ">=", 2), lambda service, contact: service.orders(contact)),
    "days": (("days_since_last", "<", 2), lambda service, contact: service.orders(contact)),
    "sentiment": (("sentiment", "=", "negative"), lambda service, contact: service.opinion(contact, 1)),
    "origin": (
        ("origin", "=", "feria"),
        lambda service, contact: service.contact(contact, 3, origin="feria"),
    ),
    "tags": (("tags", "contains", "vip"), lambda service, contact: service.contact(contact, 3, tags=["vip"])),
}
"""By the name of automation and contact: a condition, and what makes it true of the contact."""
BY_TIME = {"silent": ("days_since_last", ">", 60), "about_to": ("days_until_next_segment", "<=", 29)}


def test_each_field_fires_once_and_so_does_time(start_broker: StartBroker, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    with Plant(start_broker(), tmp_path, LATIDO_CLOCK_FILE=str(clock)) as plant:
        service = Service(plant, clock)
        service.start_activity()
        service.start_automations()
        names = [*BY_EVENTS, *BY_TIME]
        for name in names:
            service.contact(name, origin="web")
            service.orders(name, days_ago=59)
        service.apply_all()
        conditions = {name: condition for name, (condition, _) in BY_EVENTS.items()} | BY_TIME
        for name, condition in conditions.items():
            service.automate(
                name,
                trigger=on_rule(condition),
                steps=[message(channel=None)],
                reentry={"kind": "always"},
                exit="never",
            )
        seen = on_rule(("tags", "contains", "vip"))
        service.automate("label", trigger=seen, steps=[{"kind": "tag", "tag": "seen"}])
        labelled = on_rule(("tags", "contains", "seen"))
        service.automate("labelled", trigger=labelled, steps=[message(channel=None)])
        for name in names:
            service.contact(name, 2, origin="web", tags=["new"])
        service.apply_all()
        plant.spend(2)
        assert not service.sent(), "what held already, or does not hold yet, fires nothing"

        for name, (_, happens) in BY_EVENTS.items():
            happens(service, name)
        service.apply_all()
        fired = {(name, name) for name in BY_EVENTS} | {("labelled", "tags")}
        plant.until(lambda: fired <= set(service.sent()), 120)
        for name, days in (("silent", 2), ("about_to", 1)):
            service.forward(timedelta(days=days))
            plant.until(lambda name=name: (name, name) in service.sent(), 120)  # type: ignore[misc] # a default
        service.forward(timedelta(days=1))
        plant.spend(5)
        sent = service.sent()
        assert set(sent.values()) == {1}, sent
        profiles = plant.decoded(Topic.CONTACT_PROFILES, "contact_profile")
        last = {profile["contact_id"]: profile for profile in profiles}["tags"]
        assert (last["tags"], last["added_tags"]) == (["seen", "vip"], ["seen"])
        drift = plant.assert_exact()
        assert drift.superseded == len(names) + 2, "older snapshots; what was tagged is in force"
