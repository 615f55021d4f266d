"""Avro's object container: the only form in which polars reads and writes Avro."""

import json
from typing import Any

_MAGIC = b"Obj\x01"
_SYNC = bytes(range(1, 17))


def zigzag(number: int) -> bytes:
    """A long as Avro writes it."""
    number = (number << 1) ^ (number >> 63)
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def file_header(schema: Any) -> bytes:
    """What stands before the first block of an uncompressed file."""
    meta = {b"avro.schema": json.dumps(schema).encode(), b"avro.codec": b"null"}
    pairs = b"".join(zigzag(len(k)) + k + zigzag(len(v)) + v for k, v in meta.items())
    return _MAGIC + zigzag(len(meta)) + pairs + zigzag(0) + _SYNC


def with_block(header: bytes, count: int, data: bytes) -> bytes:
    """A file of one block."""
    return b"".join((header, zigzag(count), zigzag(len(data)), data, _SYNC))


def block_data(file: bytes) -> list[bytes]:
    """The data of every block of an uncompressed file; ValueError if its form is not that."""
    if not file.startswith(_MAGIC):
        raise ValueError("not an Avro file")
    pos = len(_MAGIC)
    count, pos = _number(file, pos)
    while count:
        for _ in range(2 * count):
            length, pos = _number(file, pos)
            pos += length
        count, pos = _number(file, pos)
    sync, pos = file[pos : pos + 16], pos + 16
    blocks = []
    while pos < len(file):
        _, pos = _number(file, pos)
        length, pos = _number(file, pos)
        blocks.append(file[pos : pos + length])
        pos += length
        if file[pos : pos + 16] != sync:
            raise ValueError("block without its sync marker")
        pos += 16
    return blocks


def _number(file: bytes, pos: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = file[pos]
        pos += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return (value >> 1) ^ -(value & 1), pos
