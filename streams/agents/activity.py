"""The agent `activity`: order records and time in, profiles, ledger, days and changes out."""

import struct
import time
from collections import Counter
from collections.abc import Mapping, Sequence

from schemas.codec import Codec
from schemas.metrics import Metrics, Stage
from schemas.reasons import Reason
from streams.agents.intake import Intake, Letter, read_orders
from streams.agents.limit import BadShare
from streams.agents.outputs import Writer
from streams.agents.restoring import Restoring
from streams.definitions.reader import Definitions
from streams.engine.contract import Application, Chunk, Output, Record
from streams.rfm.changes import Step
from streams.rfm.fold import AccountState, Effects, PartitionState

ORDERS = "orders.v1"
CHANGELOGS = ("clock.v1", "contact-orders.v1", "contact-profiles.v1")
NAME = "activity"

_MEMO = struct.Struct(">QQ")


class Activity:
    """The state of one partition and its way to and from records. See `engine.contract.Fold`."""

    def __init__(
        self, codec: Codec, definitions: Definitions, limit: BadShare, metrics: Metrics, generation: int = 0
    ) -> None:
        self._codec = codec
        self._definitions = definitions
        self._limit = limit
        self._metrics = metrics
        self._writer = Writer(codec, generation)
        self._restoring: Restoring | None = Restoring(codec)
        self._state = PartitionState()
        self._positions: dict[str, int] = {}
        self._unsettled: dict[str, AccountState] = {}
        self._next_due_ms: int | None = None

    def restore(self, topic: str, records: Sequence[Record]) -> None:
        """Collect a slice of a changelog."""
        if self._restoring is None:
            raise RuntimeError("a changelog record came after the restore had ended")
        self._restoring.take(topic, records)

    def restored(self, memo: bytes, positions: Mapping[str, int]) -> None:
        """Build the state; contacts whose day has come while nobody was here are settled first."""
        if self._restoring is None:
            raise RuntimeError("the state was restored already")
        sequence = 0
        if memo:
            sequence, definitions_offset = _MEMO.unpack_from(memo)
            self._limit.unpack(memo[_MEMO.size :])
            if self._definitions.next_offset < definitions_offset:
                self._definitions.catch_up()
        self._state = self._restoring.finish(self._definitions.accounts, sequence)
        self._restoring = None
        self._positions = dict(positions)
        self._unsettled = {i: state for i, state in self._state.accounts.items() if not state.is_settled()}
        self._schedule()

    def memo(self) -> bytes:
        """Sequence of the partition, next offset of definitions, and the share of bad records."""
        return _MEMO.pack(self._state.sequence, self._definitions.next_offset) + self._limit.pack()

    def apply(self, chunk: Chunk, now_ms: int) -> list[Output]:
        """Decode, check, fold and encode one chunk of orders."""
        self._metrics.events_in.labels(chunk.topic).inc(len(chunk.records))
        started = time.perf_counter()
        intake = self._read(chunk.records)
        self._limit.admit(len(intake.letters), len(chunk.records))
        decoded = time.perf_counter()
        effects, steps = self._fold(chunk, intake, now_ms)
        self._positions[chunk.topic] = chunk.end
        folded = time.perf_counter()
        outputs = self._encode(effects, steps, now_ms, intake)
        outputs += self._letters(chunk, intake.letters)
        spent = {Stage.DECODE: decoded - started, Stage.FOLD: folded - decoded}
        for stage, seconds in {**spent, Stage.ENCODE: time.perf_counter() - folded}.items():
            self._metrics.stage_seconds.labels(stage).observe(seconds)
        applied = len(intake.orders) - effects.superseded - len(effects.failed)
        self._metrics.events_applied.labels(chunk.topic).inc(applied)
        self._metrics.events_deduplicated.labels(chunk.topic).inc(effects.superseded)
        return outputs

    def refuse(self, chunk: Chunk, now_ms: int) -> list[Output]:
        """Dead-letter a chunk that ends the process."""
        self._limit.admit(len(chunk.records), len(chunk.records))
        self._positions[chunk.topic] = chunk.end
        detail = "folding this record ended the worker's process again and again"
        letters = [Letter(i, Reason.KILLS_PROCESS, detail) for i in range(len(chunk.records))]
        return self._letters(chunk, letters)

    def due_ms(self) -> int | None:
        """The next midnight of any account here; the beginning of time while contacts wait for the last."""
        return 0 if self._unsettled else self._next_due_ms

    def step(self, now_ms: int, positions: Mapping[str, int], more: int) -> list[Output]:
        """Move calendars to `now_ms`, then settle up to `more` contacts."""
        effects = Effects()
        for account_id, state in self._state.accounts.items():
            if account_id not in self._unsettled and state.due_ms() <= now_ms:
                self._state.advance(state, state.account.calendar.day_of(now_ms), effects)
                self._unsettled[account_id] = state
        steps = [(step, positions) for step in effects.steps]
        for account_id, state in list(self._unsettled.items()):
            more -= self._state.settle(state, more, effects)
            if state.is_settled():
                del self._unsettled[account_id]
            if more <= 0:
                break
        self._schedule()
        return self._encode(effects, steps, now_ms)

    def _read(self, records: Sequence[Record]) -> Intake:
        intake = read_orders(self._codec, records, self._definitions.accounts)
        if any(letter.reason is Reason.UNKNOWN_ACCOUNT for letter in intake.letters):
            self._definitions.catch_up()
            intake = read_orders(self._codec, records, self._definitions.accounts)
        return intake

    def _fold(
        self, chunk: Chunk, intake: Intake, now_ms: int
    ) -> tuple[Effects, list[tuple[Step, dict[str, int]]]]:
        effects = Effects()
        states = self._state.accounts
        steps: list[tuple[Step, dict[str, int]]] = []
        for account, order in intake.orders:
            state = states.get(account.id)
            if state is None:
                state = self._state.open(account, account.calendar.day_of(now_ms), effects)
                offset = chunk.records[intake.indices[order.row]].offset
                steps.append((effects.steps[-1], {**self._positions, chunk.topic: offset}))
                self._schedule()
            self._state.apply_order(state, order, effects)
        for order, error in effects.failed:
            index = intake.indices[order.row]
            intake.letters.append(Letter(index, Reason.FOLD_ERROR, error))
        return effects, steps

    def _encode(
        self,
        effects: Effects,
        steps: Sequence[tuple[Step, Mapping[str, int]]],
        now_ms: int,
        intake: Intake | None = None,
    ) -> list[Output]:
        outputs: list[Output] = []
        if effects.contacts:
            outputs.append(self._writer.profiles(list(effects.contacts), self._state.accounts))
        if intake is not None and effects.orders:
            outputs.append(self._writer.orders(effects, intake))
        if effects.days:
            outputs += self._writer.days(effects)
        if effects.changes:
            outputs.append(self._writer.changes(effects.changes))
            for cause, count in Counter(change.cause for change in effects.changes).items():
                self._metrics.segment_changes.labels(cause).inc(count)
        if steps:
            outputs.append(self._writer.steps(steps, self._definitions.next_offset, now_ms))
        return outputs

    def _letters(self, chunk: Chunk, letters: Sequence[Letter]) -> list[Output]:
        for reason, count in Counter(letter.reason for letter in letters).items():
            self._metrics.events_dead_lettered.labels(chunk.topic, reason).inc(count)
        if not letters:
            return []
        return [self._writer.letters(chunk.topic, chunk.partition, chunk.records, letters)]

    def _schedule(self) -> None:
        self._next_due_ms = min((state.due_ms() for state in self._state.accounts.values()), default=None)


def activity(
    codec: Codec, definitions: Definitions, metrics: Metrics, share: float, least: int
) -> Application:
    """The application that the engine runs."""
    return Application(
        name=NAME,
        inputs=(ORDERS,),
        changelogs=CHANGELOGS,
        fold=lambda _partition: Activity(codec, definitions, BadShare(share, least), metrics),
    )
