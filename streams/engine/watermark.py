"""The record that says what a partition has applied."""

from dataclasses import dataclass, field

from schemas.codec import default_codec

WATERMARKS_TOPIC = "watermarks.v1"
_SCHEMA = "watermark"


@dataclass(slots=True)
class Watermark:
    """Positions of one partition: next offset to read, and starts counted at it, by input topic."""

    positions: dict[str, int] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    caught_up_at_ms: int | None = None
    memo: bytes = b""


def watermark_key(application: str, partition: int) -> bytes:
    """Key of the partition's record in `watermarks.v1`."""
    return f"{application}|{partition}".encode()


def encode_watermark(application: str, partition: int, generation: int, watermark: Watermark) -> bytes:
    """Value of the partition's record in `watermarks.v1`."""
    record = {
        "application": application,
        "partition": partition,
        "generation": generation,
        "positions": [
            {"topic": topic, "offset": offset, "attempts": watermark.attempts.get(topic, 0)}
            for topic, offset in sorted(watermark.positions.items())
        ],
        "caught_up_at": watermark.caught_up_at_ms,
        "memo": watermark.memo,
    }
    return default_codec().encode_one(_SCHEMA, record)


def decode_watermark(value: bytes) -> Watermark:
    """The inverse of `encode_watermark`. schemas.wire.BadRecord if it is none."""
    record = default_codec().decode_one(_SCHEMA, value)
    positions = record["positions"]
    return Watermark(
        positions={position["topic"]: position["offset"] for position in positions},
        attempts={position["topic"]: position["attempts"] for position in positions},
        caught_up_at_ms=record["caught_up_at"],
        memo=record["memo"],
    )
