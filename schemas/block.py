"""Decoding a block of messages of one schema in native code, and the columns it gives."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from schemas.avrotype import Field, Kind, SchemaError, Type
from schemas.container import file_header, with_block
from schemas.proof import NotProven, RecordProof, prove_record
from schemas.wire import HEADER_BYTES

_HEAD = "#head"
_HEAD_OFFSETS = np.arange(HEADER_BYTES)


_DTYPES: dict[Kind, Any] = {
    Kind.INT: pl.Int64,
    Kind.LONG: pl.Int64,
    Kind.STRING: pl.String,
    Kind.ENUM: pl.String,
    Kind.BYTES: pl.Binary,
    Kind.DOUBLE: pl.Float64,
    Kind.BOOLEAN: pl.Boolean,
}


def dtype(kind: Type) -> Any:
    """The polars type of a decoded value: all integers, days and instants are Int64."""
    kind = kind.optional or kind
    if kind.kind is Kind.ARRAY:
        return pl.List(dtype(kind.element))
    if kind.kind is Kind.RECORD:
        return pl.Struct({field.name: dtype(field.type) for field in kind.fields})
    if kind.kind not in _DTYPES:
        raise SchemaError(f"{kind.kind} has no column")
    return _DTYPES[kind.kind]


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
        head = {"name": _HEAD, "type": {"type": "fixed", "name": "Head", "size": HEADER_BYTES}}
        fields = [{"name": field.name, "type": _native(field.type)} for field in writer.fields]
        self._file = file_header({"type": "record", "name": "Row", "fields": [head, *fields]})
        self._proof = RecordProof(writer.fields)
        written = {field.name: field.type for field in writer.fields}
        self._written = frozenset(written)
        self._columns = {field.name: _column(field, written.get(field.name)) for field in reader.fields}

    def read(self, payloads: Sequence[bytes]) -> pl.DataFrame:
        """One row a payload, all with the first one's header; NotProven if anything is unusual."""
        data, ends = _joined(payloads)
        frame = _read_natively(with_block(self._file, len(payloads), data))
        if frame.height != len(payloads):
            raise NotProven
        starts = np.concatenate(([0], ends[:-1])) + HEADER_BYTES
        prove_record(self._proof, frame, np.frombuffer(data, dtype=np.uint8), starts, ends)
        return frame.select(self._columns.values())

    def read_columns(self, payloads: Sequence[bytes], names: Sequence[str]) -> pl.DataFrame:
        """Some columns, unproven; NotProven if headers differ or rows cannot be read."""
        data, _ = _joined(payloads)
        wanted = [name for name in names if name in self._written]
        frame = _read_natively(with_block(self._file, len(payloads), data), wanted)
        if frame.height != len(payloads):
            raise NotProven
        return frame.select(self._columns[name] for name in names)


def _joined(payloads: Sequence[bytes]) -> tuple[bytes, np.ndarray[Any, np.dtype[np.int64]]]:
    """All payloads, and where each ends; NotProven unless they begin with the same header."""
    lengths = np.fromiter(map(len, payloads), dtype=np.int64, count=len(payloads))
    if lengths.min() < HEADER_BYTES:
        raise NotProven
    ends = lengths.cumsum()
    data = b"".join(payloads)
    buffer = np.frombuffer(data, dtype=np.uint8)
    heads = buffer[(ends - lengths)[:, None] + _HEAD_OFFSETS]
    if not (heads == buffer[:HEADER_BYTES]).all():
        raise NotProven
    return data, ends


def _column(field: Field, written: Type | None) -> pl.Expr:
    if written is None:
        return pl.lit(empty_value(field), dtype=dtype(field.type)).alias(field.name)
    kind = written.optional or written
    if kind.kind is Kind.ENUM:
        return pl.lit(pl.Series(kind.symbols, dtype=pl.String)).gather(pl.col(field.name)).alias(field.name)
    return pl.col(field.name)


def _read_natively(file: bytes, columns: list[str] | None = None) -> pl.DataFrame:
    try:
        return pl.read_avro(io.BytesIO(file), columns=columns)
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
