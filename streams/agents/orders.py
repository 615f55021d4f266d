"""Reading orders.v1."""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from schemas.codec import Codec, Decoded
from schemas.reasons import Reason
from streams.agents.intake import (
    NO_NEGATIVE_VERSION,
    Check,
    Intake,
    Reader,
    id_checks,
    instant_checks,
    not_ahead,
    read,
)
from streams.engine.contract import Record
from streams.rfm.account import Account
from streams.rfm.orders import Order

MOST_MINOR = 10**13

_FIELDS = (
    "contact_id", "order_id", "version", "updated_at", "event_id", "placed_at", "total_minor",
    "refunded_minor", "backfill",
)  # fmt: skip
"""In the order of `Order`."""

_TOTAL, _REFUNDED = pl.col("total_minor"), pl.col("refunded_minor")

_AMOUNTS = (
    Check(
        (_TOTAL < 0) | (_REFUNDED < 0), Reason.NEGATIVE_AMOUNT, "total_minor or refunded_minor is negative"
    ),
    Check(_TOTAL > MOST_MINOR, Reason.INVALID_VALUE, f"total_minor exceeds {MOST_MINOR} minor units"),
    Check(_REFUNDED > _TOTAL, Reason.REFUND_EXCEEDS_TOTAL, "refunded_minor exceeds total_minor"),
)


def _orders(decoded: Decoded, arrivals: Sequence[int]) -> Iterable[Order]:
    placed = (decoded.frame["status"] == "placed").to_list()
    columns = (decoded.columns[name] for name in _FIELDS)
    return map(Order._make, zip(*columns, arrivals, range(len(placed)), placed, strict=True))


ORDERS = Reader(
    schema="order",
    columns=(*_FIELDS, "account_id", "currency"),
    checks=(
        *id_checks("contact_id", "order_id", "event_id"),
        *instant_checks("placed_at", "updated_at"),
        NO_NEGATIVE_VERSION,
        *_AMOUNTS,
        not_ahead("placed_at"),
    ),
    make=_orders,
    in_currency=True,
)


def read_orders(codec: Codec, records: Sequence[Record], accounts: Mapping[str, Account]) -> Intake[Order]:
    """Orders of a chunk."""
    return read(ORDERS, codec, records, accounts)
