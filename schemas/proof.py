"""Proof that a natively decoded block is what the payloads say, byte for byte.

polars.read_avro takes a datum too many bytes long for the next one's beginning, any union index but 0 for 1
and any boolean byte but 1 for false. So the place of every byte is computed from the values: canonical
encoding is the shortest, the reader took at least as much for each row, and all rows together fill the
buffer; if every row's canonical length equals its payload's, every row was read from its own bytes. Union
and boolean bytes are then looked at where they must lie. What is valid but not canonical (arrays in
several blocks, padded numbers) is not proven and goes to the strict reader.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from schemas.avrotype import Field, Kind, Type

Ints = np.ndarray[Any, np.dtype[Any]]
_TEXTS = (Kind.STRING, Kind.BYTES)
_LIMITS = np.array([1 << 7 * width for width in range(1, 10)], dtype=np.uint64)
_TEN_BYTES = 10
_ONE_BYTE = 64
_RANGES = {
    Kind.INT: (-(1 << 31), (1 << 31) - 1),
    Kind.LONG: (-(1 << 63), (1 << 63) - 1),
}


class NotProven(Exception):
    """The block has to be read one by one."""


class Mark(NamedTuple):
    """Bytes to look at: for each of `rows` (None: every row) the byte `wanted` lies at `at`."""

    rows: Ints | None
    at: Ints
    wanted: Ints | int


def prove_record(record: "RecordProof", frame: pl.DataFrame, buffer: Ints, starts: Ints, ends: Ints) -> None:
    """NotProven unless row i is exactly what `buffer[starts[i]:ends[i]]` encodes."""
    marks: list[Mark] = []
    if not np.array_equal(record.walk(frame, starts, marks), ends):
        raise NotProven
    for mark in marks:
        if not (buffer[mark.at] == mark.wanted).all():
            raise NotProven


class RecordProof:
    """Computes where the fields of a record lie."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._fields = [(field.name, _ValueProof(field.type)) for field in fields]
        self._lengths = [proof.length_of(name) for name, proof in self._fields if proof.is_text]

    def walk(self, frame: pl.DataFrame, at: Ints, marks: list[Mark]) -> Ints:
        """Where each row ends that begins at `at`; adds the bytes still to be looked at."""
        lengths = frame.select(self._lengths) if self._lengths else frame
        for name, proof in self._fields:
            at = proof.walk((lengths if proof.is_text else frame)[name], at, marks)
        return at


class _ValueProof:
    """The same for one value, optional or not; texts are walked by their lengths."""

    def __init__(self, kind: Type) -> None:
        self._optional = kind.kind is Kind.UNION
        self._null = 0 if self._optional and kind.branches[0].kind is Kind.NULL else 2
        self._kind = kind.optional or kind
        self.is_text = self._kind.kind in _TEXTS
        self._range = _RANGES.get(self._kind.kind, (0, len(self._kind.symbols) - 1))
        self._record = RecordProof(self._kind.fields)
        self._items = _ValueProof(self._kind.element) if self._kind.kind is Kind.ARRAY else self

    def length_of(self, name: str) -> pl.Expr:
        column = pl.col(name)
        return column.str.len_bytes() if self._kind.kind is Kind.STRING else column.bin.size()

    def walk(self, values: pl.Series, at: Ints, marks: list[Mark]) -> Ints:
        if not self._optional:
            return self._dense(values, at, marks)
        nulls = values.null_count()
        if nulls == len(values):
            marks.append(Mark(None, at, self._null))
            return at + 1
        if not nulls:
            marks.append(Mark(None, at, 2 - self._null))
            return self._dense(values, at + 1, marks)
        there = values.is_not_null().to_numpy()
        marks.append(Mark(None, at, np.where(there, 2 - self._null, self._null)))
        end = at + 1
        inner: list[Mark] = []
        rows = np.flatnonzero(there)
        end[rows] = self._dense(values.drop_nulls(), end[rows], inner)
        marks += (Mark(_through(rows, mark.rows), mark.at, mark.wanted) for mark in inner)
        return end

    def _dense(self, values: pl.Series, at: Ints, marks: list[Mark]) -> Ints:
        """Values without nulls."""
        match self._kind.kind:
            case Kind.STRING | Kind.BYTES:
                lengths = values.to_numpy().astype(np.int64)
                short = not len(lengths) or lengths.max() < _ONE_BYTE
                end: Ints = at + (lengths + (1 if short else _width(lengths << 1)))
                return end
            case Kind.DOUBLE:
                if not np.isfinite(values.to_numpy()).all():
                    raise NotProven
                return at + 8
            case Kind.BOOLEAN:
                marks.append(Mark(None, at, values.to_numpy()))
                return at + 1
            case Kind.RECORD:
                return self._record.walk(values.struct.unnest(), at, marks)
            case Kind.ARRAY:
                return self._array(values, at, marks)
        return at + _signed_width(values.to_numpy(), *self._range)

    def _array(self, values: pl.Series, at: Ints, marks: list[Mark]) -> Ints:
        counts = values.list.len().to_numpy().astype(np.int64)
        items = (values if counts.all() else values.filter(values.list.len() > 0)).explode()
        if self._items.is_text:
            items = items.to_frame("").select(self._items.length_of("")).to_series()
        inner: list[Mark] = []
        widths = self._items.walk(items, np.zeros(len(items), dtype=np.int64), inner)
        before = np.concatenate(([0], np.cumsum(widths)))
        first = np.concatenate(([0], np.cumsum(counts)))
        begin = at + np.where(counts > 0, _signed_width(counts, 0, 1 << 31), 0)
        starts = np.repeat(begin - before[first[:-1]], counts) + before[:-1]
        for mark in inner:
            shift = starts if mark.rows is None else starts[mark.rows]
            marks.append(
                Mark(
                    _through(np.repeat(np.arange(len(counts)), counts), mark.rows),
                    mark.at + shift,
                    mark.wanted,
                )
            )
        end: Ints = begin + (before[first[1:]] - before[first[:-1]]) + 1
        return end


def _through(rows: Ints, inner: Ints | None) -> Ints:
    through: Ints = rows if inner is None else rows[inner]
    return through


def _signed_width(numbers: Ints, low: int, high: int) -> Ints | int:
    """Bytes of the numbers; NotProven if one is outside of the range."""
    if not len(numbers):
        return 0
    least, most = int(numbers.min()), int(numbers.max())
    if least < low or most > high:
        raise NotProven
    if least >= 0:
        return _width(numbers << 1, least << 1, most << 1)
    return _width((numbers << 1) ^ (numbers >> 63))


def _width(zigzag: Ints, low: int | None = None, high: int | None = None) -> Ints | int:
    """Bytes of numbers without sign; one int where all have the same."""
    if not len(zigzag):
        return 0
    numbers = zigzag.view(np.uint64)
    least = _width_of(int(numbers.min()) if low is None else low)
    most = _width_of(int(numbers.max()) if high is None else high)
    if most >= _TEN_BYTES:
        # Bits beyond the 64th are cut off by the native reader, at the same length.
        raise NotProven
    if least == most:
        return least
    widths: Ints = np.searchsorted(_LIMITS, numbers, side="right") + 1
    return widths


def _width_of(number: int) -> int:
    return max(1, -(-number.bit_length() // 7))
