"""The agent `activity`: orders, interactions, contacts and time in; profiles, ledgers, changes out."""

import logging
import struct
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

from schemas.codec import Codec
from schemas.keys import contact_key, home_of
from schemas.metrics import Metrics, Stage
from schemas.reasons import Reason
from schemas.wire import RegistryUnavailable
from streams.agents import routing
from streams.agents.clockwork import Clockwork
from streams.agents.contacts import Removal, read_contacts
from streams.agents.intake import Intake, Letter
from streams.agents.interactions import read_interactions
from streams.agents.limit import BadShare
from streams.agents.orders import read_orders
from streams.agents.outputs import Writer
from streams.agents.restoring import Restoring, Stored, state_of
from streams.definitions.accounts import Accounts
from streams.engine.contract import Application, Blocked, Chunk, Output, Record
from streams.rfm.account import Account
from streams.rfm.changes import Step
from streams.rfm.effects import Effects, Unsettled
from streams.rfm.fold import PartitionState
from streams.rfm.people import Person
from streams.rfm.state import AccountState

logger = logging.getLogger(__name__)

NAME = "activity"
READERS: dict[str, Callable[[Codec, Sequence[Record], Mapping[str, Account]], Intake[Any]]] = {
    "orders.v1": read_orders,
    "interactions.v1": read_interactions,
    "contacts.v1": read_contacts,
}
INPUTS = (*READERS, routing.REROUTED)
CHANGELOGS = ("clock.v1", "contact-orders.v1", "contact-interactions.v1", "contact-profiles.v1")

MEMO = struct.Struct(">QQ")

Positions = Mapping[str, int]
"""Next offset to read, by input topic."""


@dataclass(slots=True)
class Part:
    """Records of a chunk that first came by one topic, the first of them at place `start` of the chunk."""

    topic: str
    start: int
    records: Sequence[Record]
    intake: Intake[Any]

    def place(self, row: int) -> int:
        """Where the record of a row stands in the chunk."""
        return self.start + self.intake.positions[row]


class Activity:
    """The state of one partition and its way to and from records. See `engine.contract.Fold`."""

    def __init__(
        self,
        codec: Codec,
        definitions: Accounts,
        limit: BadShare,
        metrics: Metrics,
        partition: int,
        partitions: int,
        generation: int = 0,
    ) -> None:
        self._codec = codec
        self._definitions = definitions
        self._limit = limit
        self._metrics = metrics
        self._partition = partition
        self._partitions = partitions
        self._writer = Writer(codec, generation)
        self._state = PartitionState()
        self._positions: dict[str, int] = {}
        self._clockwork = Clockwork(self._state, definitions)
        self._bind()

    def restored(self, collected: Stored | None, memo: bytes, positions: Mapping[str, int]) -> None:
        """Build the state, out of nothing if there is nothing; contacts whose day has come while nobody was
        here are settled first."""
        sequence = 0
        if memo:
            sequence, definitions_offset = MEMO.unpack_from(memo)
            self._limit.unpack(memo[MEMO.size :])
            if self._definitions.next_offset < definitions_offset:
                self._definitions.catch_up()
        if collected is not None:
            self._state = state_of(collected, self._definitions.accounts, self._definitions.models, sequence)
        self._positions = dict(positions)
        self._clockwork = Clockwork(self._state, self._definitions)
        self._bind()

    def _bind(self) -> None:
        self._takers: dict[str, Callable[[AccountState, Any, Effects], None]] = {
            "orders.v1": self._state.apply_order,
            "interactions.v1": self._state.apply_interaction,
            "contacts.v1": self._take_person,
        }

    def memo(self) -> bytes:
        """Sequence of the partition, next offset of definitions, and the share of bad records."""
        return MEMO.pack(self._state.sequence, self._definitions.next_offset) + self._limit.pack()

    def apply(self, chunk: Chunk, now_ms: int) -> list[Output]:
        """Decode, check, fold and encode one chunk."""
        watch = Stopwatch(self._metrics)
        parts = self._read(chunk)
        letters = [
            letter._replace(position=part.start + letter.position)
            for part in parts
            for letter in part.intake.letters
        ]
        self._limit.admit(len(letters), len(chunk.records))
        watch.lap(Stage.DECODE)
        outputs: list[Output] = []
        for part in parts:
            effects = Effects()
            steps, away = self._fold(chunk, part, effects, now_ms)
            letters += [Letter(part.place(row), Reason.FOLD_ERROR, why) for row, why in effects.failed]
            watch.lap(Stage.FOLD)
            outputs += self._encode(effects, steps, now_ms, part)
            outputs += self._forward(chunk, part, away)
            watch.lap(Stage.ENCODE)
            self._count(chunk.topic, part, effects, len(away))
        self._positions[chunk.topic] = chunk.end
        return outputs + self._letters(chunk, letters)

    def refuse(self, chunk: Chunk, now_ms: int) -> list[Output]:
        """Dead-letter a chunk that ends the process."""
        self._limit.admit(len(chunk.records), len(chunk.records))
        self._positions[chunk.topic] = chunk.end
        detail = "folding this record ended the worker's process again and again"
        letters = [Letter(i, Reason.KILLS_PROCESS, detail) for i in range(len(chunk.records))]
        return self._letters(chunk, letters)

    def due_ms(self) -> int | None:
        """The next midnight, milestone hour or new model of any account here."""
        return self._clockwork.due_ms()

    def step(self, now_ms: int, positions: Positions, more: int) -> list[Output]:
        """A slice of what is due."""
        effects = Effects()
        self._clockwork.turn(now_ms, more, effects)
        self._tell_held(effects)
        return self._encode(effects, [(step, positions) for step in effects.steps], now_ms)

    def _tell_held(self, effects: Effects) -> None:
        if not effects.held:
            return
        self._metrics.contacts_held.inc(len(effects.held))
        contact, why = effects.held[0]
        first = f"{contact.account_id}|{contact.id}: {why}"
        logger.error("partition %d holds %d contacts, first %s", self._partition, len(effects.held), first)

    def _read(self, chunk: Chunk) -> list[Part]:
        try:
            parts = self._parts(chunk)
        except RegistryUnavailable as error:
            # Nothing is said about the data: the partition waits, ids that are known go on.
            self._metrics.schema_registry_errors.inc()
            raise Blocked(f"the schema registry does not answer: {error}") from error
        if any(letter.reason is Reason.UNKNOWN_ACCOUNT for part in parts for letter in part.intake.letters):
            self._definitions.catch_up()
            parts = self._parts(chunk)
        return parts

    def _parts(self, chunk: Chunk) -> list[Part]:
        if chunk.topic != routing.REROUTED:
            return [self._part(chunk.topic, 0, chunk.records)]
        arrived = [routing.original(record) for record in chunk.records]
        parts: list[Part] = []
        start = 0
        for topic, run in groupby(arrived, key=itemgetter(0)):
            records = [record for _, record in run]
            parts.append(self._part(topic, start, records))
            start += len(records)
        return parts

    def _part(self, topic: str, start: int, records: Sequence[Record]) -> Part:
        return Part(topic, start, records, READERS[topic](self._codec, records, self._definitions.accounts))

    def _fold(
        self, chunk: Chunk, part: Part, effects: Effects, now_ms: int
    ) -> tuple[list[tuple[Step, Positions]], list[tuple[int, bytes]]]:
        """Fold a part; its steps with their positions, and the rows and keys that belong elsewhere."""
        steps: list[tuple[Step, Positions]] = []
        away: list[tuple[int, bytes]] = []
        states, take = self._state.accounts, self._takers[part.topic]
        foreign = chunk.topic != routing.REROUTED
        self._state.wake((account.id, event.contact_id) for account, _, event in part.intake.events)
        for account, row, event in part.intake.events:
            state = states.get(account.id)
            if state is None or not state.knows(event.contact_id):
                key = contact_key(account.id, event.contact_id)
                if foreign and home_of(key, self._partitions) != self._partition:
                    away.append((row, key))
                    continue
                if isinstance(event, Removal):
                    effects.superseded += 1
                    continue
            offset = 0 if state is not None else chunk.records[part.place(row)].offset
            if state is None:
                state = self._state.open(account, account.calendar.day_of(now_ms), effects)
                self._clockwork.opened(state)
                steps.append((effects.steps[-1], {**self._positions, chunk.topic: offset}))
            try:
                take(state, event, effects)
            except Unsettled as failure:
                effects.failed.append((row, f"{failure}: {failure.__cause__!r}"))
            if len(effects.steps) > len(steps):
                after = chunk.records[part.place(row)].offset + 1
                steps.append((effects.steps[-1], {**self._positions, chunk.topic: after}))
        return steps, away

    def _take_person(self, state: AccountState, event: Person | Removal, effects: Effects) -> None:
        if isinstance(event, Removal):
            self._state.remove(state, event.contact_id, event.arrived_at_ms, effects)
        else:
            self._state.apply_person(state, event, effects)

    def _encode(
        self,
        effects: Effects,
        steps: Sequence[tuple[Step, Positions]],
        now_ms: int,
        part: Part | None = None,
    ) -> list[Output]:
        outputs: list[Output] = []
        if effects.contacts:
            outputs.append(self._writer.profiles(effects.contacts, self._state.accounts))
        if part is not None:
            outputs += self._encode_ledgers(effects, part)
        if effects.changes:
            outputs.append(self._writer.changes(effects.changes))
            for cause, count in Counter(change.cause for change in effects.changes).items():
                self._metrics.segment_changes.labels(cause).inc(count)
        if effects.milestones:
            outputs.append(self._writer.milestones(effects.milestones))
        if steps:
            outputs.append(self._writer.steps(steps, self._definitions.next_offset, now_ms))
        return outputs

    def _encode_ledgers(self, effects: Effects, part: Part) -> list[Output]:
        outputs: list[Output] = []
        if effects.orders:
            outputs.append(self._writer.orders(effects, part.intake))
        if effects.talks:
            outputs.append(self._writer.interactions(effects, part.intake))
        if effects.days:
            outputs += self._writer.days(effects)
        if effects.lost_orders:
            outputs.append(self._writer.tombstones("contact-orders.v1", list(effects.lost_orders)))
        if effects.lost_talks:
            outputs.append(self._writer.tombstones("contact-interactions.v1", list(effects.lost_talks)))
        return outputs

    def _forward(self, chunk: Chunk, part: Part, away: Sequence[tuple[int, bytes]]) -> list[Output]:
        outputs: list[Output] = []
        for row, key in away:
            record = chunk.records[part.place(row)]
            headers = routing.addressed(chunk.topic, chunk.partition, record)
            home = home_of(key, self._partitions)
            outputs.append(Output(routing.REROUTED, [key], [record.value], [headers], home))
        return outputs

    def _letters(self, chunk: Chunk, letters: Sequence[Letter]) -> list[Output]:
        for reason, count in Counter(letter.reason for letter in letters).items():
            self._metrics.events_dead_lettered.labels(chunk.topic, reason).inc(count)
        if not letters:
            return []
        return [self._writer.letters(chunk.topic, chunk.partition, chunk.records, letters)]

    def _count(self, topic: str, part: Part, effects: Effects, away: int) -> None:
        left_out = effects.superseded + effects.too_late + len(effects.failed) + away
        self._metrics.events_applied.labels(topic).inc(len(part.intake.events) - left_out)
        self._metrics.events_deduplicated.labels(topic).inc(effects.superseded)
        self._metrics.events_too_late.labels(topic).inc(effects.too_late)
        self._metrics.events_rerouted.labels(topic).inc(away)


class Stopwatch:
    """Observes how long each stage took."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._since = time.perf_counter()

    def lap(self, stage: Stage) -> None:
        """The stage has ended."""
        now = time.perf_counter()
        self._metrics.stage_seconds.labels(stage).observe(now - self._since)
        self._since = now


def activity(codec: Codec, definitions: Accounts, metrics: Metrics, share: float, least: int) -> Application:
    """The application that the engine runs."""
    return Application(
        name=NAME,
        inputs=INPUTS,
        changelogs=CHANGELOGS,
        collector=partial(Restoring, codec),
        fold=lambda partition, partitions, generation: Activity(
            codec, definitions, BadShare(share, least), metrics, partition, partitions, generation
        ),
    )
