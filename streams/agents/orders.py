"""Reading orders.v1."""

from collections.abc import Iterable, Mapping, Sequence

from schemas.codec import Codec, Decoded
from schemas.reasons import Reason
from streams.agents.intake import (
    VERSION_CHECK,
    Intake,
    Reader,
    id_checks,
    instant_checks,
    not_ahead,
    order_check,
    range_check,
    read,
)
from streams.engine.contract import Record
from streams.rfm.account import Account
from streams.rfm.orders import Order

MOST_MINOR = 10**13
_ANY = (1 << 63) - 1

_FIELDS = (
    "contact_id", "order_id", "version", "updated_at", "event_id", "placed_at", "total_minor",
    "refunded_minor", "backfill",
)  # fmt: skip
"""In the order of `Order`."""

_AMOUNTS = (
    range_check("total_minor", 0, _ANY, Reason.NEGATIVE_AMOUNT, "total_minor is negative"),
    range_check("refunded_minor", 0, _ANY, Reason.NEGATIVE_AMOUNT, "refunded_minor is negative"),
    range_check(
        "total_minor", 0, MOST_MINOR, Reason.INVALID_VALUE, f"total_minor exceeds {MOST_MINOR} minor units"
    ),
    order_check(
        "refunded_minor", "total_minor", Reason.REFUND_EXCEEDS_TOTAL, "refunded_minor exceeds total_minor"
    ),
)


def _orders(decoded: Decoded, arrivals: Sequence[int]) -> Iterable[Order]:
    placed = [status == "placed" for status in decoded.columns["status"]]
    columns = (decoded.columns[name] for name in _FIELDS)
    return map(Order._make, zip(*columns, arrivals, range(len(placed)), placed, strict=True))


ORDERS = Reader(
    schema="order",
    columns=(*_FIELDS, "account_id", "currency", "status"),
    checks=(
        *id_checks("contact_id", "order_id", "event_id"),
        *instant_checks("placed_at", "updated_at"),
        VERSION_CHECK,
        *_AMOUNTS,
        not_ahead("placed_at"),
    ),
    make=_orders,
    in_currency=True,
)


def read_orders(codec: Codec, records: Sequence[Record], accounts: Mapping[str, Account]) -> Intake[Order]:
    """Orders of a chunk."""
    return read(ORDERS, codec, records, accounts)
