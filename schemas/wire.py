"""The Confluent wire format, and what can go wrong with a message or its schema."""

import struct

from schemas.reasons import Reason

HEADER_BYTES = 5
_HEADER = struct.Struct(">BI")


class BadRecord(ValueError):
    """One message cannot be used; `reason` says why in code, the text in words."""

    def __init__(self, detail: str, reason: Reason = Reason.MALFORMED) -> None:
        super().__init__(detail)
        self.reason = reason


class UnknownSchema(BadRecord):
    """No schema has this id, or the one that has it cannot be read as what the topic carries."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, Reason.UNKNOWN_SCHEMA)


class RegistryUnavailable(Exception):
    """The registry gave no answer. Nothing is said about the data: pause and ask again."""


class IncompatibleSchema(Exception):
    """The registry refuses a schema of ours: readers of what is stored would break."""


def header(schema_id: int) -> bytes:
    """The five bytes before every body."""
    return _HEADER.pack(0, schema_id)


def schema_id_of(payload: bytes) -> int:
    """Id of the schema a message was written with; BadRecord if it has no header."""
    if len(payload) < HEADER_BYTES:
        raise BadRecord(f"{len(payload)} bytes are too few for a header of {HEADER_BYTES}")
    magic, schema_id = _HEADER.unpack_from(payload)
    if magic:
        raise BadRecord(f"the first byte is {magic}, not 0")
    return int(schema_id)
