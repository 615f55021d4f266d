"""Seed B with real processes: ERP orders in, the right message at the receiver, once. Time is driven."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from streams.rfm.calendar import Calendar
from tests.faults.plant import Plant
from tests.fixtures.kafka import StartBroker
from tests.integration.automation_service import Service, message, on_rule
from tests.integration.webhooks.receiver import Receiver

pytestmark = pytest.mark.faults

ZONE, ACCOUNTS_HOUR = "America/Sao_Paulo", 10
INCENTIVE = "¡Hola {{personal.name}}! Hace {{days_since_last}} días desde tu última compra."
INCENTIVE_TO = "¡Hola {}! Hace 30 días desde tu última compra."
SPECIAL, OTHER = "oferta especial", "gracias"
EXCLUSIVE, RESCUE = "oferta exclusiva", "queremos ayudarte"


@pytest.fixture
def service(start_broker: StartBroker, tmp_path: Path) -> Iterator[Service]:
    """Both agents and the dispatcher on a broker of their own."""
    clock = tmp_path / "clock"
    with Plant(start_broker(), tmp_path, LATIDO_CLOCK_FILE=str(clock)) as plant:
        yield Service(plant, clock)


def test_the_right_message_reaches_each_contact_once(service: Service) -> None:
    with Receiver() as receiver:
        secret = service.endpoint("hook", receiver.url("hook"))
        automate(service)
        service.start_activity()
        service.start_automations()
        service.start_webhooks()
        for contact_id in ("quique", "ximena", "yolanda", "zoe", "walter"):
            service.contact(contact_id)
        service.apply_all()
        service.orders("quique")
        service.orders("ximena", days_ago=100)
        service.orders("yolanda", days_ago=5)
        service.orders("zoe", 8, total_minor=200_000)
        service.orders("walter", 3, days_ago=200)
        service.apply_all()
        for contact_id, csat in (("ximena", 5), ("yolanda", 5), ("walter", 1)):
            service.opinion(contact_id, csat)
        service.apply_all()
        at_once = {("ximena", SPECIAL), ("yolanda", OTHER), ("zoe", EXCLUSIVE), ("walter", RESCUE)}
        service.plant.until(lambda: set(heard(receiver)) == at_once, 120)

        due = hour_after(service, days=30)
        service.set_clock(due - timedelta(minutes=1))
        service.plant.spend(5)
        assert set(heard(receiver)) == at_once, "nothing comes before the account's hour"
        service.set_clock(due + timedelta(minutes=1))
        silent = {(name, INCENTIVE_TO.format(name.title())) for name in ("quique", "zoe")}
        service.plant.until(lambda: silent <= set(heard(receiver)), 180)
        service.forward(timedelta(days=1))
        service.plant.spend(5)

        received = heard(receiver)
        assert set(received) == at_once | silent
        assert set(received.values()) == {1}
        for arrived in receiver.arrived:
            Webhook(secret).verify(arrived.body, arrived.headers)
        [told] = [body for body in bodies(receiver) if body["data"]["contact_id"] == "quique"]
        assert datetime.fromisoformat(told["timestamp"]) >= due


def automate(service: Service) -> None:
    """What the seed asks for; success agents are rules on RFV and sentiment."""
    service.automate("incentivo", trigger={"kind": "silence", "days": 30}, steps=[message(INCENTIVE)])
    special = {"rules": [{"field": "days_since_last", "operator": ">", "value": 90}]}
    branch = {
        "kind": "branch",
        "paths": [{"when": special, "steps": [message(SPECIAL)]}],
        "else": [message(OTHER)],
    }
    service.automate("caminos", trigger={"kind": "sentiment", "sentiment": "positive"}, steps=[branch])
    champions = on_rule(("segment", "=", "champions"))
    service.automate("campeones", specialist=True, trigger=champions, steps=[message(EXCLUSIVE)])
    unhappy = on_rule(("segment", "in", ["at_risk", "cant_lose"]), ("sentiment", "=", "negative"))
    service.automate("rescate", specialist=True, trigger=unhappy, steps=[message(RESCUE)])


def hour_after(service: Service, days: int) -> datetime:
    """The account's hour so many days after the purchases of an hour ago."""
    calendar = Calendar(ZONE)
    bought = calendar.day_of(service.now_ms - 3_600_000)
    return datetime.fromtimestamp(calendar.instant_of(bought + days, ACCOUNTS_HOUR) / 1000, UTC)


def bodies(receiver: Receiver) -> list[dict[str, Any]]:
    """What arrived, in order."""
    return [json.loads(one.body) for one in list(receiver.arrived)]


def heard(receiver: Receiver) -> Counter[tuple[str, str]]:
    """How often each (contact, message) arrived under an id of its own."""
    arrived = {one.id: json.loads(one.body)["data"] for one in list(receiver.arrived)}
    return Counter((data["contact_id"], data["message"]) for data in arrived.values())
