"""Everything from ERP events to received webhooks: real processes, and a clock that stands until moved."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from schemas.definitions_topic import Definitions, Edit
from schemas.endpoint import KIND, Limits
from schemas.keys import contact_key
from schemas.records import Topic
from sinks.webhooks.addresses import Rules
from sinks.webhooks.book import EndpointBook
from sinks.webhooks.sealing import Sealer
from sinks.webhooks.settings import SealingSettings
from streams.agents.automation_inputs import INPUTS
from streams.rfm.calendar import DAY_MS, HOUR_MS
from tests.faults.nemesis import Worker
from tests.faults.plant import Plant

ACCOUNT = "ipe"
NEVER_QUIET = {"quiet_from": 0, "quiet_to": 0, "contact_cap": 1_000}
PATIENT = ",".join(["0", *["0.5"] * 60])
"""Attempts for half a minute."""


class Service:
    """A plant with both agents and a dispatcher, processes that are started again whenever they end.

    `clock` is LATIDO_CLOCK_FILE of the plant.
    """

    def __init__(self, plant: Plant, clock: Path, messaging: Mapping[str, Any] = NEVER_QUIET) -> None:
        self.plant = plant
        self.shop = plant.shop
        self._clock = clock
        self._key = clock.with_name("webhooks.key")
        self._versions: Counter[tuple[str, str]] = Counter()
        self.now = datetime.fromtimestamp(self.shop.now_ms / 1000, UTC)
        self.set_clock(self.now)
        self.shop.open_accounts()
        self.define("settings", "messaging", messaging)

    @property
    def now_ms(self) -> int:
        """The instant at which the clock stands."""
        return round(self.now.timestamp() * 1000)

    def set_clock(self, now: datetime) -> None:
        """Move the clock to an instant."""
        self.now = now
        fresh = self._clock.with_suffix(".new")
        fresh.write_text(now.isoformat())
        fresh.replace(self._clock)

    def forward(self, by: timedelta) -> None:
        """Move the clock on."""
        self.set_clock(self.now + by)

    def define(self, kind: str, id_: str, body: Mapping[str, Any]) -> None:
        """Define, or edit what was defined here before."""
        base = self._versions[kind, id_]
        self.shop.define(ACCOUNT, kind, id_, body, base=base, at_ms=self.now_ms)
        self._versions[kind, id_] += 1

    def automate(self, id_: str, **body: Any) -> None:
        """Activate an automation, or edit an active one."""
        self.define("automation", id_, {"name": id_, "status": "active", **body})

    def endpoint(self, name: str, url: str, **limits: float) -> str:
        """Create an endpoint; its secret."""
        definitions = Definitions(self.shop.codec, self.shop.kafka)
        definitions.start()
        try:
            sealer = Sealer.of(SealingSettings(webhooks_key_file=self._key))
            book = EndpointBook(definitions, sealer, Rules(private=True))
            secret = book.create(ACCOUNT, name, url, "", "test")
            definition, endpoint = book.find(ACCOUNT, name)
            body = endpoint.model_copy(update={"limits": Limits.model_validate(limits)}).body()
            definitions.edit(Edit(ACCOUNT, KIND, name, definition.version, "test", self.now_ms, body))
            return secret
        finally:
            definitions.stop()

    def start_activity(self) -> Worker:
        """ERP events in, profiles and changes out."""
        return self.plant.start_worker(LATIDO_GROUP_INSTANCE_ID="activity")

    def start_automations(self) -> Worker:
        """Changes in, actions out."""
        return self.plant.start_worker(LATIDO_AGENT="automations", LATIDO_GROUP_INSTANCE_ID="automations")

    def start_webhooks(self, **settings: str) -> Worker:
        """Actions in, webhooks out."""
        own = {
            # An absent file: its rates and retries need time that passes.
            "LATIDO_CLOCK_FILE": str(self._clock.with_name("passes")),
            "LATIDO_WEBHOOKS_KEY_FILE": str(self._key),
            "LATIDO_WEBHOOKS_ALLOW_PRIVATE": "true",
            "LATIDO_WEBHOOKS_SCHEDULE_SECONDS": PATIENT,
            "LATIDO_SESSION_TIMEOUT_MS": "6000",
        }
        return self.plant.start_worker("streams.cli webhooks", **own, **settings)

    def contact(self, contact_id: str, version: int = 1, **fields: Any) -> None:
        """A contact who may be written to, as `fields` say besides."""
        told = {
            "event_id": f"contact-{contact_id}-{version}", "account_id": ACCOUNT, "contact_id": contact_id,
            "version": version, "updated_at": self.now_ms, "personal": {"name": contact_id.title()},
            "consent": [{"channel": "whatsapp", "granted": True, "at": self.now_ms}], **fields,
        }  # fmt: skip
        value = self.shop.codec.encode_one("contact", told)
        self.shop.send(Topic.CONTACTS, contact_key(ACCOUNT, contact_id), value)

    def orders(
        self, contact_id: str, count: int = 1, *, days_ago: int = 0, total_minor: int = 30_000, **fields: Any
    ) -> None:
        """The ERP tells of purchases."""
        placed_at = self.now_ms - days_ago * DAY_MS - HOUR_MS
        told = {"contact_id": contact_id, "placed_at": placed_at, "total_minor": total_minor}
        for _ in range(count):
            self.shop.send_order(self.shop.order(**told, updated_at=self.now_ms, **fields))

    def opinion(self, contact_id: str, csat: int) -> None:
        """A contact rates us."""
        told = {
            "event_id": f"csat-{contact_id}-{csat}", "account_id": ACCOUNT, "contact_id": contact_id,
            "interaction_id": f"i-{contact_id}-{csat}", "version": 1, "occurred_at": self.now_ms,
            "updated_at": self.now_ms, "csat": csat,
        }  # fmt: skip
        value = self.shop.codec.encode_one("interaction", told)
        self.shop.send(Topic.INTERACTIONS, contact_key(ACCOUNT, contact_id), value)

    def apply_all(self) -> None:
        """Wait until both agents have applied everything."""
        self.plant.apply_all(180)
        self.plant.until(lambda: self.plant.log.is_applied("automations", INPUTS), 180)

    def actions(self) -> Iterator[dict[str, Any]]:
        """Everything decided, read committed."""
        return self.plant.decoded(Topic.AUTOMATION_ACTIONS, "automation_action")

    def sent(self) -> Counter[tuple[str, str]]:
        """How often each (automation, contact) was sent a webhook."""
        return Counter(
            (a["automation_id"], a["contact_id"]) for a in self.actions() if a["kind"] == "webhook"
        )

    def states(self) -> dict[str, str]:
        """Where the delivery of every action stands, by its id."""
        attempts = self.plant.decoded(Topic.WEBHOOK_ATTEMPTS, "webhook_attempt")
        return {one["action_id"]: one["state"] for one in attempts}


def message(template: str | None = None, endpoint: str = "hook", channel: str | None = "whatsapp") -> Any:
    """A message step; without a channel a plain webhook."""
    return {"kind": "message", "endpoint": endpoint, "channel": channel, "template": template}


def on_rule(*conditions: tuple[str, str, Any], combinator: str = "and") -> dict[str, Any]:
    """The trigger of a rule that becomes true."""
    rules = [{"field": field, "operator": operator, "value": value} for field, operator, value in conditions]
    return {"kind": "rule", "rule": {"combinator": combinator, "rules": rules}}
