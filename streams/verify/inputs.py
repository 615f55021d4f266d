"""The input log up to the pin, judged record by record: what counts, and what must be a dead letter."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.codec import Codec
from schemas.reasons import Reason
from schemas.records import Topic
from streams.agents.orders import read_orders
from streams.engine.contract import Record
from streams.rfm.account import Account
from streams.rfm.batch import LoggedOrder
from streams.verify.drift import Finding, Kind
from streams.verify.log import Log
from streams.verify.pin import Letter, Pinned, digest

_OURS = {Reason.FOLD_ERROR, Reason.KILLS_PROCESS}
"""Reasons that no check of the record can foresee."""

_NOT_YET = {Reason.UNKNOWN_ACCOUNT, Reason.WRONG_CURRENCY}
"""Reasons that depend on when the account became known."""


@dataclass(slots=True)
class Inputs:
    """Usable orders in log order, and what is wrong about the log or its dead letters."""

    events: int = 0
    dead_lettered: int = 0
    usable: list[LoggedOrder] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read_inputs(log: Log, codec: Codec, accounts: Mapping[str, Account], pinned: Pinned) -> Inputs:
    """Read orders.v1 up to the pin and check every dead letter against its record."""
    inputs = Inputs()
    low, _ = log.bounds(Topic.ORDERS, pinned.partition)
    if low:
        inputs.findings.append(
            Finding(Kind.INPUT, pinned.partition, Topic.ORDERS, "a log from offset 0", f"from {low}")
        )
    seen: set[int] = set()
    for slice_ in log.read(Topic.ORDERS, pinned.partition, low, pinned.positions.get(Topic.ORDERS, 0)):
        _take(inputs, codec, accounts, pinned, slice_)
        seen.update(record.offset for record in slice_ if record.offset in pinned.letters)
    inputs.findings += _strays(pinned, seen)
    accounted = len(inputs.usable) + inputs.dead_lettered
    if accounted != inputs.events:
        inputs.findings.append(
            Finding(Kind.CONSERVATION, pinned.partition, Topic.ORDERS, inputs.events, accounted)
        )
    return inputs


def _take(
    inputs: Inputs, codec: Codec, accounts: Mapping[str, Account], pinned: Pinned, records: Sequence[Record]
) -> None:
    intake = read_orders(codec, records, accounts)
    reasons = {letter.position: letter.reason for letter in intake.letters}
    inputs.events += len(records)
    for account, row, order in intake.events:
        index = intake.positions[row]
        offset = records[index].offset
        if offset < pinned.opened.get(account.id, offset + 1):
            reasons[index] = Reason.UNKNOWN_ACCOUNT
        elif not _set_aside(pinned, offset):
            inputs.usable.append(LoggedOrder(account.id, order))
    for index, record in enumerate(records):
        letters = pinned.letters.get(record.offset, [])
        inputs.dead_lettered += len(letters)
        expected = reasons.get(index)
        if letters or expected:
            inputs.findings += _judge(pinned.partition, record, expected, letters)


def _set_aside(pinned: Pinned, offset: int) -> bool:
    return any(letter.reason in _OURS for letter in pinned.letters.get(offset, []))


def _judge(
    partition: int, record: Record, expected: Reason | None, letters: Sequence[Letter]
) -> Iterator[Finding]:
    key = f"{Topic.ORDERS}|{partition}|{record.offset}"
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


def _strays(pinned: Pinned, seen: set[int]) -> Iterator[Finding]:
    end = pinned.positions.get(Topic.ORDERS, 0)
    for offset, letters in sorted(pinned.letters.items()):
        if offset < end and offset not in seen:
            key = f"{Topic.ORDERS}|{pinned.partition}|{offset}"
            yield Finding(Kind.DEAD_LETTER, pinned.partition, key, None, letters[0].reason)
