"""Columns out of which single rows are picked, and rows that belong to other rows."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice, repeat
from typing import Any, Generic, TypeVar

import numpy as np
import polars as pl

Ints = np.ndarray[Any, np.dtype[np.int64]]

ROW = "row"

Member = TypeVar("Member")


class Columns:
    """Arrays where numbers stand in every row, which are quick to pick from; series for the rest."""

    def __init__(self, columns: Iterable[pl.Series] = ()) -> None:
        self._columns = [_bare(column) for column in columns]

    def rows(self, chosen: Ints) -> Iterator[tuple[Any, ...]]:
        """The rows of these numbers."""
        return zip(*(_picked(column, chosen) for column in self._columns), strict=True)


class Members(Generic[Member]):
    """What belongs to the rows of another table, by their number in ROW, which ascends."""

    def __init__(
        self, frame: pl.DataFrame, owners: int, id_name: str, make: Callable[[Iterable[Any]], Member]
    ) -> None:
        self._make = make
        self._ids = Columns([frame[id_name]])
        self._values = Columns(frame.drop(ROW, id_name))
        self._starts = np.searchsorted(frame[ROW].to_numpy(), np.arange(owners + 1))

    def of(self, chosen: Ints) -> Iterable[dict[str, Member]]:
        """For each chosen owner its members by id, made of their values."""
        starts = self._starts[chosen]
        counts = self._starts[chosen + 1] - starts
        ends = np.cumsum(counts)
        if not ends[-1]:
            return ({} for _ in range(len(chosen)))
        rows = np.repeat(starts - ends + counts, counts) + np.arange(ends[-1])
        ids = chain.from_iterable(self._ids.rows(rows))
        members = zip(ids, map(self._make, self._values.rows(rows)), strict=True)
        return (dict(islice(members, count)) for count in counts.tolist())

    def clear(self) -> None:
        """Nobody is left who could be asked for."""
        self._ids, self._values = Columns(), Columns()


def _bare(column: pl.Series) -> Ints | pl.Series | None:
    if column.null_count() == len(column):
        return None
    if column.null_count() or not (column.dtype.is_numeric() or column.dtype == pl.Boolean):
        return column
    return column.to_numpy()


def _picked(column: Ints | pl.Series | None, chosen: Ints) -> Iterable[Any]:
    if column is None:
        return repeat(None, len(chosen))
    if isinstance(column, pl.Series):
        return column[chosen].to_list()
    values: list[Any] = column[chosen].tolist()
    return values
