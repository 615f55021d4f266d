"""A copy of an account that really lives through a month: both agents, fold and glue, without a broker."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.keys import contact_key
from schemas.records import Topic
from schemas.rehearsal import Outcome, Past, PastContact, PastPurchase, PastTalk
from streams.agents.activity import INPUTS, Activity
from streams.agents.automation_inputs import INPUTS as HEARD
from streams.agents.limit import BadShare
from streams.engine.contract import Chunk, Output, Record
from streams.rfm.calendar import DAY_MS, HOUR_MS, Calendar
from tests.unit.automations.desk import CODEC, METRICS, Desk, Told, entered, message, rule

Event = PastPurchase | PastTalk
Decided = tuple[str, str, str, str | None, int]
"""Automation, contact, kind, reason, when its visit was triggered."""

SPAN = 30
HOOK = [message()]
ARMS = [{"name": "A", "weight": 2, "steps": HOOK}, {"name": "B", "weight": 1, "steps": [{"kind": "nothing"}]}]
AUTOMATIONS: dict[str, dict[str, Any]] = {
    "a1": {"trigger": entered("at_risk", "need_attention", "about_to_sleep"), "steps": HOOK},
    "a2": {"trigger": {"kind": "segment_left", "segments": ["no_purchases"]}, "steps": HOOK},
    "a3": {"trigger": {"kind": "silence", "days": 14}, "steps": HOOK, "holdout_percent": 30},
    "a4": {"trigger": {"kind": "rule", "rule": rule("orders", ">=", 3)}, "steps": HOOK, "exit": "never"},
    "a5": {
        "trigger": {"kind": "sentiment", "sentiment": "negative"},
        "steps": [{"kind": "wait_for_purchase", "days": 4, "bought": HOOK, "silent": [{"kind": "nothing"}]}],
        "reentry": {"kind": "always"},
    },
    "a6": {
        "trigger": {"kind": "forecast", "days": 5, "segments": []},
        "audience": {"of": "all", "origin": "fair", "rule": None, "rule_id": None},
        "steps": [{"kind": "wait", "days": 2}, {"kind": "tag", "tag": "warned"}],
        "reentry": {"kind": "after", "days": 7},
    },
    "a8": {
        "trigger": {"kind": "segment_left", "segments": ["champions", "loyal", "promising"]},
        "steps": [{"kind": "split", "name": "x", "arms": ARMS}],
    },
    "a7": {"trigger": {"kind": "rule", "rule": rule("days_since_last", ">", 20)}, "steps": HOOK},
}
"""One of every trigger, with waits, holdout, quiet hours and caps in play."""
CUTS = {"r": [10, 20, 40, 80], "f": [1, 2, 3, 4], "m": [2_000, 4_000, 8_000, 16_000]}
OTHER_CUTS = {"r": [7, 14, 21, 60], "f": [1, 2, 4, 6], "m": [1_000, 5_000, 9_000, 20_000]}
"""The candidate."""


@dataclass
class Story:
    """What some contacts did: orders and ratings before and within the span, never two of one at once."""

    zone: str
    since_ms: int
    orders: list[PastPurchase] = field(default_factory=list)
    talks: list[PastTalk] = field(default_factory=list)
    days: int = SPAN

    @property
    def until_ms(self) -> int:
        """Noon of the last day."""
        return self.since_ms + self.days * DAY_MS + 12 * HOUR_MS

    def past(self) -> Past:
        """As the monitor reads it from its tables."""
        calendar = Calendar(self.zone)
        contacts = []
        for contact_id in contacts_of(self):
            mine = [o for o in self.orders if o.contact_id == contact_id and o.at_ms < self.since_ms]
            days = [calendar.day_of(o.at_ms) for o in mine]
            sums = len(mine), sum(one.net_minor for one in mine)
            first, last = min(days, default=None), max(days, default=None)
            contacts.append(PastContact(contact_id, first, last, *sums, **origin_and_consent(contact_id)))
        purchases = [one for one in self.orders if one.at_ms >= self.since_ms]
        return Past(self.since_ms, self.until_ms, contacts, purchases, self.talks)


def contacts_of(story: Story) -> list[str]:
    """Everybody, also who does nothing."""
    events: list[Event] = [*story.orders, *story.talks]
    return sorted({one.contact_id for one in events} | {"quiet"})


def origin_and_consent(contact_id: str) -> dict[str, Any]:
    """Who may be written to, and where from: by the name."""
    number = sum(contact_id.encode())
    return {
        "origin": "fair" if number % 3 else None,
        "tags": ("vip",) if number % 4 == 0 else (),
        "consent": ("whatsapp",) if number % 5 else (),
    }


def draw(
    seed: int, zone: str, since_ms: int, people: int = 40, days: int = SPAN, hours: Sequence[int] = ()
) -> Story:
    """A story by chance; within the span things happen at any time of day, or at full `hours` only."""
    chance, calendar = random.Random(seed), Calendar(zone)
    story, taken = Story(zone, since_ms, days=days), set()
    first = calendar.day_of(since_ms)
    for number in range(people):
        contact_id = f"c{number}"
        for n in range(chance.randrange(0, 9)):
            day = first - chance.randrange(1, 90) if chance.random() < 0.5 else first + chance.randrange(days)
            at_ms = calendar.start_of(day) + chance.randrange(1, 20 * 3_600) * 1_000
            if hours:
                at_ms = calendar.instant_of(day, chance.choice(hours))
            if (contact_id, at_ms // HOUR_MS) in taken:
                continue
            taken.add((contact_id, at_ms // HOUR_MS))
            if chance.random() < 0.75:
                story.orders.append(
                    PastPurchase(contact_id, f"{contact_id}-{n}", at_ms, chance.randrange(500, 25_000))
                )
            else:
                told = chance.choice((-1, 0, 1, None))
                story.talks.append(PastTalk(contact_id, f"{contact_id}-{n}", at_ms, day, told))
    return story


class Copy:
    """The account `acme`, its history loaded on the eve, its automations active from midnight on."""

    def __init__(self, story: Story, cuts: Mapping[str, Sequence[int]], messaging: Mapping[str, Any]) -> None:
        self.story = story
        self.now_ms = story.since_ms - HOUR_MS
        definitions = Told()
        account = {"time_zone": story.zone, "currency": "USD", "cuts": dict(cuts)}
        definitions.define("acme", "account", "acme", account)
        definitions.define("acme", "settings", "messaging", messaging)
        self.desk = Desk(definitions, self.now_ms)
        self._activity = Activity(CODEC, definitions, BadShare(1.0, 10), METRICS, 0, 1)
        self._activity.restored(None, b"", {})
        self._positions = dict.fromkeys((*INPUTS, *HEARD), 0)

    def live(self, automations: Mapping[str, Mapping[str, Any]]) -> Counter[Decided]:
        """Live to the end; what was decided."""
        for contact_id in contacts_of(self.story):
            self._tell(Topic.CONTACTS, "contact", contact_id, **person_of(contact_id, self.now_ms))
        events: list[Event] = [*self.story.orders, *self.story.talks]
        events.sort(key=lambda one: (one.at_ms, one[1]))
        for event in events:
            if event.at_ms < self.story.since_ms:
                self._happen(event, backfill=True)
        for id_, body in automations.items():
            whole = {"name": id_, "status": "active", **body}
            self.desk.definitions.define("acme", "automation", id_, whole, self.story.since_ms)
        for event in events:
            if event.at_ms >= self.story.since_ms:
                self.pass_to(event.at_ms)
                self._happen(event, backfill=False)
        self.pass_to(self.story.until_ms)
        return Counter(
            (a["automation_id"], a["contact_id"], a["kind"], a["reason"], a["triggered_at"])
            for a in self.desk.actions()
        )

    def pass_to(self, instant_ms: int) -> None:
        """Let time pass, stopping wherever something is due in either agent."""
        while (due_ms := min(self._dues())) <= instant_ms:
            self.desk.now_ms = self.now_ms = max(self.now_ms, due_ms)
            self.desk.settle()
            while (due := self._activity.due_ms()) is not None and due <= self.now_ms:
                self._hear(self._activity.step(self.now_ms, dict(self._positions), 1_000))
        self.desk.now_ms = self.now_ms = instant_ms

    def _dues(self) -> list[int]:
        dues = (self._activity.due_ms(), self.desk.fold.due_ms())
        return [due for due in dues if due is not None]

    def _happen(self, event: Event, *, backfill: bool) -> None:
        topic, schema, fields = record_of(event, backfill=backfill)
        self._tell(topic, schema, event.contact_id, **fields)

    def _tell(self, topic: Topic, schema: str, contact_id: str, **fields: Any) -> None:
        record = {"account_id": "acme", "contact_id": contact_id, **fields}
        at = self._positions[topic]
        self._positions[topic] = at + 1
        value = CODEC.encode_one(schema, record)
        chunk = Chunk(
            topic, 0, at, at + 1, [Record(at, self.now_ms, contact_key("acme", contact_id), value, ())]
        )
        self._hear(self._activity.apply(chunk, self.now_ms))

    def _hear(self, outputs: Sequence[Output]) -> None:
        """Hand what the activity wrote to the automations."""
        for output in outputs:
            if output.topic not in HEARD:
                continue
            at = self._positions[output.topic]
            self._positions[output.topic] = at + len(output.keys)
            records = [
                Record(at + i, self.now_ms, key, value, ())
                for i, (key, value) in enumerate(zip(output.keys, output.values, strict=True))
            ]
            chunk = Chunk(output.topic, 0, at, at + len(records), records)
            self.desk.keep(self.desk.fold.apply(chunk, self.now_ms))


def counted(outcomes: Sequence[Outcome]) -> Counter[Decided]:
    """A rehearsal's outcomes as those of a copy."""
    return Counter(
        (one.automation_id, one.contact_id, one.kind.value, one.reason and one.reason.value, one.at_ms)
        for one in outcomes
    )


def record_of(event: Event, *, backfill: bool) -> tuple[Topic, str, dict[str, Any]]:
    """Topic, schema and fields, but for account and contact, of an event as its sender tells it."""
    if isinstance(event, PastPurchase):
        return Topic.ORDERS, "order", {
            "event_id": event.order_id, "order_id": event.order_id, "version": 1, "status": "placed",
            "placed_at": event.at_ms, "updated_at": event.at_ms, "total_minor": event.net_minor,
            "refunded_minor": 0, "currency": "USD", "backfill": backfill,
        }  # fmt: skip
    return Topic.INTERACTIONS, "interaction", {
        "event_id": event.interaction_id, "interaction_id": event.interaction_id, "version": 1,
        "occurred_at": event.at_ms, "updated_at": event.at_ms, "sentiment": event.sentiment,
        "backfill": backfill,
    }  # fmt: skip


def person_of(contact_id: str, at_ms: int) -> dict[str, Any]:
    """Fields of the contact event that makes somebody known, but for account and contact."""
    told = origin_and_consent(contact_id)
    consent = [{"channel": one, "granted": True, "at": None} for one in told["consent"]]
    return {
        "event_id": f"person-{contact_id}", "version": 1, "updated_at": at_ms, "origin": told["origin"],
        "tags": list(told["tags"]), "consent": consent,
    }  # fmt: skip
