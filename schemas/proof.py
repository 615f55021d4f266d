"""Proof that a natively decoded block is what the payloads say, byte for byte.

polars.read_avro takes a datum too many bytes long for the next one's beginning, any union index but 0 for 1
and any boolean byte but 1 for false. So the place of every byte is computed from the values: canonical
encoding is the shortest, the reader took at least as much for each row and all rows together fill the
buffer; if every row's canonical length equals its payload's, every row was read from its own bytes. Union
and boolean bytes are then looked at where they must lie. What is valid but not canonical (arrays in
several blocks, padded numbers) is not proven and goes to the strict reader.
"""

from typing import Any

import numpy as np
import polars as pl

from schemas.avrotype import Kind, Type

Ints = np.ndarray[Any, np.dtype[Any]]
_LIMITS = np.array([1 << 7 * width for width in range(1, 10)], dtype=np.uint64)
_TEN_BYTES = 10


class NotProven(Exception):
    """The block has to be read one by one."""


class Proof:
    """Walks the decoded columns of one buffer; `at` is where each value begins."""

    def __init__(self, buffer: bytes) -> None:
        self._buffer = np.frombuffer(buffer, dtype=np.uint8)

    def walk(self, kind: Type, values: pl.Series, at: Ints, look: bool = True) -> Ints:
        """Where each value ends; NotProven at the first contradiction.

        Without `look` positions are relative: sizes are computed and no byte is compared.
        """
        match kind.kind:
            case Kind.LONG | Kind.INT | Kind.ENUM:
                return at + _signed_width(_checked(kind, values))
            case Kind.STRING:
                return at + _with_length(values.str.len_bytes().to_numpy())
            case Kind.BYTES:
                return at + _with_length(values.bin.size().to_numpy())
            case Kind.DOUBLE:
                if not np.isfinite(values.to_numpy()).all():
                    raise NotProven
                return at + 8
            case Kind.BOOLEAN:
                self._expect(at, values.to_numpy(), look)
                return at + 1
            case Kind.UNION:
                return self._union(kind, values, at, look)
            case Kind.RECORD:
                for field in kind.fields:
                    at = self.walk(field.type, values.struct.field(field.name), at, look)
                return at
            case Kind.ARRAY:
                return self._array(kind.element, values, at, look)
        raise NotProven

    def expect_bytes(self, wanted: bytes, at: Ints) -> None:
        """The same few bytes at every position."""
        for offset, byte in enumerate(wanted):
            self._expect(at + offset, byte, True)

    def _expect(self, at: Ints, wanted: Ints | int, look: bool) -> None:
        if look and not (self._bytes_at(at) == wanted).all():
            raise NotProven

    def _bytes_at(self, at: Ints) -> Ints:
        if len(at) and int(at.max()) >= len(self._buffer):
            raise NotProven
        found: Ints = self._buffer[at]
        return found

    def _union(self, kind: Type, values: pl.Series, at: Ints, look: bool) -> Ints:
        inner = kind.optional
        if inner is None:
            raise NotProven
        null = 0 if kind.branches[0].kind is Kind.NULL else 2
        nulls = values.null_count()
        if nulls == len(values):
            self._expect(at, null, look)
            return at + 1
        if not nulls:
            self._expect(at, 2 - null, look)
            return self.walk(inner, values, at + 1, look)
        there = values.is_not_null().to_numpy()
        self._expect(at, np.where(there, 2 - null, null), look)
        end = at + 1
        end[there] = self.walk(inner, values.drop_nulls(), end[there], look)
        return end

    def _array(self, item: Type, values: pl.Series, at: Ints, look: bool) -> Ints:
        counts = values.list.len().to_numpy().astype(np.int64)
        filled = counts > 0
        if not filled.all():
            self._expect(at[~filled], 0, look)
            end = at + 1
            if filled.any():
                end[filled] = self._array(item, values.filter(pl.Series(filled)), at[filled], look)
            return end
        items = values.explode()
        widths = self.walk(item, items, np.zeros(len(items), dtype=np.int64), look=False)
        before = np.concatenate(([0], np.cumsum(widths)))
        first = np.concatenate(([0], np.cumsum(counts)))
        begin = at + _signed_width(counts)
        if look:
            starts = np.repeat(begin - before[first[:-1]], counts) + before[:-1]
            self.walk(item, items, starts)
        return begin + (before[first[1:]] - before[first[:-1]]) + 1


def _checked(kind: Type, values: pl.Series) -> Ints:
    numbers: Ints = values.to_numpy()
    if kind.kind is Kind.LONG or not len(numbers):
        return numbers
    low, high = (0, len(kind.symbols) - 1) if kind.kind is Kind.ENUM else (-(1 << 31), (1 << 31) - 1)
    if numbers.min() < low or numbers.max() > high:
        raise NotProven
    return numbers


def _with_length(lengths: Ints) -> Ints:
    lengths = lengths.astype(np.int64)
    return lengths + _width(lengths << 1)


def _signed_width(numbers: Ints) -> Ints | int:
    return _width((numbers << 1) ^ (numbers >> 63))


def _width(zigzag: Ints) -> Ints | int:
    """Bytes of the variable-length numbers; one int where all have the same."""
    if not len(zigzag):
        return 0
    numbers = zigzag.view(np.uint64)
    low, high = (int(w) + 1 for w in np.searchsorted(_LIMITS, [numbers.min(), numbers.max()], side="right"))
    if high == _TEN_BYTES:
        # Bits beyond the 64th are cut off by the native reader, at the same length.
        raise NotProven
    if low == high:
        return low
    widths: Ints = np.searchsorted(_LIMITS, numbers, side="right") + 1
    return widths
