"""Which topic fills which table, and how a decoded frame becomes rows of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from schemas.keys import split_contact_key, split_member_key
from schemas.records import Topic
from sinks.clickhouse.coltypes import column_types


@dataclass(frozen=True, slots=True)
class Table:
    """Where the records of a topic go.

    `key` names the columns that a tombstone's key fills; without it the topic has no tombstones.
    """

    topic: str
    schema: str
    name: str
    key: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    """Fields that are not stored."""


PROFILES = Table(Topic.CONTACT_PROFILES, "contact_profile", "contact_profiles", ("account_id", "contact_id"))
ORDERS = Table(
    Topic.CONTACT_ORDERS, "contact_order", "contact_orders", ("account_id", "contact_id", "order_id")
)
INTERACTIONS = Table(
    Topic.CONTACT_INTERACTIONS,
    "contact_interaction",
    "contact_interactions",
    ("account_id", "contact_id", "interaction_id"),
)
DAYS = Table(Topic.CONTACT_DAYS, "contact_day", "contact_days", ("account_id", "contact_id", "day"))
CHANGES = Table(Topic.SEGMENT_CHANGES, "segment_change", "segment_changes")
MILESTONES = Table(Topic.MILESTONES, "milestone", "milestones")
DEAD_LETTERS = Table(Topic.DEAD_LETTERS, "dead_letter", "dead_letters")
DEFINITIONS = Table(Topic.DEFINITIONS, "definition", "definitions")
# What a message says of a person goes to the endpoint and stays in the topic, for as long as that is kept.
ACTIONS = Table(
    Topic.AUTOMATION_ACTIONS,
    "automation_action",
    "automation_actions",
    left_out=("personal", "message_template"),
)
DELIVERIES = Table(Topic.WEBHOOK_DELIVERIES, "webhook_delivery", "webhook_deliveries")
WATERMARKS = Table(Topic.WATERMARKS, "watermark", "watermarks")

TABLES = {
    table.topic: table
    for table in (
        DEFINITIONS,
        PROFILES,
        ORDERS,
        INTERACTIONS,
        DAYS,
        CHANGES,
        MILESTONES,
        DEAD_LETTERS,
        ACTIONS,
        DELIVERIES,
        WATERMARKS,
    )
}
"""In the order of insertion: definitions first, watermarks last."""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A deletion: the key of what is gone and the sequence that outranks its last value."""

    key: bytes
    sequence: int


def rows(table: Table, frame: pl.DataFrame, offsets: Sequence[int]) -> pl.DataFrame:
    """Rows for `table` of a decoded frame whose i-th record stood at `offsets[i]` of its partition."""
    frame = frame.cast(column_types(table.schema)).drop(table.left_out)
    for name, kind in frame.schema.items():
        if isinstance(kind, pl.Struct):
            parts = [pl.col(name).struct.field(f.name).alias(f"{name}_{f.name}") for f in kind.fields]
            frame = frame.with_columns(parts).drop(name)
        elif isinstance(kind, pl.List):
            frame = frame.with_columns(pl.col(name).list.drop_nulls())
    if "removed" in frame.columns:
        return frame.with_columns(pl.col("removed").fill_null(value=False).cast(pl.UInt8).alias("is_deleted"))
    if table.key:
        return frame
    return frame.with_columns(pl.Series("record_offset", offsets, dtype=pl.UInt64))


def deletions(table: Table, tombstones: Sequence[Tombstone]) -> pl.DataFrame:
    """Rows that hide what was deleted; ValueError if a key is not one of this table."""
    keys = [_split(table, tombstone.key) for tombstone in tombstones]
    columns = {
        name: pl.Series(name, [key[i] for key in keys], dtype=pl.String) for i, name in enumerate(table.key)
    }
    frame = pl.DataFrame(columns).with_columns(
        pl.Series("sequence", [tombstone.sequence for tombstone in tombstones], dtype=pl.UInt64),
        pl.lit(1, dtype=pl.UInt8).alias("is_deleted"),
    )
    if "day" in table.key:
        frame = frame.with_columns(pl.col("day").cast(pl.Int32).cast(pl.Date))
    return frame


def check_key(table: Table, key: bytes) -> None:
    """ValueError unless `key` can be the key of a record of this table."""
    parts = _split(table, key)
    if "day" in table.key:
        int(parts[-1])


def _split(table: Table, key: bytes) -> tuple[str, ...]:
    return split_contact_key(key) if len(table.key) == 2 else split_member_key(key)
