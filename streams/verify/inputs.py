"""The input logs up to the pin, judged record by record: what counts, what went on, what is a dead letter."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

from schemas.codec import Codec
from schemas.keys import contact_key, home_of
from schemas.reasons import Reason
from streams.agents import routing
from streams.agents.activity import INPUTS, READERS
from streams.agents.contacts import Removal
from streams.engine.contract import Record
from streams.rfm.account import Account
from streams.rfm.history import Event, Logged
from streams.verify.drift import Finding, Kind
from streams.verify.log import Log
from streams.verify.pin import Letter, Pinned, Place, digest

_OURS = {Reason.FOLD_ERROR, Reason.KILLS_PROCESS}
"""Reasons that no check of the record can foresee."""

_NOT_YET = {Reason.UNKNOWN_ACCOUNT, Reason.WRONG_CURRENCY}
"""Reasons that depend on when the account became known."""

Removed = tuple[str, str, str, int]
"""Account, contact, topic, offset."""


@dataclass(slots=True)
class Inputs:
    """Usable events by topic in log order, and what is wrong about the logs or their dead letters.

    `away`: what belongs to another partition, by place: that partition, and a digest of the value.
    """

    events: int = 0
    dead_lettered: int = 0
    usable: list[Logged] = field(default_factory=list)
    removals: list[Removed] = field(default_factory=list)
    away: dict[Place, tuple[int, bytes]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


class InputReader:
    """Reads and judges the inputs of one partition."""

    def __init__(
        self, log: Log, codec: Codec, accounts: Mapping[str, Account], pinned: Pinned, partitions: int
    ) -> None:
        self._log = log
        self._codec = codec
        self._accounts = accounts
        self._pinned = pinned
        self._partitions = partitions
        self._seen: set[Place] = set()
        self._inputs = Inputs()

    def read(self) -> Inputs:
        """Every input up to the pin, every dead letter against its record."""
        inputs, partition = self._inputs, self._pinned.partition
        for topic in INPUTS:
            end = self._pinned.positions.get(topic, 0)
            low, _ = self._log.bounds(topic, partition)
            if low:
                inputs.findings.append(
                    Finding(Kind.INPUT, partition, topic, "a log from offset 0", f"from {low}")
                )
            for slice_ in self._log.read(topic, partition, low, end):
                for origin, records in _by_origin(topic, slice_):
                    self._take(topic, origin, records)
        inputs.findings += self._strays()
        accounted = len(inputs.usable) + len(inputs.removals) + len(inputs.away) + inputs.dead_lettered
        if accounted != inputs.events:
            inputs.findings.append(Finding(Kind.CONSERVATION, partition, "inputs", inputs.events, accounted))
        return inputs

    def _take(self, topic: str, origin: str, records: Sequence[Record]) -> None:
        intake = READERS[origin](self._codec, records, self._accounts)
        reasons = {letter.position: letter.reason for letter in intake.letters}
        self._inputs.events += len(records)
        for account, row, event in intake.events:
            index = intake.positions[row]
            refused = self._place(topic, records[index], account.id, event)
            if refused is not None:
                reasons[index] = refused
        for index, record in enumerate(records):
            place = (topic, record.offset)
            letters = self._pinned.letters.get(place, [])
            if letters:
                self._seen.add(place)
            self._inputs.dead_lettered += len(letters)
            expected = reasons.get(index)
            if letters or expected:
                self._inputs.findings += _judge(self._pinned.partition, topic, record, expected, letters)

    def _place(self, topic: str, record: Record, account_id: str, event: Event | Removal) -> Reason | None:
        """Put an event where it belongs; the reason if that is among the dead letters."""
        place = (topic, record.offset)
        found = {letter.reason for letter in self._pinned.letters.get(place, [])}
        if found & _OURS:
            return None
        key = contact_key(account_id, event.contact_id)
        home = home_of(key, self._partitions)
        never = dict.fromkeys(INPUTS, record.offset + 1)
        is_early = record.offset < self._pinned.opened.get(account_id, never).get(topic, 0)
        is_away = topic != routing.REROUTED and home != self._pinned.partition
        is_removal = isinstance(event, Removal)
        if (is_away or (is_early and is_removal)) and found & _NOT_YET:
            return Reason.UNKNOWN_ACCOUNT
        if is_away:
            self._inputs.away[place] = home, digest(key, record.value)
        elif isinstance(event, Removal):
            self._inputs.removals.append((account_id, event.contact_id, *place))
        elif is_early:
            return Reason.UNKNOWN_ACCOUNT
        else:
            self._inputs.usable.append(Logged(account_id, *place, event))
        return None

    def _strays(self) -> Iterator[Finding]:
        for place, letters in sorted(self._pinned.letters.items()):
            topic, offset = place
            if offset < self._pinned.positions.get(topic, 0) and place not in self._seen:
                key = f"{topic}|{self._pinned.partition}|{offset}"
                yield Finding(Kind.DEAD_LETTER, self._pinned.partition, key, None, letters[0].reason)


def _by_origin(topic: str, records: Sequence[Record]) -> Iterator[tuple[str, Sequence[Record]]]:
    """Runs of records by the topic they first came by."""
    if topic != routing.REROUTED:
        yield topic, records
        return
    for origin, run in groupby(map(routing.original, records), key=itemgetter(0)):
        yield origin, [record for _, record in run]


def _judge(
    partition: int, topic: str, record: Record, expected: Reason | None, letters: Sequence[Letter]
) -> Iterator[Finding]:
    key = f"{topic}|{partition}|{record.offset}"
    found = [letter.reason for letter in letters]
    if len(letters) != 1:
        yield Finding(Kind.DEAD_LETTER, partition, key, expected, found or None)
        return
    foreseeable = found[0] not in _OURS
    known_later = {found[0], expected} <= _NOT_YET
    if foreseeable and found[0] != expected and not known_later:
        yield Finding(Kind.DEAD_LETTER, partition, key, expected, found[0])
    if letters[0].digest != digest(record.key, record.value):
        yield Finding(Kind.DEAD_LETTER, partition, key, "the record's own bytes", "others")
