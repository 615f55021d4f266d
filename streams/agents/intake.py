"""Order records to validated orders: what can be used is typed, the rest is a letter with its reason.

Checks run over whole columns and only look for the culprits when something is wrong, so clean data
pay next to nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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

_COLUMNS = (
    "event_id", "account_id", "contact_id", "order_id", "version", "updated_at", "placed_at",
    "status", "total_minor", "refunded_minor", "currency", "backfill",
)  # fmt: skip
_IDS = ("contact_id", "order_id", "event_id")


class Letter(NamedTuple):
    """A record that cannot be used: its index in the chunk, why, and whose it is where that is known."""

    index: int
    reason: Reason
    detail: str
    account_id: str | None = None


@dataclass(slots=True)
class Intake:
    """`orders` in log order; `Order.row` is a row of `frame`, and `indices[row]` its record in the chunk."""

    frame: pl.DataFrame
    indices: Sequence[int]
    orders: list[tuple[Account, Order]] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)


def read_orders(codec: Codec, records: Sequence[Record], accounts: Mapping[str, Account]) -> Intake:
    """Decode and check a chunk of orders.v1; the first check that fails names the reason."""
    payloads, kept, letters = _sift(records)
    decoded = codec.decode_block("order", payloads, columns=_COLUMNS)
    letters += [Letter(kept[i], reason, detail) for i, reason, detail in decoded.bad]
    indices = [kept[i] for i in decoded.rows]
    arrivals = [records[i].timestamp_ms for i in indices]
    refused = _refused(decoded.frame, arrivals)
    intake = Intake(decoded.frame, indices, letters=letters)
    c = decoded.columns
    rows = zip(
        c["account_id"], c["currency"], c["contact_id"], c["order_id"], c["version"], c["updated_at"],
        c["event_id"], c["placed_at"], c["status"], c["total_minor"], c["refunded_minor"],
        c["backfill"], arrivals, strict=True,
    )  # fmt: skip
    for row, (
        account_id,
        currency,
        contact,
        order,
        version,
        updated,
        event,
        placed_at,
        status,
        *rest,
    ) in enumerate(rows):
        account = accounts.get(account_id)
        if row in refused:
            reason, detail = refused[row]
            letters.append(Letter(indices[row], reason, detail, account.id if account else None))
        elif account is None:
            detail = f"there is no account {account_id!r}"
            letters.append(Letter(indices[row], Reason.UNKNOWN_ACCOUNT, detail))
        elif currency != account.currency:
            detail = f"currency is {currency!r}, the account's is {account.currency}"
            letters.append(Letter(indices[row], Reason.WRONG_CURRENCY, detail, account.id))
        else:
            total, refunded, backfill, arrived = rest
            intake.orders.append((account, Order(
                contact, order, version, updated, event, placed_at, status == "placed",
                total, refunded, backfill, arrived, row,
            )))  # fmt: skip
    letters.sort()
    return intake


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
