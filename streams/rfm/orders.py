"""Orders as snapshots: which one is in force, and whether it is a purchase."""

from typing import NamedTuple


class Order(NamedTuple):
    """One order event, validated. Amounts in minor units, instants in milliseconds.

    `row` is the event's place in its chunk, for whoever has to find the record again.
    """

    contact_id: str
    order_id: str
    version: int
    updated_at_ms: int
    event_id: str
    placed_at_ms: int
    total_minor: int
    refunded_minor: int
    backfill: bool
    arrived_at_ms: int
    row: int = 0
    placed: bool = True


class Entry(NamedTuple):
    """An order in the ledger: the stamp that decides which snapshot wins, then what it counts for."""

    version: int
    updated_at_ms: int
    event_id: str
    day: int
    net_minor: int
    counted: bool


def is_purchase(placed: bool, total_minor: int, refunded_minor: int) -> bool:
    """Neither cancelled nor refunded in full; a zero total counts (REQUIREMENTS A12)."""
    return placed and not (refunded_minor == total_minor > 0)
