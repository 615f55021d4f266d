"""One partition: rebuilt beside the running worker, then put in force. The package says how and why."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaException, Producer

from schemas.codec import Codec
from streams.agents.activity import MEMO, NAME
from streams.agents.outputs import GENERATION_SHIFT
from streams.definitions.accounts import Accounts
from streams.engine.contract import Headers, Output
from streams.engine.restore import ChangelogReader
from streams.engine.watermark import WATERMARKS_TOPIC, Watermark, encode_watermark, watermark_key
from streams.engine.writer import transactional_id_of
from streams.replay.compare import Comparison, compare
from streams.replay.rebuild import Rebuild
from streams.replay.reconcile import old_standings, reconcile
from streams.replay.record import COMPACTED, Record
from streams.replay.store import Store
from streams.rfm.contact import Contact
from streams.rfm.effects import Effects

_BLOCK = 5000
_QUEUE_RECORDS = 200_000
_TRANSACTION_MS = 900_000
_NO_LIMIT = bytes(8)


class ReplayFailed(Exception):
    """Nothing was changed of the partition named; what to do is in the message."""


@dataclass(slots=True)
class Switched:
    """What became of one partition."""

    partition: int
    generation: int
    begins: Mapping[str, int]
    contacts: int = 0
    events: int = 0
    changes: int = 0
    comparison: Comparison = field(default_factory=Comparison)


class Switch:
    """Rebuilds one partition and puts the result in force. ReplayFailed, RestoreFailed, KafkaException.

    `alive` is called again and again while it works, so that holds can be kept up.
    """

    def __init__(
        self,
        kafka: Mapping[str, Any],
        codec: Codec,
        definitions: Accounts,
        home: tuple[int, int],
        folder: Path,
        alive: Callable[[], None],
    ) -> None:
        self.partition = home[0]
        self._kafka = kafka
        self._codec = codec
        self._definitions = definitions
        self._home = home
        self._alive = alive
        self._record = Record(codec, self.partition)
        self._store = Store(folder, self.partition)
        self._rebuild: Rebuild | None = None
        self._watermark = Watermark()
        self._producer: Producer | None = None

    def follow(self, reader: ChangelogReader) -> int:
        """Rebuild up to the last watermark; how many records that took. 0 also where nothing ran yet."""
        watermark = self._record.watermark(reader)
        if watermark is None:
            return 0
        if self._rebuild is None:
            generation = watermark.generation + 1
            self._rebuild = Rebuild(
                self._kafka, self._codec, self._definitions, self._store, self._home, generation
            )
        elif watermark.generation != self._watermark.generation:
            raise ReplayFailed(f"partition {self.partition}: another replay has switched it meanwhile")
        self._watermark = watermark
        before = self._rebuild.events
        # No step that is not known yet lies below the last known one, or below the watermark read before.
        steps = self._record.new_steps(reader)
        ends = dict(watermark.positions)
        for step in steps:
            ends.update({topic: max(offset, ends.get(topic, 0)) for topic, offset in step.positions.items()})
        self._definitions.catch_up()
        self._record.bury(reader, self._rebuild)
        self._record.listen(reader)
        self._record.rows(reader, self._store, watermark.begins)
        self._rebuild.follow(steps, ends)
        return self._rebuild.events - before

    def fence(self) -> None:
        """Take the present generation over: its worker can commit no more, its last watermark is final."""
        if self._rebuild is None:
            return
        self._producer = Producer(
            {
                **self._kafka,
                "transactional.id": transactional_id_of(NAME, self._watermark.generation, self.partition),
                "transaction.timeout.ms": _TRANSACTION_MS,
                "compression.type": "lz4",
                "linger.ms": 20,
                "batch.size": 1024 * 1024,
                "message.max.bytes": 8 * 1024 * 1024,
                "queue.buffering.max.messages": 2 * _QUEUE_RECORDS,
                "log_level": 3,
            }
        )
        self._producer.init_transactions(60)

    def put_in_force(self, reader: ChangelogReader) -> Switched | None:
        """The last step: everything in one transaction. None where nothing ran yet."""
        self.follow(reader)
        if self._rebuild is None or self._producer is None:
            return None
        state, generation = self._rebuild.state, self._watermark.generation + 1
        self._alive()
        behind = old_standings(self._codec, self._store, state.accounts)
        effects = reconcile(state, self._record.told, behind)
        self._keep_rows()
        switched = Switched(
            self.partition,
            generation,
            {topic: self._record.read_to[topic] for topic in COMPACTED},
            contacts=sum(len(account.contacts) for account in state.accounts.values()),
            events=self._rebuild.events,
            changes=len(effects.changes),
            comparison=compare(self._codec, self._store),
        )
        self._alive()
        self._commit(effects, switched)
        return switched

    def close(self) -> None:
        """Let go of everything."""
        self._store.close()
        if self._rebuild is not None:
            self._rebuild.close()

    def _keep_rows(self) -> None:
        """Profiles and days of the rebuilt contacts."""
        if self._rebuild is None:
            return
        writer, accounts = self._rebuild.writer, self._rebuild.state.accounts
        for contacts in _blocks(
            contact for state in accounts.values() for contact in state.contacts.values()
        ):
            days = Effects(days={(contact, day): None for contact in contacts for day in contact.days})
            for output in (writer.profiles(contacts, accounts), *writer.days(days)):
                self._store.keep_new(output.topic, output.keys, output.values)
            self._alive()

    def _commit(self, effects: Effects, switched: Switched) -> None:
        if self._producer is None:
            return
        try:
            self._producer.begin_transaction()
            for output in self._outputs(effects, switched):
                self._produce(output)
                self._alive()
            self._producer.commit_transaction(_TRANSACTION_MS / 1000)
        except (KafkaException, BufferError) as failure:
            raise ReplayFailed(
                f"partition {self.partition} was not switched: {failure}. A worker may have taken it back; "
                "what ran before goes on. Run `latido replay` again."
            ) from failure

    def _outputs(self, effects: Effects, switched: Switched) -> Iterator[Output]:
        rebuild = self._rebuild
        if rebuild is None:
            return
        for topic in COMPACTED:
            for pairs in self._store.pairs(topic):
                yield Output(topic, [key for key, _, _ in pairs], [value for _, value, _ in pairs])
            sequence = rebuild.state.sequence + (switched.generation << GENERATION_SHIFT)
            header: Headers = [("sequence", str(sequence).encode())]
            for keys in self._store.only_old(topic):
                yield Output(topic, keys, [None] * len(keys), [header] * len(keys))
        yield from rebuild.letters
        if rebuild.steps:
            offset, at_ms = self._definitions.next_offset, self._watermark.caught_up_at_ms or 0
            yield rebuild.writer.steps(rebuild.steps, offset, at_ms)
        if effects.changes:
            yield rebuild.writer.changes(effects.changes)
        yield self._mark(switched)

    def _mark(self, switched: Switched) -> Output:
        sequence = self._rebuild.state.sequence if self._rebuild else 0
        memo = MEMO.pack(sequence, self._definitions.next_offset)
        watermark = Watermark(
            positions=self._watermark.positions,
            caught_up_at_ms=self._watermark.caught_up_at_ms,
            memo=memo + (self._watermark.memo[MEMO.size :] or _NO_LIMIT),
            generation=switched.generation,
            begins=dict(switched.begins),
        )
        value = encode_watermark(NAME, self.partition, watermark)
        return Output(WATERMARKS_TOPIC, [watermark_key(NAME, self.partition)], [value])

    def _produce(self, output: Output) -> None:
        if self._producer is None:
            return
        while len(self._producer) > _QUEUE_RECORDS:
            self._producer.poll(0.05)
        headers = output.headers or [[]] * len(output.keys)
        for key, value, own in zip(output.keys, output.values, headers, strict=True):
            self._producer.produce(
                output.topic, value=value, key=key, partition=self.partition, headers=list(own) or None
            )


def _blocks(contacts: Iterator[Contact]) -> Iterator[list[Contact]]:
    while block := list(islice(contacts, _BLOCK)):
        yield block
