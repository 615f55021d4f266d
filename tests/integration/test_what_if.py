"""What-if equals what then happens: the real processes on two copies of a base, beside what its preview said.

Three accounts are fed the same history, loaded on the eve, and then live through the same week, clock
and all, with the same active automations. `base` is asked what another model would do. On `twin`, which stood
under the same model, that model is then published: sizes and moves are those of the preview, and publishing
sets off nothing. `other` stood under it from its beginning: what its automations really decided in these days
is what the preview said would have fired. And what those of `base` decided is what the preview of each said.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from deploy.local.ports import free_port
from schemas.definitions_topic import Definitions
from schemas.keys import contact_key
from schemas.records import Topic
from sinks.monitor.people import add_user
from streams.agents.activity import INPUTS as EVENTS
from streams.agents.automation_inputs import INPUTS as CHANGES
from streams.rfm.calendar import HOUR_MS, Calendar
from streams.verify import VerifyOptions, verify
from tests.faults.plant import PARTITIONS, Plant
from tests.fixtures.kafka import StartBroker
from tests.fixtures.monitor import PASSWORD
from tests.unit.rehearsal.copy import (
    AUTOMATIONS,
    CUTS,
    OTHER_CUTS,
    Event,
    Story,
    contacts_of,
    draw,
    person_of,
    record_of,
)

pytestmark = pytest.mark.faults

BASE, TWIN, OTHER = "base", "twin", "other"
ZONE = "America/Sao_Paulo"
DAYS = 7
HOURS = (11, 22)
"""When something happens; time stops besides at midnight, at the end of quiet hours, and for silences."""
STEPS = (0, 9, 10, *HOURS)
MESSAGING = {"quiet_from": 21, "quiet_to": 9, "contact_cap": 2}
PERSON = "ana@example.com"
Fired = dict[str, tuple[int, int, int, int]]
"""Visits, contacts, revenue in minor units, messages, by automation."""


def test_what_the_preview_says_is_what_then_happens(start_broker: StartBroker, tmp_path: Path) -> None:
    calendar, clock = Calendar(ZONE), tmp_path / "clock"
    today = calendar.day_of(int(datetime.now(UTC).timestamp() * 1000)) - 1
    story = draw(7, ZONE, calendar.start_of(today - DAYS), people=30, days=DAYS, hours=HOURS)
    with Plant(start_broker(), tmp_path, LATIDO_CLOCK_FILE=str(clock), LATIDO_HEARTBEAT_S="0.3") as plant:
        copies = Copies(plant, story, clock)
        copies.live_through(calendar)
        screen = copies.open_screen(tmp_path)
        told = screen.post(BASE, f"model/preview?days={DAYS}", {"cuts": OTHER_CUTS})
        _agree_on_what_fired(copies, screen, told)
        before = Counter(copies.decisions())
        published = screen.post(TWIN, "model", {"cuts": OTHER_CUTS, "base_version": 1})
        assert published["model_version"] == 2
        plant.until(lambda: sum(copies.moves().values()) == told["contacts_moved"], 120)
        copies.settle()
        copies.await_sink(screen.address)
        _agree_on_sizes(copies, screen, told)
        assert Counter(copies.decisions()) == before, "publishing set something off"
        screen.leave()


def _agree_on_what_fired(copies: "Copies", screen: "Screen", told: Mapping[str, Any]) -> None:
    rehearsal = told["rehearsal"]
    assert (rehearsal["one_of"], rehearsal["automations_active"]) == (1, len(AUTOMATIONS))
    for account, which in ((BASE, "now"), (OTHER, "then")):
        fired = copies.fired(account)
        said = {one["automation_id"]: _figures(one[which]) for one in rehearsal["automations"]}
        assert said == {id_: fired.get(id_, (0, 0, 0, 0)) for id_ in AUTOMATIONS}, account
        assert rehearsal[f"automations_{which}"] == sum(1 for one in fired.values() if one[0])
    assert copies.fired(BASE) != copies.fired(OTHER)
    assert sum(one[3] for one in copies.fired(OTHER).values()) > 0
    for id_ in AUTOMATIONS:
        preview = screen.get(BASE, f"automations/{id_}/preview?days={DAYS}")["rehearsal"]
        decided = {(one["kind"], one["reason"]): one["decisions"]["number"] for one in preview["decisions"]}
        assert decided == {
            (kind, reason): n
            for (account, of, kind, reason), n in copies.reasons().items()
            if (account, of) == (BASE, id_)
        }


def _agree_on_sizes(copies: "Copies", screen: "Screen", told: Mapping[str, Any]) -> None:
    sizes = {one["segment"]: one["contacts_then"] for one in told["segments"]}
    for account in (TWIN, OTHER):
        now = screen.get(account, "monitor")["segments"]
        assert {one["segment"]: one["contacts"] for one in now} == sizes, account
    moves = {(one["from"], one["to"]): one["contacts"] for one in told["moves"]}
    assert copies.moves() == {pair: n for pair, n in moves.items() if pair[0] != pair[1]}
    assert told["contacts_moved"] > 3


def _figures(one: Mapping[str, Any]) -> tuple[int, ...]:
    assert all(of["margin"] == 0 for of in one.values())
    return tuple(one[name]["number"] for name in ("entered", "contacts", "revenue_minor", "messages"))


class Copies:
    """Three accounts with one story, and the processes that live through it."""

    def __init__(self, plant: Plant, story: Story, clock: Path) -> None:
        self._plant, self._story, self._clock = plant, story, clock
        self._codec = plant.shop.codec
        self.now_ms = story.since_ms - HOUR_MS
        self._stamp_by_senders()
        self.set_clock(self.now_ms)
        for account, cuts in ((BASE, CUTS), (TWIN, CUTS), (OTHER, OTHER_CUTS)):
            body = {"time_zone": story.zone, "currency": "USD", "cuts": cuts}
            plant.shop.define(account, "account", account, body, at_ms=self.now_ms)
            plant.shop.define(account, "settings", "messaging", MESSAGING, at_ms=self.now_ms)
            for id_, automation in AUTOMATIONS.items():
                active = {"name": id_, "status": "active", **automation}
                plant.shop.define(account, "automation", id_, active, at_ms=story.since_ms)

    def live_through(self, calendar: Calendar) -> None:
        """From the eve to the last evening."""
        for agent in ("activity", "automations"):
            self._plant.start_worker(LATIDO_AGENT=agent, LATIDO_GROUP_INSTANCE_ID=agent)
        self._tell_contacts()
        events: list[Event] = [*self._story.orders, *self._story.talks]
        events.sort(key=lambda one: (one.at_ms, one[1]))
        self._tell([one for one in events if one.at_ms < self._story.since_ms], backfill=True)
        self.settle()
        first = calendar.day_of(self._story.since_ms)
        instants = sorted(calendar.instant_of(first + n, hour) for n in range(DAYS + 1) for hour in STEPS)
        for instant_ms in instants:
            self.set_clock(instant_ms)
            self.settle()
            if happening := [one for one in events if one.at_ms == instant_ms]:
                self._tell(happening, backfill=False)
                self.settle()

    def set_clock(self, instant_ms: int) -> None:
        """Move the clock."""
        self.now_ms = instant_ms
        fresh = self._clock.with_suffix(".new")
        fresh.write_text(datetime.fromtimestamp(instant_ms / 1000, UTC).isoformat())
        fresh.replace(self._clock)

    def settle(self) -> None:
        """Wait until both agents have done all that is due: each says so anew after its last work."""
        self._plant.shop.flush()
        heard = {name: self._last(name) for name in ("activity", "automations")}
        for name, inputs in (("activity", EVENTS), ("automations", CHANGES)):
            self._plant.until(partial(self._is_done, name, inputs, heard[name]), 180)

    def _is_done(self, name: str, inputs: tuple[str, ...], heard: Mapping[int, int]) -> bool:
        """Applied to the end, with three signs of life since that say so as of the present instant."""
        if not self._plant.log.is_applied(name, inputs):
            return False
        marks = self._plant.log.watermarks(name)
        return len(marks) == PARTITIONS and all(
            sum(1 for mark in of[heard.get(n, 0) :] if mark.caught_up_at_ms == self.now_ms) >= 3
            for n, of in marks.items()
        )

    def _last(self, name: str) -> dict[int, int]:
        return {n: len(of) for n, of in self._plant.log.watermarks(name).items()}

    def open_screen(self, folder: Path) -> "Screen":
        """The sink with its monitor, once everything is there, and somebody who is signed in."""
        definitions = Definitions(self._codec, self._plant.shop.kafka)
        definitions.start()
        rights = dict.fromkeys((BASE, TWIN, OTHER), "administrator")
        add_user(
            definitions, email=PERSON, name="Ana", password=PASSWORD, language="en", memberships=rights,
            author="test", at=datetime.fromtimestamp(self.now_ms / 1000, UTC),
        )  # fmt: skip
        definitions.stop()
        port = free_port()
        self._plant.start_worker(
            "streams.cli sink",
            LATIDO_API_PORT=str(port),
            LATIDO_CLICKHOUSE_PATH=str(folder / "clickhouse"),
            LATIDO_SESSION_FILE=str(folder / "sessions.sqlite"),
            LATIDO_WEBHOOKS_KEY_FILE=str(folder / "webhooks.key"),
        )
        address = f"http://127.0.0.1:{port}"
        self._plant.until(lambda: _answers(address), 120)
        self.await_sink(address)
        return Screen(address)

    def await_sink(self, address: str) -> None:
        """Wait for ClickHouse to hold everything; nothing anywhere differs from a recomputation."""
        options = VerifyOptions(sink_url=address, settle_seconds=30, sink_seconds=120)
        assert verify(self._plant.shop.kafka, self._codec, options).total == 0

    def decisions(self) -> Iterator[tuple[str, str, str, str, str | None]]:
        """Account, automation, contact, kind and reason of everything that was decided."""
        for one in self._plant.decoded(Topic.AUTOMATION_ACTIONS, "automation_action"):
            names = ("account_id", "automation_id", "contact_id", "kind", "reason")
            account, automation, contact, kind, reason = (one[name] for name in names)
            yield account, automation, contact, kind, reason

    def reasons(self) -> Counter[tuple[str, str, str, str | None]]:
        """How often what was decided."""
        return Counter((account, of, kind, reason) for account, of, _, kind, reason in self.decisions())

    def fired(self, account: str) -> Fired:
        """What an account's automations really did."""
        spent: Counter[str] = Counter()
        for order in self._story.orders:
            spent[order.contact_id] += order.net_minor
        entered: dict[str, Counter[str]] = defaultdict(Counter)
        messages: Counter[str] = Counter()
        for of, automation, contact, kind, _ in self.decisions():
            if of == account and kind == "entered":
                entered[automation][contact] += 1
            if of == account and kind == "webhook":
                messages[automation] += 1
        return {
            id_: (sum(by.values()), len(by), sum(spent[contact] for contact in by), messages[id_])
            for id_, by in entered.items()
        }

    def moves(self) -> Counter[tuple[str, str]]:
        """From where to where the recalibration took the contacts of the twin."""
        return Counter(
            (one["from_segment"], one["to_segment"])
            for one in self._plant.decoded(Topic.SEGMENT_CHANGES, "segment_change")
            if one["account_id"] == TWIN and one["cause"] == "recalibration"
        )

    def _stamp_by_senders(self) -> None:
        """Let records say themselves when they came: the clock of the story is not the broker's."""
        admin = AdminClient(dict(self._plant.shop.kafka))
        entry = ConfigEntry(
            "message.timestamp.type", "CreateTime", incremental_operation=AlterConfigOpType.SET
        )
        resources = [
            ConfigResource(ResourceType.TOPIC, topic.value, incremental_configs=[entry])
            for topic in (Topic.ORDERS, Topic.INTERACTIONS, Topic.CONTACTS)
        ]
        for done in admin.incremental_alter_configs(resources).values():
            done.result(60)

    def _tell_contacts(self) -> None:
        for contact in contacts_of(self._story):
            self._send(Topic.CONTACTS, "contact", contact, **person_of(contact, self.now_ms))

    def _tell(self, events: list[Event], *, backfill: bool) -> None:
        for one in events:
            topic, schema, fields = record_of(one, backfill=backfill)
            self._send(topic, schema, one.contact_id, **fields)

    def _send(self, topic: Topic, schema: str, contact: str, **fields: Any) -> None:
        for account in (BASE, TWIN, OTHER):
            value = self._codec.encode_one(schema, {"account_id": account, "contact_id": contact, **fields})
            key = contact_key(account, contact)
            self._plant.shop.producer.produce(topic, value, key, timestamp=self.now_ms)


class Screen:
    """Somebody who is signed in, and asks the API."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._client = httpx2.Client(
            base_url=address, headers={"origin": address}, timeout=120, follow_redirects=True
        )
        form = {"csrf": self._token("/sign-in"), "email": PERSON, "password": PASSWORD}
        self._client.post("/sign-in", data=form).raise_for_status()
        self._headers = {"x-csrf-token": self._token("/accounts"), "content-type": "application/json"}

    def leave(self) -> None:
        """Close the browser."""
        self._client.close()

    def get(self, account: str, path: str) -> Any:
        """Read."""
        return self._client.get(self._url(account, path)).raise_for_status().json()

    def post(self, account: str, path: str, body: Mapping[str, Any]) -> Any:
        """Ask with a body, or edit."""
        content = json.dumps(body)
        answer = self._client.post(self._url(account, path), content=content, headers=self._headers)
        return answer.raise_for_status().json()

    def _url(self, account: str, path: str) -> str:
        return f"/api/v1/{path}{'&' if '?' in path else '?'}account={account}"

    def _token(self, page: str) -> str:
        return self._client.get(page).text.partition('data-csrf="')[2].partition('"')[0]


def _answers(address: str) -> bool:
    try:
        return httpx2.get(f"{address}/sign-in", timeout=5).status_code == 200
    except httpx2.TransportError:
        return False
