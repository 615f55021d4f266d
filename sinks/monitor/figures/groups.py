"""Which segments a card, a row or a download means."""

from collections.abc import Mapping
from enum import StrEnum

from schemas.records import Segment
from sinks.clickhouse.report import GROUPS

SEGMENTS: tuple[Segment, ...] = tuple(Segment)
"""In the order of every table; the last, no_purchases, stands outside the RFM groups."""

CLASSIFIED: tuple[Segment, ...] = tuple(s for s in Segment if s is not Segment.NO_PURCHASES)


class Group(StrEnum):
    """The three cards (A6-A8), and everybody."""

    BEST_CUSTOMERS = "best_customers"
    HAVE_POTENTIAL = "have_potential"
    PRIORITY_ATTENTION = "priority_attention"
    ALL = "all"


MEMBERS: Mapping[Group, tuple[Segment, ...]] = {
    **{Group(name): segments for name, segments in GROUPS.items()},
    Group.ALL: SEGMENTS,
}
CARDS = (Group.BEST_CUSTOMERS, Group.HAVE_POTENTIAL, Group.PRIORITY_ATTENTION)


def segments_of(name: str) -> tuple[Segment, ...]:
    """Segments of a group or of a segment, by name; KeyError for neither."""
    if name in list(Group):
        return MEMBERS[Group(name)]
    if name in list(Segment):
        return (Segment(name),)
    raise KeyError(name)
