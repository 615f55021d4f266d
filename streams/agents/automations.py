"""The agent `automations`: profiles, changes, milestones, deliveries and time in; actions out."""

import struct
from collections import Counter
from collections.abc import Mapping
from typing import Protocol

from schemas.codec import Codec
from schemas.metrics import Metrics, Stage
from schemas.reasons import Reason
from schemas.records import Topic
from schemas.wire import RegistryUnavailable
from streams.agents.activity import Stopwatch
from streams.agents.automation_inputs import INPUTS, Arrived, News, Profile, Read, Undelivered, read
from streams.agents.automation_outputs import id_of, write_accounts, write_actions, write_states, write_tags
from streams.agents.automation_restoring import Last, Restoring, state_of
from streams.agents.intake import Letter
from streams.agents.outputs import Writer
from streams.automations.core import Book
from streams.automations.partition import Account, Partition
from streams.automations.visits import Milestone
from streams.engine.contract import Application, Blocked, Chunk, Output
from streams.rfm.account import Account as Defined

NAME = "automations"
CHANGELOGS = (Topic.CONTACT_AUTOMATIONS,)
MEMO = struct.Struct(">Q")


class Definitions(Protocol):
    """What the agent asks of definitions."""

    @property
    def next_offset(self) -> int:
        """Next offset of definitions.v1 that was not read."""

    @property
    def accounts(self) -> Mapping[str, Defined]:
        """Accounts by id."""

    def catch_up(self) -> None:
        """Read to the present end."""

    def revision(self, account_id: str) -> int:
        """Grows with everything a book depends on."""

    def book(self, account_id: str, share: tuple[int, int]) -> Book:
        """Plans and limits of an account."""


class Automating:
    """The state of one partition and its way to and from records. See `engine.contract.Fold`."""

    def __init__(
        self, codec: Codec, definitions: Definitions, metrics: Metrics, partition: int, partitions: int
    ) -> None:
        self._codec = codec
        self._definitions = definitions
        self._metrics = metrics
        self._share = (partition, partitions)
        self._letters = Writer(codec, 0)
        self._state = Partition()
        self._revisions: dict[str, int] = {}
        self._seen = -1

    def restored(self, collected: Last | None, memo: bytes, positions: Mapping[str, int]) -> None:
        """Build the state, under definitions that are not older than those it was made with."""
        if memo and self._definitions.next_offset < MEMO.unpack(memo)[0]:
            self._definitions.catch_up()
        self._revisions = {i: self._definitions.revision(i) for i in self._definitions.accounts}
        books = {i: self._definitions.book(i, self._share) for i in self._revisions}
        self._state = state_of(self._codec, collected or {}, books)

    def memo(self) -> bytes:
        """Next offset of definitions."""
        return MEMO.pack(self._definitions.next_offset)

    def apply(self, chunk: Chunk, now_ms: int) -> list[Output]:
        """Decode, decide and encode one chunk."""
        watch = Stopwatch(self._metrics)
        found = self._read(chunk)
        self._refresh()
        watch.lap(Stage.DECODE)
        letters = list(found.letters)
        for arrived in found.arrived:
            account = self._account(arrived.account_id, now_ms)
            if account is None:
                detail = f"{arrived.account_id} is not defined"
                letters.append(Letter(arrived.position, Reason.UNKNOWN_ACCOUNT, detail))
            else:
                self._take(account, arrived, now_ms)
        watch.lap(Stage.FOLD)
        outputs = self._outputs()
        if letters:
            outputs.append(self._letters.letters(chunk.topic, chunk.partition, chunk.records, letters))
        watch.lap(Stage.ENCODE)
        return outputs

    def refuse(self, chunk: Chunk, now_ms: int) -> list[Output]:
        """Dead-letter a chunk that ends the process."""
        detail = "folding this record ended the worker's process again and again"
        letters = [Letter(i, Reason.KILLS_PROCESS, detail) for i in range(len(chunk.records))]
        return [self._letters.letters(chunk.topic, chunk.partition, chunk.records, letters)]

    def due_ms(self) -> int | None:
        """The next timer or midnight; 0 where definitions were edited or a manual send waits."""
        if self._seen != self._definitions.next_offset and self._state.accounts:
            return 0
        return self._state.due_ms()

    def step(self, now_ms: int, positions: Mapping[str, int], more: int) -> list[Output]:
        """A slice of what is due."""
        self._refresh()
        self._state.step(now_ms, more)
        return self._outputs()

    def _read(self, chunk: Chunk) -> Read:
        try:
            return read(self._codec, chunk.topic, chunk.records)
        except RegistryUnavailable as error:
            self._metrics.schema_registry_errors.inc()
            raise Blocked(f"the schema registry does not answer: {error}") from error

    def _refresh(self) -> None:
        """Take up what was defined since."""
        offset = self._definitions.next_offset
        if offset == self._seen:
            return
        for account in self._state.accounts.values():
            revision = self._definitions.revision(account.id)
            if revision != self._revisions.get(account.id):
                self._revisions[account.id] = revision
                account.book = self._definitions.book(account.id, self._share)
        self._seen = offset

    def _account(self, account_id: str, now_ms: int) -> Account | None:
        account = self._state.accounts.get(account_id)
        if account is not None:
            return account
        if account_id not in self._definitions.accounts:
            self._definitions.catch_up()
        if account_id not in self._definitions.accounts:
            return None
        self._revisions[account_id] = self._definitions.revision(account_id)
        return self._state.open(account_id, self._definitions.book(account_id, self._share), now_ms)

    def _take(self, account: Account, arrived: Arrived, now_ms: int) -> None:
        event, contact_id = arrived.event, arrived.contact_id
        match event:
            case Profile(facts=None):
                self._state.erase(account, contact_id, now_ms)
            case Profile(facts=facts, live=live, at_ms=at_ms) if facts is not None:
                self._state.profile(account, contact_id, facts, live=live, at_ms=at_ms, now_ms=now_ms)
            case News(change=change, historical=historical):
                self._state.change(account, contact_id, change, historical=historical, now_ms=now_ms)
            case Milestone():
                self._state.milestone(account, contact_id, event, now_ms)
            case Undelivered(action_id=action_id):
                self._undelivered(account, contact_id, action_id, now_ms)

    def _undelivered(self, account: Account, contact_id: str, action_id: str, now_ms: int) -> None:
        state = account.contacts.get(contact_id)
        for message in state.sent if state is not None else ():
            if id_of(account.id, contact_id, message.automation_id, message.visit, message.step) == action_id:
                self._state.undelivered(account, contact_id, message, now_ms)

    def _outputs(self) -> list[Output]:
        decided, touched, touched_accounts = self._state.take()
        accounts = self._state.accounts
        outputs = write_states(self._codec, touched, accounts)
        if touched_accounts:
            outputs.append(write_accounts(self._codec, [accounts[i] for i in touched_accounts]))
        if decided:
            currencies = {i: self._definitions.accounts[i].currency for i in accounts}
            outputs.append(write_actions(self._codec, decided, accounts, currencies))
            outputs += write_tags(self._codec, decided)
            for kind, count in Counter(one.decision.kind for one in decided).items():
                self._metrics.automation_actions.labels(kind.value).inc(count)
        return outputs


def automations(codec: Codec, definitions: Definitions, metrics: Metrics) -> Application:
    """The application that the engine runs."""
    return Application(
        name=NAME,
        inputs=INPUTS,
        changelogs=CHANGELOGS,
        collector=Restoring,
        fold=lambda partition, partitions, _generation: Automating(
            codec, definitions, metrics, partition, partitions
        ),
    )
