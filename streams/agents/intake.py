"""Order records to validated orders: what can be used is typed, the rest is a letter with its reason.

Checks run over whole columns and only look for the culprits when something is wrong, so clean data
pay next to nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from schemas.codec import Codec
from schemas.reasons import Reason
from streams.engine.contract import Record
from streams.rfm.account import HOUR_MS, Account
from streams.rfm.orders import Order

MOST_BYTES = 1 << 20
MOST_CHARACTERS = 200
MOST_MINOR = 10**13
FUTURE_MS = 24 * HOUR_MS
LATEST_MS = 4_102_444_800_000
"""2100-01-01: later instants are a mistake of the sender."""

_FIELDS = (
    "contact_id", "order_id", "version", "updated_at", "event_id", "placed_at", "total_minor",
    "refunded_minor", "backfill",
)  # fmt: skip
"""In the order of `Order`."""

_COLUMNS = (*_FIELDS, "account_id", "currency")
_IDS = ("contact_id", "order_id", "event_id")


class Letter(NamedTuple):
    """A record that cannot be used: its position in the chunk, why, and whose it is where that is known."""

    position: int
    reason: Reason
    detail: str
    account_id: str | None = None


@dataclass(slots=True)
class Intake:
    """`orders` in log order; `Order.row` is a row of `frame`, and `indices[row]` its record in the chunk."""

    frame: pl.DataFrame
    indices: Sequence[int]
    orders: list[tuple[Account, Order]]
    letters: list[Letter]


def read_orders(codec: Codec, records: Sequence[Record], accounts: Mapping[str, Account]) -> Intake:
    """Decode and check a chunk of orders.v1; the first check that fails names the reason."""
    payloads, kept, letters = _sift(records)
    decoded = codec.decode_block("order", payloads, columns=_COLUMNS)
    letters += [Letter(kept[i], reason, detail) for i, reason, detail in decoded.bad]
    indices = [kept[i] for i in decoded.rows]
    arrivals = [records[i].timestamp_ms for i in indices]
    refused = _refused(decoded.frame, arrivals)
    placed = (decoded.frame["status"] == "placed").to_list()
    fields = (decoded.columns[name] for name in _FIELDS)
    orders = map(Order._make, zip(*fields, arrivals, range(len(indices)), placed, strict=True))
    senders = zip(decoded.columns["account_id"], decoded.columns["currency"], strict=True)
    usable: list[tuple[Account, Order]] = []
    for order, (account_id, currency) in zip(orders, senders, strict=True):
        account = accounts.get(account_id)
        if account is not None and currency == account.currency and order.row not in refused:
            usable.append((account, order))
        else:
            wrong = refused.get(order.row) or _of_account(account_id, account, currency)
            letters.append(Letter(indices[order.row], *wrong, account.id if account else None))
    letters.sort()
    return Intake(decoded.frame, indices, usable, letters)


def _of_account(account_id: str, account: Account | None, currency: str) -> tuple[Reason, str]:
    if account is None:
        return Reason.UNKNOWN_ACCOUNT, f"there is no account {account_id!r}"
    return Reason.WRONG_CURRENCY, f"currency is {currency!r}, the account's is {account.currency}"


def _sift(records: Sequence[Record]) -> tuple[list[bytes], list[int], list[Letter]]:
    payloads: list[bytes] = []
    kept: list[int] = []
    letters: list[Letter] = []
    for i, record in enumerate(records):
        value = record.value
        if record.key is None:
            letters.append(Letter(i, Reason.MISSING_KEY, "the record has no key"))
        elif value is None:
            letters.append(Letter(i, Reason.MALFORMED, "an order has no deletions: cancel it instead"))
        elif len(value) > MOST_BYTES:
            letters.append(Letter(i, Reason.TOO_LARGE, f"{len(value)} bytes, at most {MOST_BYTES}"))
        else:
            payloads.append(value)
            kept.append(i)
    return payloads, kept, letters


def _checks(arrival: pl.Expr) -> list[tuple[pl.Expr, Reason, str]]:
    """(what is wrong, reason, detail), the most basic first."""
    checks: list[tuple[pl.Expr, Reason, str]] = []
    for name in _IDS:
        text = pl.col(name)
        wrong = ~text.str.len_chars().is_between(1, MOST_CHARACTERS) | text.str.contains(r"[\x00-\x1f\x7f]")
        detail = f"{name} must have 1 to {MOST_CHARACTERS} characters, none of them a control character"
        checks.append((wrong, Reason.INVALID_ID, detail))
    for name in ("placed_at", "updated_at"):
        instant = pl.col(name).to_physical()
        checks.append(
            (~instant.is_between(0, LATEST_MS), Reason.INVALID_VALUE, f"{name} lies outside 1970 to 2100")
        )
    total, refunded = pl.col("total_minor"), pl.col("refunded_minor")
    too_much = (total > MOST_MINOR) | (refunded > MOST_MINOR)
    return [
        *checks,
        (pl.col("version") < 0, Reason.INVALID_VALUE, "version is negative"),
        ((total < 0) | (refunded < 0), Reason.NEGATIVE_AMOUNT, "total_minor or refunded_minor is negative"),
        (too_much, Reason.INVALID_VALUE, f"an amount exceeds {MOST_MINOR} minor units"),
        (refunded > total, Reason.REFUND_EXCEEDS_TOTAL, "refunded_minor exceeds total_minor"),
        (
            pl.col("placed_at").to_physical() > arrival + FUTURE_MS,
            Reason.FUTURE_DATED,
            "placed_at lies more than 24 h after the record's arrival",
        ),
    ]


def _refused(frame: pl.DataFrame, arrivals: Sequence[int]) -> dict[int, tuple[Reason, str]]:
    checks = _checks(pl.col("_arrival"))
    frame = frame.with_columns(pl.Series("_arrival", arrivals, dtype=pl.Int64))
    wrong = frame.select(**{str(i): expression for i, (expression, _, _) in enumerate(checks)})
    refused: dict[int, tuple[Reason, str]] = {}
    if not wrong.select(pl.any_horizontal(pl.all().any())).item():
        return refused
    for i, (_, reason, detail) in enumerate(checks):
        for row in wrong[str(i)].arg_true():
            refused.setdefault(row, (reason, detail))
    return refused
