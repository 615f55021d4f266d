"""Decoding a block of messages of one schema in native code, and the columns it gives."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from schemas.avrotype import Field, Kind, Type
from schemas.container import file_header, with_block
from schemas.proof import NotProven, Proof
from schemas.wire import HEADER_BYTES

_HEAD = "#head"


def dtype(kind: Type) -> Any:
    """The polars type of a decoded value: all integers, days and instants are Int64."""
    match (kind.optional or kind).kind:
        case Kind.INT | Kind.LONG:
            return pl.Int64
        case Kind.STRING | Kind.ENUM:
            return pl.String
        case Kind.BYTES:
            return pl.Binary
        case Kind.DOUBLE:
            return pl.Float64
        case Kind.BOOLEAN:
            return pl.Boolean
        case Kind.ARRAY:
            return pl.List(dtype((kind.optional or kind).element))
        case Kind.RECORD:
            fields = (kind.optional or kind).fields
            return pl.Struct({field.name: dtype(field.type) for field in fields})
    raise TypeError(f"{kind.kind} has no column")


def empty_value(field: Field) -> Any:
    """The default of a field as a decoded value; bytes stand as text in a schema."""
    if isinstance(field.default, str) and (field.type.optional or field.type).kind is Kind.BYTES:
        return field.default.encode("latin-1")
    return field.default


def readable(kind: Type, nested: bool = False) -> bool:
    """Whether the native reader knows the type: no maps, no fixed, unions with null only."""
    match kind.kind:
        case Kind.UNION:
            return kind.optional is not None and readable(kind.optional, nested)
        case Kind.ARRAY:
            return readable(kind.element, True)
        case Kind.RECORD:
            return all(readable(field.type, True) for field in kind.fields)
        case Kind.ENUM:
            return not nested
    return kind.kind not in (Kind.MAP, Kind.FIXED, Kind.FLOAT, Kind.NULL)


class BlockReader:
    """Reads messages of one writer schema into the columns of a reader schema that reads them alike."""

    def __init__(self, writer: Type, reader: Type) -> None:
        self._writer = writer
        self._reader = reader
        head = {"name": _HEAD, "type": {"type": "fixed", "name": "Head", "size": HEADER_BYTES}}
        fields = [{"name": field.name, "type": _native(field.type)} for field in writer.fields]
        self._file = file_header({"type": "record", "name": "Row", "fields": [head, *fields]})

    def read(self, payloads: Sequence[bytes]) -> pl.DataFrame:
        """One row a payload, all with the first one's header; NotProven if anything is unusual."""
        lengths = np.fromiter(map(len, payloads), dtype=np.int64, count=len(payloads))
        ends = lengths.cumsum()
        starts = ends - lengths
        data = b"".join(payloads)
        proof = Proof(data)
        proof.expect_bytes(payloads[0][:HEADER_BYTES], starts)
        frame = _read_natively(with_block(self._file, len(payloads), data))
        if frame.height != len(payloads):
            raise NotProven
        at = starts + HEADER_BYTES
        for field in self._writer.fields:
            at = proof.walk(field.type, frame[field.name], at)
        if not np.array_equal(at, ends):
            raise NotProven
        return self._as_read(frame)

    def _as_read(self, frame: pl.DataFrame) -> pl.DataFrame:
        written = {field.name: field.type for field in self._writer.fields}
        return pl.DataFrame([self._column(field, written, frame) for field in self._reader.fields])

    def _column(self, field: Field, written: Mapping[str, Type], frame: pl.DataFrame) -> pl.Series:
        if field.name not in written:
            return pl.Series(field.name, [empty_value(field)], dtype=dtype(field.type)).new_from_index(
                0, frame.height
            )
        kind = written[field.name].optional or written[field.name]
        column = frame[field.name]
        if kind.kind is Kind.ENUM:
            return pl.Series(field.name, kind.symbols, dtype=pl.String).gather(column).alias(field.name)
        return column


def _read_natively(file: bytes) -> pl.DataFrame:
    try:
        return pl.read_avro(io.BytesIO(file))
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # a panic in Rust is no Exception
        raise NotProven from error


def _native(kind: Type) -> Any:
    """The schema with which polars reads a type: the same bytes, wide enough to see what is wrong."""
    match kind.kind:
        case Kind.INT | Kind.LONG | Kind.ENUM:
            return "long"
        case Kind.UNION:
            return [_native(branch) for branch in kind.branches]
        case Kind.ARRAY:
            return {"type": "array", "items": _native(kind.element)}
        case Kind.RECORD:
            fields = [{"name": field.name, "type": _native(field.type)} for field in kind.fields]
            return {"type": "record", "name": kind.name, "fields": fields}
    return kind.kind.value
