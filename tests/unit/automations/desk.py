"""The agent `automations` over one partition without a broker: what it writes is kept as its topics would."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.codec import default_codec
from schemas.keys import contact_key
from schemas.metrics import Metrics
from schemas.records import Topic
from streams.agents.automation_inputs import INPUTS
from streams.agents.automation_restoring import Restoring
from streams.agents.automations import Automating
from streams.definitions.automations import Automations, _Shelf
from streams.engine.contract import Chunk, Output, Record
from streams.rfm.calendar import DAY_MS, HOUR_MS
from tests.properties.partition import Unplugged

CODEC = default_codec()
METRICS = Metrics()
DAY = 20_000
NOON_MS = DAY * DAY_MS + 12 * HOUR_MS
"""Where every test begins; the account lives in UTC."""

SCHEMAS = {
    Topic.CONTACT_PROFILES: "contact_profile",
    Topic.SEGMENT_CHANGES: "segment_change",
    Topic.MILESTONES: "milestone",
    Topic.WEBHOOK_DELIVERIES: "webhook_delivery",
}


class Told(Unplugged, Automations):
    """Definitions that are told instead of read."""

    def __init__(self) -> None:
        super().__init__()
        self._shelves, self._revisions = defaultdict(_Shelf), defaultdict(int)

    @property
    def next_offset(self) -> int:
        """How much was told."""
        return self._definitions.next_offset

    def catch_up(self) -> None:
        """There is nothing else."""


@dataclass(frozen=True)
class Came:
    """A record that came."""

    topic: str
    contact_id: str
    fields: Mapping[str, Any]

    def value(self) -> bytes:
        """As it stands in its topic."""
        return CODEC.encode_one(SCHEMAS[Topic(self.topic)], {"account_id": "acme", **self.fields})


class Desk:
    """One account, `acme`, and a clock that stands until it is moved."""

    def __init__(self, definitions: Told | None = None, now_ms: int = NOON_MS) -> None:
        self.now_ms = now_ms
        if definitions is None:
            definitions = Told()
            definitions.define("acme", "account", "acme", {"time_zone": "UTC", "currency": "USD"})
        self.definitions = definitions
        self.fold = Automating(CODEC, self.definitions, METRICS, 0, 1)
        self.fold.restored(None, b"", {})
        self.positions = dict.fromkeys(INPUTS, 0)
        self.topics: dict[str, list[tuple[bytes, bytes | None]]] = defaultdict(list)
        self._sequences = iter(range(1, 1_000_000))
        self._changes: dict[str, int] = defaultdict(int)

    def automate(self, id_: str = "a", **body: Any) -> None:
        """An active automation, with a message to WhatsApp unless `body` says otherwise."""
        whole = {"name": id_, "status": "active", "steps": [message()], **body}
        self.definitions.define("acme", "automation", id_, whole, self.now_ms)

    def define(self, kind: str, id_: str, body: Mapping[str, Any]) -> None:
        """Any other definition."""
        self.definitions.define("acme", kind, id_, body, self.now_ms)

    def make_profile(self, contact_id: str = "ana", *, live: bool = True, **fields: Any) -> Came:
        """A profile of a contact who may be written to."""
        whole = {
            "contact_id": contact_id, "segment": "no_purchases", "r": 0, "f": 0, "m": 0, "orders": 0,
            "revenue_minor": 0, "interactions": 0, "changes": self._changes[contact_id],
            "sequence": next(self._sequences), "removed": False, "live": live, "changed_at": self.now_ms,
            "consent": [{"channel": "whatsapp", "granted": True, "at": None}], **fields,
        }  # fmt: skip
        return Came(Topic.CONTACT_PROFILES, contact_id, whole)

    def make_change(
        self, before: str, after: str, contact_id: str = "ana", cause: str = "order", **fields: Any
    ) -> Came:
        """The contact's next segment change."""
        seq = self._changes[contact_id] = self._changes[contact_id] + 1
        whole = {
            "contact_id": contact_id, "seq": seq, "event_id": f"acme|{contact_id}|{seq}",
            "from_segment": before, "to_segment": after, "cause": cause, "occurred_at": self.now_ms,
            "historical": False, **fields,
        }  # fmt: skip
        return Came(Topic.SEGMENT_CHANGES, contact_id, whole)

    def make_milestone(self, days: int, last_day: int, contact_id: str = "ana", **fields: Any) -> Came:
        """So many days of silence."""
        whole = {
            "contact_id": contact_id, "event_id": f"acme|{contact_id}|{last_day}|{days}", "days": days,
            "last_order_day": last_day, "effective_day": last_day + days, "occurred_at": self.now_ms,
            "missed": False, **fields,
        }  # fmt: skip
        return Came(Topic.MILESTONES, contact_id, whole)

    def profile(self, contact_id: str = "ana", **fields: Any) -> None:
        """A profile comes."""
        self.take([self.make_profile(contact_id, **fields)])

    def moved(
        self, before: str, after: str, contact_id: str = "ana", cause: str = "order", **fields: Any
    ) -> None:
        """A contact changes segment: the change comes first, then its profile."""
        change = self.make_change(before, after, contact_id, cause)
        profile = self.make_profile(contact_id, segment=after, **fields)
        self.take([change])
        self.take([profile])

    def take(self, came: Sequence[Came]) -> None:
        """Records of one topic come as one chunk."""
        topic = came[0].topic
        start = self.positions[Topic(topic)]
        records = [
            Record(start + i, self.now_ms, contact_key("acme", one.contact_id), one.value(), ())
            for i, one in enumerate(came)
        ]
        self.positions[Topic(topic)] = start + len(records)
        self.keep(self.fold.apply(Chunk(topic, 0, start, start + len(records), records), self.now_ms))

    def remove(self, contact_id: str = "ana") -> None:
        """A contact is erased."""
        self.profile(contact_id, removed=True, live=False)

    def settle(self) -> None:
        """Do what is due now."""
        while (due_ms := self.fold.due_ms()) is not None and due_ms <= self.now_ms:
            self.keep(self.fold.step(self.now_ms, {}, 100))

    def pass_to(self, now_ms: int) -> None:
        """Let time pass, stopping wherever something is due."""
        while (due_ms := self.fold.due_ms()) is not None and due_ms <= now_ms:
            self.now_ms = max(self.now_ms, due_ms)
            self.keep(self.fold.step(self.now_ms, {}, 100))
        self.now_ms = now_ms

    def pass_days(self, days: int) -> None:
        """So many days later, at the same hour."""
        self.pass_to(self.now_ms + days * DAY_MS)

    def keep(self, outputs: Sequence[Output]) -> None:
        """What was written."""
        for output in outputs:
            self.topics[output.topic] += zip(output.keys, output.values, strict=True)

    def restarted(self, *, compacted: bool = True) -> "Desk":
        """Another process, restored from the topics."""
        other = Desk(self.definitions, self.now_ms)
        other.fold = Automating(CODEC, self.definitions, METRICS, 0, 1)
        kept: list[tuple[bytes, bytes | None]] = self.topics[Topic.CONTACT_AUTOMATIONS]
        if compacted:
            kept = list({key: (key, value) for key, value in kept}.values())
        collector = Restoring()
        for start in range(0, len(kept), 3):
            keys, values = zip(*kept[start : start + 3], strict=True)
            collector.take(Topic.CONTACT_AUTOMATIONS, keys, values)
        other.fold.restored(collector.collected(), self.fold.memo(), {})
        other.positions, other.topics = dict(self.positions), self.topics
        other._sequences, other._changes = self._sequences, self._changes
        return other

    def actions(self) -> list[dict[str, Any]]:
        """Everything decided, in order."""
        return [
            CODEC.decode_one("automation_action", v) for _, v in self.topics[Topic.AUTOMATION_ACTIONS] if v
        ]

    def told(self, *kinds: str) -> list[tuple[str, str | None]]:
        """(kind, reason) of what was decided; of some kinds, if any are given."""
        return [(a["kind"], a["reason"]) for a in self.actions() if not kinds or a["kind"] in kinds]

    def sent(self) -> list[tuple[str, str]]:
        """(automation, contact) of every webhook."""
        return [(a["automation_id"], a["contact_id"]) for a in self.actions() if a["kind"] == "webhook"]

    def records(self, topic: str) -> Iterator[tuple[bytes, bytes | None]]:
        """Keys and values written to a topic."""
        return iter(self.topics[topic])


def message(**more: Any) -> dict[str, Any]:
    """A message step."""
    return {
        "kind": "message",
        "endpoint": "hook",
        "channel": "whatsapp",
        "template": "Hola {{personal.name}}",
        **more,
    }


def rule(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    """A rule of one condition."""
    return {"rules": [{"field": field, "operator": operator, "value": value}]}


def entered(*segments: str, **more: Any) -> dict[str, Any]:
    """The trigger of whoever enters a segment."""
    return {"kind": "segment_entered", "segments": list(segments), **more}
