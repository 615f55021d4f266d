"""Records to validated events: what can be used is typed, the rest is a letter with its reason.

Checks run over whole columns and only look for the culprits when something is wrong, so clean data
pay next to nothing, in chunks of one as in chunks of thousands.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from schemas.codec import Codec, Decoded
from schemas.reasons import Reason
from streams.engine.contract import Record
from streams.rfm.account import Account
from streams.rfm.calendar import HOUR_MS

MOST_BYTES = 1 << 20
MOST_CHARACTERS = 200
MOST_VERSION = (1 << 63) - 1
FUTURE_MS = 24 * HOUR_MS
LATEST_MS = 4_102_444_800_000
"""2100-01-01: later instants are a mistake of the sender."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Columns = Mapping[str, list[Any]]
"""Decoded columns by field; "arrived_at" beside them is the records' arrival in the log, in milliseconds."""

ARRIVED_AT = "arrived_at"

Event = TypeVar("Event")


class Letter(NamedTuple):
    """A record that cannot be used: its place in the chunk, why, and whose it is where that is known."""

    position: int
    reason: Reason
    detail: str
    account_id: str | None = None


class Check(NamedTuple):
    """What makes a record unusable. `wrong` names rows; it looks at whole columns first."""

    wrong: Callable[[Columns], Iterable[int]]
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Reader(Generic[Event]):
    """How one input is read. `checks` in order: the first that fails names the reason.

    `make` builds an event a row, given the columns and arrivals. `in_currency`: amounts must be in the
    account's currency.
    """

    schema: str
    columns: tuple[str, ...]
    checks: tuple[Check, ...]
    make: Callable[[Decoded, Sequence[int]], Iterable[Event]]
    in_currency: bool = False


@dataclass(slots=True)
class Intake(Generic[Event]):
    """`events` in log order, each with its account and its row.

    Row i of `decoded` is the record at `positions[i]` of the chunk.
    """

    decoded: Decoded
    positions: Sequence[int]
    events: list[tuple[Account, int, Event]]
    letters: list[Letter]


def read(
    reader: Reader[Event], codec: Codec, records: Sequence[Record], accounts: Mapping[str, Account]
) -> Intake[Event]:
    """Decode and check a chunk."""
    payloads, kept, letters = _sift(records)
    decoded = codec.decode_block(reader.schema, payloads, columns=reader.columns)
    letters += [Letter(kept[i], reason, detail) for i, reason, detail in decoded.bad]
    positions = [kept[i] for i in decoded.rows]
    arrivals = [records[i].timestamp_ms for i in positions]
    refused = _refused(reader.checks, {**decoded.columns, ARRIVED_AT: arrivals})
    account_ids = decoded.columns["account_id"]
    currencies = decoded.columns["currency"] if reader.in_currency else [None] * len(account_ids)
    events: list[tuple[Account, int, Event]] = []
    rows = zip(reader.make(decoded, arrivals), account_ids, currencies, strict=True)
    for row, (event, account_id, currency) in enumerate(rows):
        account = accounts.get(account_id)
        if account is not None and currency in (None, account.currency) and row not in refused:
            events.append((account, row, event))
        else:
            wrong = refused.get(row) or _of_account(account_id, account, currency)
            letters.append(Letter(positions[row], *wrong, account.id if account else None))
    letters.sort()
    return Intake(decoded, positions, events, letters)


def id_checks(*names: str) -> tuple[Check, ...]:
    """Ids have 1 to 200 characters, none of them a control character."""
    detail = f"must have 1 to {MOST_CHARACTERS} characters, none of them a control character"
    return tuple(Check(partial(_wrong_ids, name), Reason.INVALID_ID, f"{name} {detail}") for name in names)


def range_check(name: str, low: int, high: int, reason: Reason, detail: str) -> Check:
    """A number lies between two others, both included; an absent one lies anywhere."""
    return Check(partial(_outside, name, low, high), reason, detail)


def instant_checks(*names: str) -> tuple[Check, ...]:
    """Instants lie between 1970 and 2100."""
    return tuple(
        range_check(name, 0, LATEST_MS, Reason.INVALID_VALUE, f"{name} lies outside 1970 to 2100")
        for name in names
    )


def order_check(less: str, more: str, reason: Reason, detail: str, slack: int = 0) -> Check:
    """One column is at most another, plus some slack."""
    return Check(partial(_exceeding, less, more, slack), reason, detail)


def not_ahead(name: str) -> Check:
    """An instant is at most 24 h ahead of the record's arrival (REQUIREMENTS A12)."""
    detail = f"{name} lies more than 24 h after the record's arrival"
    return order_check(name, ARRIVED_AT, Reason.FUTURE_DATED, detail, FUTURE_MS)


def _wrong_ids(name: str, columns: Columns) -> Iterable[int]:
    ids = columns[name]
    lengths = list(map(len, ids))
    if lengths and min(lengths) > 0 and max(lengths) <= MOST_CHARACTERS and not _CONTROL.search("".join(ids)):
        return ()
    return [i for i, text in enumerate(ids) if not 1 <= len(text) <= MOST_CHARACTERS or _CONTROL.search(text)]


def _outside(name: str, low: int, high: int, columns: Columns) -> Iterable[int]:
    numbers = [number for number in columns[name] if number is not None]
    if not numbers or (min(numbers) >= low and max(numbers) <= high):
        return ()
    return [i for i, number in enumerate(columns[name]) if number is not None and not low <= number <= high]


def _exceeding(less: str, more: str, slack: int, columns: Columns) -> Iterable[int]:
    pairs = zip(columns[less], columns[more], strict=True)
    return [i for i, (a, b) in enumerate(pairs) if a > b + slack]


VERSION_CHECK = range_check("version", 0, MOST_VERSION, Reason.INVALID_VALUE, "version is negative")


def _sift(records: Sequence[Record]) -> tuple[list[bytes], list[int], list[Letter]]:
    payloads: list[bytes] = []
    kept: list[int] = []
    letters: list[Letter] = []
    for i, record in enumerate(records):
        value = record.value
        if record.key is None:
            letters.append(Letter(i, Reason.MISSING_KEY, "the record has no key"))
        elif value is None:
            letters.append(
                Letter(i, Reason.MALFORMED, "a null value deletes contacts only: cancel it instead")
            )
        elif len(value) > MOST_BYTES:
            letters.append(Letter(i, Reason.TOO_LARGE, f"{len(value)} bytes, at most {MOST_BYTES}"))
        else:
            payloads.append(value)
            kept.append(i)
    return payloads, kept, letters


def _of_account(account_id: str, account: Account | None, currency: str | None) -> tuple[Reason, str]:
    if account is None:
        return Reason.UNKNOWN_ACCOUNT, f"there is no account {account_id!r}"
    return Reason.WRONG_CURRENCY, f"currency is {currency!r}, the account's is {account.currency}"


def _refused(checks: Sequence[Check], columns: Columns) -> dict[int, tuple[Reason, str]]:
    refused: dict[int, tuple[Reason, str]] = {}
    for check in checks:
        for row in check.wrong(columns):
            refused.setdefault(row, (check.reason, check.detail))
    return refused
