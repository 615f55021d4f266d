"""Effects of the fold to records: columns by columns, last value per key."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.cloudevents import block_headers
from schemas.codec import Codec
from schemas.columnwriter import Column
from schemas.keys import contact_key, member_key
from schemas.records import Topic
from streams.agents.intake import Intake, Letter
from streams.engine.contract import Headers, Output, Record
from streams.rfm.changes import Change, Milestone, Step
from streams.rfm.contact import Contact
from streams.rfm.effects import Effects
from streams.rfm.interactions import Interaction, sentiment
from streams.rfm.orders import Order
from streams.rfm.people import Card, joined
from streams.rfm.state import AccountState

GENERATION_SHIFT = 40

_LEDGER_PAYLOAD = ("order_id", "version", "updated_at", "event_id", "status", "placed_at", "total_minor",
                   "refunded_minor", "currency", "number", "channel", "items")  # fmt: skip

_TALK_PAYLOAD = ("interaction_id", "version", "updated_at", "event_id", "occurred_at", "channel", "kind",
                 "stars", "csat", "nps", "sentiment_model")  # fmt: skip
MOST_TEXT = 10_000


class Writer:
    """Encodes effects for one partition. `floor` is generation << 40, added to every sequence."""

    def __init__(self, codec: Codec, generation: int) -> None:
        self._codec = codec
        self._floor = generation << GENERATION_SHIFT

    def profiles(
        self, touched: Sequence[Contact] | Mapping[Contact, bool], states: Mapping[str, AccountState]
    ) -> Output:
        """contact-profiles.v1: one record a contact. A mapping says of whom there is news."""
        contacts = list(touched)
        live = list(touched.values()) if isinstance(touched, Mapping) else [False] * len(contacts)
        columns: dict[str, Sequence[object]] = {
            "account_id": [c.account_id for c in contacts],
            "contact_id": [c.id for c in contacts],
            "sequence": [c.sequence + self._floor for c in contacts],
            "first_order_day": [c.days[0] if c.days else None for c in contacts],
            "last_order_day": [c.days[-1] if c.days else None for c in contacts],
            "orders": [c.orders for c in contacts],
            "revenue_minor": [c.revenue_minor for c in contacts],
            "currency": [states[c.account_id].account.currency for c in contacts],
            "r": [c.r for c in contacts],
            "f": [c.f for c in contacts],
            "m": [c.m for c in contacts],
            "segment": [c.segment for c in contacts],
            "model_version": [c.model_version for c in contacts],
            "scored_day": [c.scored_day for c in contacts],
            "boundary_day": [c.boundary_day for c in contacts],
            "next_segment": [c.next_segment for c in contacts],
            "next_segment_day": [c.next_segment_day for c in contacts],
            "changes": [c.changes for c in contacts],
            "interactions": [c.interactions for c in contacts],
            "changed_at": [c.changed_at_ms for c in contacts],
            "removed": [c.removed for c in contacts],
            "live": live,
        }
        if any(c.card for c in contacts):
            columns |= _card_columns([c.card for c in contacts])
        if any(c.added_tags for c in contacts):
            columns["added_tags"] = [list(c.added_tags) or None for c in contacts]
            columns["tags"] = [joined(c.card.tags if c.card else None, c.added_tags) for c in contacts]
        if any(c.sentiment_weight for c in contacts):
            columns |= _sentiment_columns(contacts)
        keys = [contact_key(c.account_id, c.id) for c in contacts]
        return Output("contact-profiles.v1", keys, list(self._codec.encode_block("contact_profile", columns)))

    def orders(self, effects: Effects, intake: Intake[Order]) -> Output:
        """contact-orders.v1: the winning snapshots, as they came, with what they count for."""
        contacts = [contact for contact, _ in effects.orders]
        ids = [order_id for _, order_id in effects.orders]
        entries = [contact.ledger[order_id] for contact, order_id in effects.orders]
        rows = [order.row for order in effects.orders.values()]
        columns: dict[str, Column] = {
            **intake.decoded.gather(_LEDGER_PAYLOAD, rows),
            "account_id": [c.account_id for c in contacts],
            "contact_id": [c.id for c in contacts],
            "sequence": [c.sequence + self._floor for c in contacts],
            "day": [e.day for e in entries],
            "counted": [e.counted for e in entries],
            "net_minor": [e.net_minor for e in entries],
        }
        keys = [member_key(c.account_id, c.id, i) for c, i in zip(contacts, ids, strict=True)]
        return Output("contact-orders.v1", keys, list(self._codec.encode_block("contact_order", columns)))

    def interactions(self, effects: Effects, intake: Intake[Interaction]) -> Output:
        """contact-interactions.v1: the versions in force, as they came."""
        talks = [contact.talks[i] for contact, i in effects.talks]
        rows = [event.row for event in effects.talks.values()]
        columns: dict[str, Column] = {
            **intake.decoded.gather(_TALK_PAYLOAD, rows),
            "text": [text and text[:MOST_TEXT] for text in intake.decoded.gather(("text",), rows)["text"]],
            "account_id": [contact.account_id for contact, _ in effects.talks],
            "contact_id": [contact.id for contact, _ in effects.talks],
            "sequence": [contact.sequence + self._floor for contact, _ in effects.talks],
            "day": [talk.day for talk in talks],
            "sentiment": [talk.sentiment for talk in talks],
        }
        keys = [member_key(contact.account_id, contact.id, i) for contact, i in effects.talks]
        values = self._codec.encode_block("contact_interaction", columns)
        return Output("contact-interactions.v1", keys, list(values))

    def days(self, effects: Effects) -> list[Output]:
        """contact-days.v1: rows that stand, then tombstones of days on which nothing is left."""
        standing: list[tuple[Contact, int, int, int, int | None]] = []
        gone: list[tuple[Contact, int]] = []
        for contact, day in effects.days:
            row = contact.day_row(day)
            if row is None:
                gone.append((contact, day))
            else:
                standing.append((contact, day, *row))
        columns: dict[str, Sequence[object]] = {
            "account_id": [row[0].account_id for row in standing],
            "contact_id": [row[0].id for row in standing],
            "day": [row[1] for row in standing],
            "sequence": [row[0].sequence + self._floor for row in standing],
            "prev_day": [row[4] for row in standing],
            "orders": [row[2] for row in standing],
            "revenue_minor": [row[3] for row in standing],
        }
        keys = [member_key(row[0].account_id, row[0].id, str(row[1])) for row in standing]
        outputs = [Output("contact-days.v1", keys, list(self._codec.encode_block("contact_day", columns)))]
        if gone:
            outputs.append(self.tombstones("contact-days.v1", [(c, str(day)) for c, day in gone]))
        return outputs

    def changes(self, changes: Sequence[Change]) -> Output:
        """segment-changes.v1, in the order of happening."""
        columns = dict(zip(Change._fields, zip(*changes, strict=True), strict=True))
        return self._public(Topic.SEGMENT_CHANGES, "segment_change", columns)

    def milestones(self, milestones: Sequence[Milestone]) -> Output:
        """milestones.v1."""
        columns = dict(zip(Milestone._fields, zip(*milestones, strict=True), strict=True))
        return self._public(Topic.MILESTONES, "milestone", columns)

    def _public(self, topic: Topic, schema: str, columns: Mapping[str, Sequence[Any]]) -> Output:
        """Events that others subscribe to, with the headers of CloudEvents."""
        accounts, contacts = columns["account_id"], columns["contact_id"]
        keys = [contact_key(*pair) for pair in zip(accounts, contacts, strict=True)]
        values: list[bytes | None] = list(self._codec.encode_block(schema, columns))
        told = block_headers(topic, columns["event_id"], accounts, contacts, columns["occurred_at"])
        return Output(topic, keys, values, list(told))

    def steps(
        self, steps: Sequence[tuple[Step, Mapping[str, int]]], definitions_offset: int, now_ms: int
    ) -> Output:
        """clock.v1: each step with the positions after which it holds."""
        values: list[bytes | None] = [
            self._codec.encode_one(
                "clock_step",
                {
                    **step._asdict(),
                    "positions": [{"topic": t, "offset": o} for t, o in sorted(positions.items())],
                    "definitions_offset": definitions_offset,
                    "applied_at": now_ms,
                },
            )
            for step, positions in steps
        ]
        return Output("clock.v1", [step.account_id.encode() for step, _ in steps], values)

    def letters(
        self, topic: str, partition: int, records: Sequence[Record], letters: Sequence[Letter]
    ) -> Output:
        """dead-letters.v1: position, reason, and the record as it was."""
        keys: list[bytes] = []
        values: list[bytes | None] = []
        for letter in letters:
            record = records[letter.position]
            keys.append(f"{topic}|{partition}|{record.offset}".encode())
            letter_fields = {
                "topic": topic,
                "partition": partition,
                "offset": record.offset,
                "timestamp": record.timestamp_ms,
                "reason": letter.reason.value,
                "detail": letter.detail,
                "account_id": letter.account_id,
                "key": record.key,
                "value": record.value,
                "headers": [{"name": name, "value": value} for name, value in record.headers],
            }
            values.append(self._codec.encode_one("dead_letter", letter_fields))
        return Output("dead-letters.v1", keys, values)

    def tombstones(self, topic: str, members: Sequence[tuple[Contact, str]]) -> Output:
        """Deletions of orders, interactions or days; their sequence is in a header."""
        headers: list[Headers] = [[("sequence", str(c.sequence + self._floor).encode())] for c, _ in members]
        keys = [member_key(contact.account_id, contact.id, member) for contact, member in members]
        return Output(topic, keys, [None] * len(members), headers)


def _card_columns(cards: Sequence[Card | None]) -> dict[str, Sequence[Any]]:
    origin_stamps = [card.origin_stamp if card else None for card in cards]
    return {
        "origin": [card.origin if card else None for card in cards],
        "tags": [card.tags if card else None for card in cards],
        "consent": [card.consent if card else None for card in cards],
        "personal": [card.personal if card else None for card in cards],
        "contact_version": [card.stamp[0] if card else None for card in cards],
        "contact_updated_at": [card.stamp[1] if card else None for card in cards],
        "contact_event_id": [card.stamp[2] if card else None for card in cards],
        "origin_version": [stamp[0] if stamp else None for stamp in origin_stamps],
        "origin_updated_at": [stamp[1] if stamp else None for stamp in origin_stamps],
        "origin_event_id": [stamp[2] if stamp else None for stamp in origin_stamps],
    }


def _sentiment_columns(contacts: Sequence[Contact]) -> dict[str, Sequence[Any]]:
    pairs = [(c.sentiment_sum, c.sentiment_weight) for c in contacts]
    return {
        "sentiment": [sentiment(*pair) for pair in pairs],
        "sentiment_mean": [total / weights if weights else None for total, weights in pairs],
        "sentiment_sum": [_signed_bytes(total) if weights else None for total, weights in pairs],
        "sentiment_weight": [_signed_bytes(weights) if weights else None for _, weights in pairs],
    }


def _signed_bytes(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)
