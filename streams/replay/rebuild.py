"""The production fold over the inputs from their beginning, in the recorded order. See the package."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from schemas.codec import Codec
from schemas.keys import contact_key, home_of, member_key
from schemas.reasons import Reason
from streams.agents import routing
from streams.agents.activity import INPUTS, READERS
from streams.agents.contacts import Removal
from streams.agents.intake import Intake, Letter
from streams.agents.outputs import Writer
from streams.definitions.accounts import Accounts
from streams.engine.contract import Output, Record
from streams.replay.feed import Feed
from streams.replay.store import Store
from streams.rfm.account import Account
from streams.rfm.changes import Step, StepKind
from streams.rfm.effects import Effects
from streams.rfm.fold import PartitionState
from streams.rfm.state import AccountState

ORDERS, INTERACTIONS = "contact-orders.v1", "contact-interactions.v1"


class Recorded(NamedTuple):
    """A step of clock.v1: what happened, after which positions, when."""

    step: Step
    positions: Mapping[str, int]
    applied_at_ms: int


class Rebuild:
    """State of one partition, from zero.

    `letters` and `steps` are what has to be written besides rows: records that were usable once and are
    not by the present checks; openings that clock.v1 does not know.
    """

    def __init__(
        self,
        kafka: Mapping[str, Any],
        codec: Codec,
        definitions: Accounts,
        store: Store,
        home: tuple[int, int],
        generation: int,
    ) -> None:
        self.state = PartitionState()
        self.events = 0
        self.letters: list[Output] = []
        self.steps: list[tuple[Step, Mapping[str, int]]] = []
        self.writer = Writer(codec, generation)
        self._codec = codec
        self._definitions = definitions
        self._store = store
        self._partition, self._partitions = home
        self._dead: dict[str, set[int]] = defaultdict(set)
        self._feeds = {topic: Feed(kafka, topic, self._partition) for topic in INPUTS}
        self._takers: dict[str, Callable[[AccountState, Any, Effects], None]] = {
            "orders.v1": self.state.apply_order,
            "interactions.v1": self.state.apply_interaction,
            "contacts.v1": self.state.apply_person,
        }

    @property
    def positions(self) -> dict[str, int]:
        """Next offset to fold, by input topic."""
        return {topic: feed.position for topic, feed in self._feeds.items()}

    def bury(self, topic: str, offset: int) -> None:
        """The record is a dead letter and stays one."""
        self._dead[topic].add(offset)

    def follow(self, steps: Sequence[Recorded], ends: Mapping[str, int]) -> None:
        """Fold up to `ends`, which no earlier step and no step given here lies beyond."""
        for topic, feed in self._feeds.items():
            feed.extend(ends.get(topic, 0))
        for recorded in steps:
            self._read_to(recorded.positions)
            self._take_step(recorded)
        self._read_to(ends)

    def close(self) -> None:
        """Leave the broker."""
        for feed in self._feeds.values():
            feed.close()

    def _read_to(self, ends: Mapping[str, int]) -> None:
        for topic, feed in self._feeds.items():
            for records in feed.up_to(ends.get(topic, 0)):
                self.events += len(records)
                dead = self._dead[topic]
                self._fold(topic, [record for record in records if record.offset not in dead])

    def _take_step(self, recorded: Recorded) -> None:
        step, effects = recorded.step, Effects()
        if step.kind == StepKind.OPENED:
            self.state.open(self._account(step), step.day, effects)
            return
        state = self.state.accounts[step.account_id]
        if step.kind == StepKind.DAY:
            self.state.advance(state, step.day, effects)
        elif step.kind == StepKind.MODEL:
            self.state.adopt_model(state, self._account(step), effects)
        elif step.kind == StepKind.MILESTONES:
            state.milestones_day = step.day
        elif step.contact_id is not None:
            self.state.remove(state, step.contact_id, recorded.applied_at_ms, effects)
            for topic, lost in ((ORDERS, effects.lost_orders), (INTERACTIONS, effects.lost_talks)):
                keys = [member_key(contact.account_id, contact.id, member) for contact, member in lost]
                self._store.keep_new(topic, keys, [None] * len(keys))

    def _account(self, step: Step) -> Account:
        """The account under the model that the step says was in force."""
        account = self._definitions.accounts[step.account_id]
        model = self._definitions.models.get((step.account_id, step.model_version), account.model)
        return replace(account, model=model)

    def _fold(self, topic: str, records: Sequence[Record]) -> None:
        if topic != routing.REROUTED:
            self._fold_part(topic, topic, records)
            return
        arrived = [routing.original(record) for record in records]
        for original, run in groupby(arrived, key=itemgetter(0)):
            self._fold_part(topic, original, [record for _, record in run])

    def _fold_part(self, came_by: str, topic: str, records: Sequence[Record]) -> None:
        intake = READERS[topic](self._codec, records, self._definitions.accounts)
        effects = Effects()
        for account, row, event in intake.events:
            state = self.state.accounts.get(account.id)
            if isinstance(event, Removal):
                continue
            known = state is not None and event.contact_id in state.contacts
            if not known and came_by != routing.REROUTED and self._is_foreign(account.id, event.contact_id):
                continue
            if state is None:
                state = self._open(account, came_by, records[intake.positions[row]], effects)
            self._takers[topic](state, event, effects)
        self._keep(effects, intake)
        letters = [*intake.letters, *(Letter(intake.positions[row], Reason.FOLD_ERROR, why)
                                      for row, why in effects.failed)]  # fmt: skip
        if letters:
            self.letters.append(self.writer.letters(came_by, self._partition, records, letters))

    def _is_foreign(self, account_id: str, contact_id: str) -> bool:
        return home_of(contact_key(account_id, contact_id), self._partitions) != self._partition

    def _open(self, account: Account, topic: str, record: Record, effects: Effects) -> AccountState:
        state = self.state.open(account, account.calendar.day_of(record.timestamp_ms), effects)
        self.steps.append((effects.steps[-1], {**self.positions, topic: record.offset}))
        return state

    def _keep(self, effects: Effects, intake: Intake[Any]) -> None:
        outputs = []
        if effects.orders:
            outputs.append(self.writer.orders(effects, intake))
        if effects.talks:
            outputs.append(self.writer.interactions(effects, intake))
        for output in outputs:
            self._store.keep_new(output.topic, output.keys, output.values)
