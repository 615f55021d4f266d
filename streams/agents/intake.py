"""Records to validated events: what can be used is typed, the rest is a letter with its reason.

Checks run over whole columns and only look for the culprits when something is wrong, so clean data
pay next to nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import polars as pl

from schemas.codec import Codec, Decoded
from schemas.reasons import Reason
from streams.engine.contract import Record
from streams.rfm.account import Account
from streams.rfm.calendar import HOUR_MS

MOST_BYTES = 1 << 20
MOST_CHARACTERS = 200
FUTURE_MS = 24 * HOUR_MS
LATEST_MS = 4_102_444_800_000
"""2100-01-01: later instants are a mistake of the sender."""

ARRIVAL = pl.col("_arrival")
"""Milliseconds of the record's arrival in the log, beside the decoded columns."""

Event = TypeVar("Event")


class Letter(NamedTuple):
    """A record that cannot be used: its place in the chunk, why, and whose it is where that is known."""

    position: int
    reason: Reason
    detail: str
    account_id: str | None = None


class Check(NamedTuple):
    """A condition on decoded columns that makes a record unusable."""

    wrong: pl.Expr
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
    """`events` in log order; row i of `frame` is the record at `positions[i]` of the chunk.

    Each event comes with its account and its row.
    """

    frame: pl.DataFrame
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
    refused = _refused(reader.checks, decoded.frame, arrivals)
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
    return Intake(decoded.frame, positions, events, letters)


def id_checks(*names: str) -> tuple[Check, ...]:
    """Ids have 1 to 200 characters, none of them a control character."""
    detail = f"must have 1 to {MOST_CHARACTERS} characters, none of them a control character"
    return tuple(
        Check(
            ~pl.col(name).str.len_chars().is_between(1, MOST_CHARACTERS)
            | pl.col(name).str.contains(r"[\x00-\x1f\x7f]"),
            Reason.INVALID_ID,
            f"{name} {detail}",
        )
        for name in names
    )


def instant_checks(*names: str) -> tuple[Check, ...]:
    """Instants lie between 1970 and 2100."""
    return tuple(
        Check(
            ~pl.col(name).is_between(0, LATEST_MS), Reason.INVALID_VALUE, f"{name} lies outside 1970 to 2100"
        )
        for name in names
    )


def not_ahead(name: str) -> Check:
    """An instant is at most 24 h ahead of the record's arrival (REQUIREMENTS A12)."""
    detail = f"{name} lies more than 24 h after the record's arrival"
    return Check(pl.col(name) > ARRIVAL + FUTURE_MS, Reason.FUTURE_DATED, detail)


NO_NEGATIVE_VERSION = Check(pl.col("version") < 0, Reason.INVALID_VALUE, "version is negative")


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


def _refused(
    checks: Sequence[Check], frame: pl.DataFrame, arrivals: Sequence[int]
) -> dict[int, tuple[Reason, str]]:
    frame = frame.with_columns(pl.Series(ARRIVAL.meta.output_name(), arrivals, dtype=pl.Int64))
    wrong = frame.select(**{str(i): check.wrong for i, check in enumerate(checks)})
    refused: dict[int, tuple[Reason, str]] = {}
    if not wrong.select(pl.any_horizontal(pl.all().any())).item():
        return refused
    for i, check in enumerate(checks):
        for row in wrong[str(i)].fill_null(value=False).arg_true():
            refused.setdefault(row, (check.reason, check.detail))
    return refused
