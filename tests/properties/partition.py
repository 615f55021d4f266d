"""One partition of the real agent without a broker: what it writes is kept as its topics would keep it."""

import json
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from schemas.codec import default_codec
from schemas.definitions import DefinitionLog
from schemas.keys import contact_key
from schemas.metrics import Metrics
from streams.agents.activity import CHANGELOGS, INPUTS, Activity
from streams.agents.limit import BadShare
from streams.agents.restoring import Restoring
from streams.definitions.accounts import Accounts
from streams.engine.contract import Chunk, Output, Record
from streams.rfm.interactions import Interaction
from streams.rfm.model import WEIGHT_SCALE, ScoringModel
from streams.rfm.orders import Order
from streams.rfm.people import Person
from streams.rfm.segment_map import recency_frequency_map
from tests.properties.strategies import Coming, Event, History, Passing, Remodelling, Removing

CODEC = default_codec()
METRICS = Metrics()
SILENCES = (1, 30, 31, 90)
EVERYONE = 1_000_000
EVENING_MS = 20 * 3_600_000


class Unplugged(Accounts):
    """Definitions that are told instead of read."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._definitions = DefinitionLog()
        self._first_models, self._models, self._accounts, self._milestones = {}, {}, {}, {}

    def define(self, account_id: str, kind: str, id_: str, body: Mapping[str, Any], at_ms: int = 0) -> None:
        """The next version of a definition."""
        base = self._definitions.version(account_id, kind, id_)
        record = {
            "account_id": account_id, "kind": kind, "id": id_, "version": base + 1, "base_version": base,
            "author": "test", "at": at_ms, "deleted": False, "body": json.dumps(body),
        }  # fmt: skip
        self._definitions.apply(record, self._definitions.next_offset)
        self.on_accepted(account_id, kind)


class Partition:
    """The agent with its inputs' positions and the topics it wrote."""

    def __init__(self, definitions: Unplugged) -> None:
        self.definitions = definitions
        self.fold = self._fresh()
        self.positions = dict.fromkeys(INPUTS, 0)
        self.fold.restored(None, b"", self.positions)
        self.topics: dict[str, list[tuple[bytes | None, bytes | None]]] = defaultdict(list)

    def _fresh(self) -> Activity:
        return Activity(CODEC, self.definitions, BadShare(1.0, 1_000), METRICS, 0, 1)

    def take(self, account_id: str, events: Iterable[Coming | Removing], now_ms: int) -> None:
        """Apply events of one topic as one chunk."""
        records: list[Record] = []
        topic = ""
        for event in events:
            topic, value = _encode(account_id, event)
            offset = self.positions[topic] + len(records)
            key = contact_key(account_id, event.contact_id)
            records.append(Record(offset, event.arrived_at_ms, key, value, ()))
        start, end = self.positions[topic], self.positions[topic] + len(records)
        self.positions[topic] = end
        self._keep(self.fold.apply(Chunk(topic, 0, start, end, records), now_ms))

    def pass_to(self, now_ms: int, most: int, slices: int | None = None) -> None:
        """Do what is due, `most` contacts at a time, in so many slices."""
        done = 0
        while (due_ms := self.fold.due_ms()) is not None and due_ms <= now_ms and done != slices:
            done += 1
            self._keep(self.fold.step(now_ms, dict(self.positions), most))

    def restarted(self, definitions: Unplugged, compacted: bool) -> "Partition":
        """Another process: restored from what the topics hold."""
        other = Partition(definitions)
        other.fold = other._fresh()
        other.positions = dict(self.positions)
        other.topics = defaultdict(list, {topic: list(kept) for topic, kept in self.topics.items()})
        collector = Restoring(CODEC)
        for topic in CHANGELOGS:
            kept = self.topics[topic]
            if compacted and topic != "clock.v1":
                kept = list({key: (key, value) for key, value in kept}.values())
            for i in range(0, len(kept), 7):
                keys, values = zip(*kept[i : i + 7], strict=True)
                collector.take(topic, keys, values)
        other.fold.restored(collector.collected(), self.fold.memo(), dict(self.positions))
        return other

    def _keep(self, outputs: Sequence[Output]) -> None:
        for output in outputs:
            self.topics[output.topic] += zip(output.keys, output.values, strict=True)

    def decoded(self, topic: str, schema: str) -> list[dict[str, Any]]:
        """Values of a topic, in log order."""
        return [CODEC.decode_one(schema, value) for _, value in self.topics[topic] if value is not None]


def publish(definitions: Unplugged, account_id: str, model: ScoringModel) -> None:
    """Another version of the account's model."""
    body = {
        "cuts": {"r": model.recency_cuts, "f": model.frequency_cuts, "m": model.value_cuts},
        "preset": "rf-10" if model.cells == recency_frequency_map() else "standard-125",
        "value_of": model.value_of.value,
        "interaction_weight": model.interaction_weight / WEIGHT_SCALE,
    }
    definitions.define(account_id, "model", "scoring", body)


def play(
    partition: Partition, history: History, events: Sequence[Event], today: int, slices: int | None = None
) -> int:
    """Play events, each a chunk; the day on which they end.

    After each, so many slices of what is due are done, of two contacts each; None: all of it.
    """
    calendar = history.account.calendar
    for event in events:
        if isinstance(event, Remodelling):
            publish(partition.definitions, history.account.id, event.model)
            continue
        now_ms = calendar.start_of(today) + EVENING_MS
        if isinstance(event, Passing):
            partition.pass_to(now_ms, EVERYONE if slices is None else 2)
            today += event.days
            now_ms = calendar.start_of(today) + EVENING_MS
        else:
            partition.take(history.account.id, [event], now_ms)
        partition.pass_to(now_ms, 2, slices)
    return today


def settle(partition: Partition, history: History, today: int) -> None:
    """Do all that is due."""
    partition.pass_to(history.account.calendar.start_of(today) + EVENING_MS, EVERYONE)


def defined(history: History, events: Iterable[Event]) -> Unplugged:
    """The history's definitions, as they are after some of its events."""
    definitions, account = Unplugged(), history.account
    body = {"time_zone": account.calendar.zone, "currency": account.currency, "language": account.language}
    definitions.define(account.id, "account", account.id, body)
    publish(definitions, account.id, account.model)
    definitions.define(account.id, "milestone", "silence", {"days": SILENCES})
    for event in events:
        if isinstance(event, Remodelling):
            publish(definitions, account.id, event.model)
    return definitions


def _encode(account_id: str, event: Coming | Removing) -> tuple[str, bytes | None]:
    if isinstance(event, Removing):
        return "contacts.v1", None
    fields: dict[str, Any] = {
        "event_id": event.event_id,
        "account_id": account_id,
        "contact_id": event.contact_id,
        "version": event.version,
        "updated_at": event.updated_at_ms,
    }
    if isinstance(event, Order):
        fields |= {
            "order_id": event.order_id, "status": "placed" if event.placed else "cancelled",
            "placed_at": event.placed_at_ms, "total_minor": event.total_minor,
            "refunded_minor": event.refunded_minor, "currency": "USD", "backfill": event.backfill,
        }  # fmt: skip
        return "orders.v1", CODEC.encode_one("order", fields)
    if isinstance(event, Interaction):
        fields |= {
            "interaction_id": event.interaction_id, "occurred_at": event.occurred_at_ms,
            "sentiment": event.sentiment, "backfill": event.backfill,
        }  # fmt: skip
        return "interactions.v1", CODEC.encode_one("interaction", fields)
    assert isinstance(event, Person)
    fields |= {name: getattr(event, name) for name in ("origin", "tags", "consent", "personal", "add_tags")}
    return "contacts.v1", CODEC.encode_one("contact", fields)
