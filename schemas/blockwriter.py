"""Encoding a block of records of one schema in native code."""

import io
import secrets
import struct
from collections.abc import Mapping
from typing import Any

import polars as pl

from schemas.avrotype import Kind, Type
from schemas.columnwriter import Column, EncodeError
from schemas.container import block_data

_END = "#end"


def writable(kind: Type) -> bool:
    """Whether polars writes the type as the schema says: it makes every field, also nested, nullable."""
    return all(_nullable_first(field.type) for field in kind.fields)


def _nullable_first(kind: Type) -> bool:
    inner = kind.optional
    if inner is None or kind.branches[0].kind is not Kind.NULL:
        return False
    match inner.kind:
        case Kind.RECORD:
            return writable(inner)
        case Kind.ARRAY:
            return _nullable_first(inner.element)
    return inner.kind in _DTYPES


_DTYPES = {
    Kind.INT: pl.Int32(),
    Kind.LONG: pl.Int64(),
    Kind.STRING: pl.String(),
    Kind.BYTES: pl.Binary(),
    Kind.DOUBLE: pl.Float64(),
    Kind.BOOLEAN: pl.Boolean(),
}


def written_dtype(kind: Type) -> Any:
    """The polars type that is written as this Avro type."""
    inner = kind.optional or kind
    match inner.kind:
        case Kind.ARRAY:
            return pl.List(written_dtype(inner.element))
        case Kind.RECORD:
            return pl.Struct({field.name: written_dtype(field.type) for field in inner.fields})
    return _DTYPES[inner.kind]


class BlockWriter:
    """Writes columns of a schema whose fields are all nullable."""

    def __init__(self, kind: Type) -> None:
        self._dtypes = {field.name: written_dtype(field.type) for field in kind.fields}

    def bodies(self, columns: Mapping[str, Column], count: int) -> list[bytes] | None:
        """One Avro body a row, or None where rows cannot be told apart; EncodeError for a wrong value.

        Rows are split at the bytes of a random last column, drawn anew for every block.
        """
        mark = 1.0 + secrets.randbits(52) / (1 << 52)
        end = pl.Series(_END, [mark]).new_from_index(0, count)
        frame = pl.DataFrame([*(self._column(name, columns, count) for name in self._dtypes), end])
        file = io.BytesIO()
        frame.write_avro(file, name="Row")
        data = b"".join(block_data(file.getvalue()))
        rows = data.split(b"\x02" + struct.pack("<d", mark))
        return rows[:-1] if len(rows) == count + 1 and not rows[-1] else None

    def _column(self, name: str, columns: Mapping[str, Column], count: int) -> pl.Series:
        values = columns.get(name)
        if values is None:
            return pl.Series(name, [None], dtype=self._dtypes[name]).new_from_index(0, count)
        try:
            if isinstance(values, pl.Series):
                return values.cast(self._dtypes[name]).alias(name)
            return pl.Series(name, values, dtype=self._dtypes[name], strict=True)
        except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError) as error:
            raise EncodeError(f"{name}: {error}") from error
