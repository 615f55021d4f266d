"""What an automation achieves: the arm that was treated beside the one that was held back (holdout), and the
arms of a split beside each other. REQUIREMENTS D and E5.

Intention to treat: a contact counts in the arm it was dealt, whatever became of its messages. Each contact
counts once, by its first entry: who enters again was treated before, and would not be independent of itself.
The entry counts when its window has closed, in every arm alike, so that nobody is judged after half the time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from schemas.actions import ActionKind, Arm
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.arms import Comparison, Side, compared, pairs
from sinks.monitor.figures.results import milliseconds
from sinks.monitor.figures.sequences import ALPHA

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Slice(StrEnum):
    """Which entries are compared."""

    ALL = "all"
    TRANSITION = "transition"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Question:
    """Entries from `since` on, of one version or of all, and how long each is watched.

    There is no end but now: the interval is right at all times of a base that grows, not of one that slides.
    """

    automation_id: str
    window_days: int
    since: datetime = EPOCH
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Arms to be compared: of all entries, of one transition, or of one split."""

    slice: Slice
    from_segment: str | None
    to_segment: str | None
    split: str | None
    sides: tuple[Side, ...]
    comparisons: tuple[Comparison, ...]


def read_lift(queries: Queries, account_id: str, question: Question, now: datetime) -> list[Part]:
    """All entries first, then transitions, the largest first, then splits by name."""
    window = timedelta(days=question.window_days)
    rows = queries.rows(
        "lift",
        account_id,
        automation_id=question.automation_id,
        any_version=question.version is None,
        version=question.version or 0,
        since_ms=milliseconds(question.since),
        now_ms=milliseconds(now),
        window_ms=round(window.total_seconds() * 1000),
        entered=ActionKind.ENTERED.value,
        assigned=ActionKind.ASSIGNED.value,
        treated=Arm.TREATED.value,
        nothing="",
        **{one.value: one.value for one in Slice},
    )
    found: dict[tuple[str, str, str], list[Side]] = {}
    for row in rows:
        found.setdefault((row["which"], row["one"], row["other"]), []).append(_side(row))
    parts = [_part(Slice(which), one, other, sides) for (which, one, other), sides in found.items()]
    order = list(Slice)
    return sorted(parts, key=lambda part: (order.index(part.slice), -_size(part), part.split or ""))


def _part(which: Slice, one: str, other: str, sides: Sequence[Side]) -> Part:
    moved, split = which is Slice.TRANSITION, which is Slice.SPLIT
    sides = sorted(sides, key=lambda side: (side.arm is Arm.HOLDOUT, side.split_arm or ""))
    to_compare = list(pairs(sides))
    return Part(
        which,
        one if moved else None,
        other if moved else None,
        one if split else None,
        tuple(sides),
        tuple(compared(a, b, ALPHA / len(to_compare)) for a, b in to_compare),
    )


def _size(part: Part) -> int:
    return sum(side.contacts + side.running for side in part.sides)


def _side(row: dict[str, Any]) -> Side:
    return Side(
        Arm(row["arm"]),
        row["split_arm"] or None,
        int(row["contacts"]),
        int(row["running"]),
        int(row["buyers"]),
        int(row["revenue_minor"]),
        int(row["squares"]),
    )
