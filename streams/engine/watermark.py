"""The record that says what a partition has applied."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from schemas.codec import default_codec

WATERMARKS_TOPIC = "watermarks.v1"
_SCHEMA = "watermark"


@dataclass(slots=True)
class Watermark:
    """Positions of one partition: next offset to read, and starts counted at it, by input topic.

    `generation` counts rebuilds from zero. `begins` says at which offset the generation's records begin,
    by changelog; 0 for those it does not name.
    """

    positions: dict[str, int] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    caught_up_at_ms: int | None = None
    memo: bytes = b""
    generation: int = 0
    begins: dict[str, int] = field(default_factory=dict)


def watermark_key(application: str, partition: int) -> bytes:
    """Key of the partition's record in `watermarks.v1`."""
    return f"{application}|{partition}".encode()


def encode_watermark(application: str, partition: int, watermark: Watermark) -> bytes:
    """Value of the partition's record in `watermarks.v1`; beginnings stand among its positions."""
    record = {
        "application": application,
        "partition": partition,
        "generation": watermark.generation,
        "positions": [
            {"topic": topic, "offset": offset, "attempts": watermark.attempts.get(topic, 0)}
            for topic, offset in sorted({**watermark.begins, **watermark.positions}.items())
        ],
        "caught_up_at": watermark.caught_up_at_ms,
        "memo": watermark.memo,
    }
    return default_codec().encode_one(_SCHEMA, record)


def decode_watermark(value: bytes, changelogs: Sequence[str] = ()) -> Watermark:
    """The inverse of `encode_watermark`. schemas.wire.BadRecord if it is none."""
    record = default_codec().decode_one(_SCHEMA, value)
    offsets = {position["topic"]: position["offset"] for position in record["positions"]}
    return Watermark(
        positions={topic: offset for topic, offset in offsets.items() if topic not in changelogs},
        attempts={position["topic"]: position["attempts"] for position in record["positions"]},
        caught_up_at_ms=record["caught_up_at"],
        memo=record["memo"],
        generation=record["generation"],
        begins={topic: offset for topic, offset in offsets.items() if topic in changelogs},
    )
