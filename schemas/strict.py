"""Reading one Avro datum, strictly: the judge of what is valid where faster readers look away.

Lengths are checked before anything is allocated, union and enum indices must exist, ints fit their
width, booleans are 0 or 1, doubles are finite, text is UTF-8, and a datum ends where its payload ends.
"""

import math
import struct
from collections.abc import Callable
from typing import Any

from schemas.avrotype import Kind, Type
from schemas.reasons import Reason
from schemas.wire import BadRecord

Read = Callable[[bytes, int], tuple[Any, int]]
"""Reads a value at a position: (value, position after it)."""


def read_whole(read: Read, payload: bytes, start: int) -> Any:
    """The datum from `start` to the payload's end; BadRecord unless it is exactly that long."""
    try:
        value, end = read(payload, start)
    except IndexError:
        raise BadRecord("the body ends too early") from None
    if end != len(payload):
        raise BadRecord(f"{len(payload) - end} bytes are left over")
    return value


def reader(kind: Type) -> Read:
    """Compile a type into its reader."""
    compiled = _PRIMITIVES.get(kind.kind)
    return compiled or _COMPLEX[kind.kind](kind)


def _long(buf: bytes, pos: int) -> tuple[int, int]:
    byte = buf[pos]
    pos += 1
    value, shift = byte & 127, 7
    while byte > 127:
        byte = buf[pos]
        pos += 1
        value |= (byte & 127) << shift
        shift += 7
        if shift > 70:
            raise BadRecord("a number of more than ten bytes")
    if value >> 64:
        raise BadRecord("a number of more than 64 bits")
    return (value >> 1) ^ -(value & 1), pos


def _int(buf: bytes, pos: int) -> tuple[int, int]:
    value, pos = _long(buf, pos)
    if not -(1 << 31) <= value < 1 << 31:
        raise BadRecord(f"{value} does not fit an int")
    return value, pos


def _bytes(buf: bytes, pos: int) -> tuple[bytes, int]:
    length, pos = _long(buf, pos)
    end = pos + length
    if not pos <= end <= len(buf):
        raise BadRecord(f"length {length} where {len(buf) - pos} bytes are left")
    return buf[pos:end], end


def _string(buf: bytes, pos: int) -> tuple[str, int]:
    value, pos = _bytes(buf, pos)
    try:
        return value.decode(), pos
    except UnicodeDecodeError as error:
        raise BadRecord(f"not UTF-8: {error.reason}") from None


def _boolean(buf: bytes, pos: int) -> tuple[bool, int]:
    if buf[pos] > 1:
        raise BadRecord(f"{buf[pos]} is no boolean")
    return buf[pos] == 1, pos + 1


def _real(layout: str) -> Read:
    packed = struct.Struct(layout)

    def read(buf: bytes, pos: int) -> tuple[float, int]:
        end = pos + packed.size
        if end > len(buf):
            raise BadRecord("the body ends within a number")
        value: float = packed.unpack_from(buf, pos)[0]
        if not math.isfinite(value):
            raise BadRecord(f"{value} is no amount", Reason.INVALID_VALUE)
        return value, end

    return read


_PRIMITIVES: dict[Kind, Read] = {
    Kind.NULL: lambda _, pos: (None, pos),
    Kind.BOOLEAN: _boolean,
    Kind.INT: _int,
    Kind.LONG: _long,
    Kind.FLOAT: _real("<f"),
    Kind.DOUBLE: _real("<d"),
    Kind.BYTES: _bytes,
    Kind.STRING: _string,
}


_SHORT: dict[Kind, int] = {Kind.STRING: -1, Kind.INT: 4, Kind.LONG: 9}
"""What a record reads without a call: text of a few bytes (-1), and numbers of so many, which always fit."""
_NULL, _VALUE = 0, 2


def _short(kind: Type) -> int:
    inner = kind.optional
    return 0 if inner is None or kind.branches[0].kind is not Kind.NULL else _SHORT.get(inner.kind, 0)


def _record(kind: Type) -> Read:  # noqa: C901 - a call for each of thirty fields is felt
    fields = [(field.name, _short(field.type), reader(field.type)) for field in kind.fields]

    def read(buf: bytes, pos: int) -> tuple[dict[str, Any], int]:  # noqa: C901 - as above
        value: dict[str, Any] = {}
        name, size = "", len(buf)
        try:
            for name, most, read_field in fields:
                if most:
                    branch = buf[pos]
                    if branch == _NULL:
                        value[name] = None
                        pos += 1
                        continue
                    if branch == _VALUE:
                        byte, at = buf[pos + 1], pos + 2
                        if most > 0:
                            number, shift, last = byte & 127, 7, pos + most
                            while byte > 127 and at <= last:
                                byte = buf[at]
                                at += 1
                                number |= (byte & 127) << shift
                                shift += 7
                            if byte < 128:
                                value[name], pos = (number >> 1) ^ -(number & 1), at
                                continue
                        elif byte < 128 and not byte & 1:
                            end = at + (byte >> 1)
                            if end <= size:
                                value[name], pos = buf[at:end].decode(), end
                                continue
                value[name], pos = read_field(buf, pos)
        except BadRecord as error:
            raise BadRecord(f"{name}: {error}", error.reason) from None
        except IndexError:
            raise BadRecord(f"{name}: the body ends here") from None
        except UnicodeDecodeError as error:
            raise BadRecord(f"{name}: not UTF-8: {error.reason}") from None
        return value, pos

    return read


def _union(branches: list[Read]) -> Read:
    def read(buf: bytes, pos: int) -> tuple[Any, int]:
        index, pos = _long(buf, pos)
        if not 0 <= index < len(branches):
            raise BadRecord(f"branch {index} of a union of {len(branches)}")
        return branches[index](buf, pos)

    return read


def _enum(symbols: tuple[str, ...]) -> Read:
    def read(buf: bytes, pos: int) -> tuple[str, int]:
        index, pos = _long(buf, pos)
        if not 0 <= index < len(symbols):
            raise BadRecord(f"symbol {index} of {len(symbols)}")
        return symbols[index], pos

    return read


def _fixed(size: int) -> Read:
    def read(buf: bytes, pos: int) -> tuple[bytes, int]:
        if pos + size > len(buf):
            raise BadRecord(f"{size} bytes where {len(buf) - pos} are left")
        return buf[pos : pos + size], pos + size

    return read


def _block(buf: bytes, pos: int) -> tuple[int, int]:
    """Items of the next block of an array or map, 0 at its end."""
    count, pos = _long(buf, pos)
    if count < 0:
        count, (size, pos) = -count, _long(buf, pos)
        if not 0 <= size <= len(buf) - pos:
            raise BadRecord(f"a block of {size} bytes where {len(buf) - pos} are left")
    if count > len(buf) - pos:
        raise BadRecord(f"{count} items where {len(buf) - pos} bytes are left")
    return count, pos


def _array(read_item: Read) -> Read:
    def read(buf: bytes, pos: int) -> tuple[list[Any], int]:
        items: list[Any] = []
        count, pos = _block(buf, pos)
        while count:
            for _ in range(count):
                item, pos = read_item(buf, pos)
                items.append(item)
            count, pos = _block(buf, pos)
        return items, pos

    return read


def _map(read_value: Read) -> Read:
    def read(buf: bytes, pos: int) -> tuple[dict[str, Any], int]:
        items: dict[str, Any] = {}
        count, pos = _block(buf, pos)
        while count:
            for _ in range(count):
                key, pos = _string(buf, pos)
                items[key], pos = read_value(buf, pos)
            count, pos = _block(buf, pos)
        return items, pos

    return read


_COMPLEX: dict[Kind, Callable[[Type], Read]] = {
    Kind.RECORD: _record,
    Kind.UNION: lambda kind: _union([reader(branch) for branch in kind.branches]),
    Kind.ARRAY: lambda kind: _array(reader(kind.element)),
    Kind.MAP: lambda kind: _map(reader(kind.element)),
    Kind.ENUM: lambda kind: _enum(kind.symbols),
    Kind.FIXED: lambda kind: _fixed(kind.size),
}
