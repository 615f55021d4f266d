"""Models as queries bind them: arrays of cuts, and the map as segment numbers from 1, by (r, f, m)."""

from datetime import date, timedelta
from typing import Any

from schemas.records import Segment
from sinks.monitor.figures.groups import SEGMENTS
from sinks.monitor.parts import ModelView, Scores

_SCORES = range(1, 6)
ALL_SCORES: tuple[Scores, ...] = tuple((r, f, m) for r in _SCORES for f in _SCORES for m in _SCORES)
"""Every (r, f, m), m growing fastest."""
_AHEAD = timedelta(days=2)


def cuts(model: ModelView) -> dict[str, Any]:
    """Cuts; those of frequency in hundredths, as weighted interactions are."""
    return {
        "recency_cuts": list(model.recency_cuts),
        "frequency_cuts": [100 * cut for cut in model.frequency_cuts],
        "value_cuts": list(model.value_cuts),
        "by_sum": model.value_of == "sum",
    }


def cells(model: ModelView) -> list[int]:
    """The map."""
    return [1 + SEGMENTS.index(model.cells[scores]) for scores in ALL_SCORES]


def segment_numbered(number: int) -> Segment:
    """The segment of a number; 0 is a contact without purchases."""
    return SEGMENTS[number - 1] if number else Segment.NO_PURCHASES


def until(day: date, today: date) -> date:
    """Up to which day orders count at the end of `day`; today also those dated ahead, as the workers do."""
    return day + _AHEAD if day >= today else day
