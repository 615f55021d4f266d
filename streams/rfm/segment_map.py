"""The segment map: which segment each of the 125 combinations of scores is."""

import csv
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import product

from streams.rfm.segments import GROUPS, Group, Segment

Scores = tuple[int, int, int]
"""(r, f, m), each 1..5."""

SCORES = range(1, 6)

RANK: dict[Segment, int] = {
    Segment.CHAMPIONS: 9,
    Segment.LOYAL: 8,
    Segment.POTENTIAL_LOYALIST: 7,
    Segment.RECENT: 6,
    Segment.PROMISING: 6,
    Segment.NEED_ATTENTION: 5,
    Segment.CANT_LOSE: 5,
    Segment.ABOUT_TO_SLEEP: 4,
    Segment.AT_RISK: 4,
    Segment.HIBERNATING: 3,
    Segment.LOST: 2,
}
"""How well a segment speaks of a contact; equal ranks are not compared."""


def read_map(lines: list[str]) -> dict[Scores, Segment]:
    """Read `r,f,m,segment` lines. ValueError names a cell that is missing, doubled or no cell."""
    cells: dict[Scores, Segment] = {}
    for row in csv.DictReader(lines):
        scores = (int(row["r"]), int(row["f"]), int(row["m"]))
        if scores in cells:
            raise ValueError(f"the cell {scores} appears twice")
        cells[scores] = Segment(row["segment"])
    require_complete(cells)
    return cells


def require_complete(cells: Mapping[Scores, Segment]) -> None:
    """ValueError unless each of the 125 cells has one of the eleven segments."""
    wanted = set(product(SCORES, repeat=3))
    if missing := sorted(wanted - set(cells)):
        raise ValueError(f"{len(missing)} cells have no segment, the first is {missing[0]}")
    if surplus := sorted(set(cells) - wanted):
        raise ValueError(f"{surplus[0]} is no cell: scores go from 1 to 5")
    if Segment.NO_PURCHASES in cells.values():
        raise ValueError("no_purchases is for contacts outside the map")


def warnings(cells: Mapping[Scores, Segment]) -> Iterator[str]:
    """What would surprise users of a complete map: a better score demotes, a fresh buyer is urgent."""
    for (r, f, m), segment in sorted(cells.items()):
        steps = {"recency": (r + 1, f, m), "frequency": (r, f + 1, m), "value": (r, f, m + 1)}
        for name, better in steps.items():
            other = cells.get(better)
            if other is not None and RANK[other] < RANK[segment]:
                yield f"better {name} demotes: {(r, f, m)} is {segment}, {better} is {other}"
        if r >= 4 and segment in GROUPS[Group.PRIORITY_ATTENTION]:
            yield f"{(r, f, m)} bought recently, yet is {segment}"


@cache
def standard_map() -> dict[Scores, Segment]:
    """The map of the eleven segments that ships with Latido (`segment_map_zenvia_11.csv`)."""
    text = files("streams.rfm").joinpath("segment_map_zenvia_11.csv").read_text(encoding="utf-8")
    return read_map(text.splitlines())


_RF_10 = {
    Segment.CHAMPIONS: {(5, 4), (5, 5)},
    Segment.LOYAL: {(3, 4), (3, 5), (4, 4), (4, 5)},
    Segment.POTENTIAL_LOYALIST: {(4, 2), (4, 3), (5, 2), (5, 3)},
    Segment.RECENT: {(5, 1)},
    Segment.PROMISING: {(4, 1)},
    Segment.NEED_ATTENTION: {(3, 3)},
    Segment.ABOUT_TO_SLEEP: {(3, 1), (3, 2)},
    Segment.AT_RISK: {(1, 3), (1, 4), (2, 3), (2, 4)},
    Segment.CANT_LOSE: {(1, 5), (2, 5)},
    Segment.HIBERNATING: {(1, 1), (1, 2), (2, 1), (2, 2)},
}


@cache
def recency_frequency_map() -> dict[Scores, Segment]:
    """Ten segments by recency and frequency alone, as trade tools commonly draw them; value is ignored."""
    cells = {(r, f, m): segment for segment, grid in _RF_10.items() for r, f in grid for m in SCORES}
    require_complete(cells)
    return cells


STANDARD = "standard-125"
PRESETS: dict[str, Callable[[], Mapping[Scores, Segment]]] = {
    STANDARD: standard_map,
    "rf-10": recency_frequency_map,
}
"""Maps to start from."""
