"""Avro schemas as types: what the decoders, the encoders and the compatibility check walk over.

Logical types are dropped: a date is its days since 1970-01-01, a timestamp its milliseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """Avro's types."""

    NULL = "null"
    BOOLEAN = "boolean"
    INT = "int"
    LONG = "long"
    FLOAT = "float"
    DOUBLE = "double"
    BYTES = "bytes"
    STRING = "string"
    FIXED = "fixed"
    ENUM = "enum"
    ARRAY = "array"
    MAP = "map"
    RECORD = "record"
    UNION = "union"


class SchemaError(ValueError):
    """A schema that cannot be used: unknown type, recursion, items without bytes."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record; `default` counts only where `has_default`."""

    name: str
    type: "Type"
    has_default: bool = False
    default: Any = None


@dataclass(frozen=True, slots=True)
class Type:
    """One node: `items` of arrays and maps, `branches` of unions, `size` of fixed."""

    kind: Kind
    name: str = ""
    fields: tuple[Field, ...] = ()
    items: "Type | None" = None
    symbols: tuple[str, ...] = ()
    branches: tuple["Type", ...] = ()
    size: int = 0

    @property
    def optional(self) -> "Type | None":
        """The other branch, if this is a union of null and one other type."""
        if self.kind is Kind.UNION and len(self.branches) == 2:
            others = [branch for branch in self.branches if branch.kind is not Kind.NULL]
            return others[0] if len(others) == 1 else None
        return None

    @property
    def element(self) -> "Type":
        """The items of an array or map."""
        if self.items is None:
            raise SchemaError(f"{self.kind} has no items")
        return self.items

    @property
    def least_bytes(self) -> int:
        """The fewest bytes a value takes; 0 lets a few bytes claim endless items."""
        match self.kind:
            case Kind.NULL:
                return 0
            case Kind.FLOAT:
                return 4
            case Kind.DOUBLE:
                return 8
            case Kind.FIXED:
                return self.size
            case Kind.RECORD:
                return sum(field.type.least_bytes for field in self.fields)
        return 1


def parse(schema: Any) -> Type:
    """The type of a schema as read from JSON; SchemaError if it cannot be used."""
    return _parse(schema, "", {})


def _parse(schema: Any, space: str, named: dict[str, Type | None]) -> Type:
    if isinstance(schema, str):
        return _by_name(schema, space, named)
    if isinstance(schema, list):
        return Type(Kind.UNION, branches=tuple(_parse(branch, space, named) for branch in schema))
    if not isinstance(schema, Mapping):
        raise SchemaError(f"not a schema: {schema!r}")
    kind = schema.get("type")
    if not isinstance(kind, str) or kind not in _COMPLEX:
        return _parse(kind, space, named)
    if kind in (Kind.ARRAY, Kind.MAP):
        items = _parse(schema["items" if kind == Kind.ARRAY else "values"], space, named)
        if kind == Kind.ARRAY and not items.least_bytes:
            raise SchemaError("array whose items take no bytes")
        return Type(Kind(kind), items=items)
    return _parse_named(Kind(kind), schema, space, named)


_COMPLEX = {Kind.ARRAY, Kind.MAP, Kind.RECORD, Kind.ENUM, Kind.FIXED}


def _by_name(name: str, space: str, named: dict[str, Type | None]) -> Type:
    if name in named or f"{space}.{name}" in named:
        found = named.get(name) or named.get(f"{space}.{name}")
        if found is None:
            raise SchemaError(f"{name} contains itself")
        return found
    if name not in list(Kind) or name in _COMPLEX or name == Kind.UNION:
        raise SchemaError(f"unknown type {name}")
    return Type(Kind(name))


def _parse_named(kind: Kind, schema: Mapping[str, Any], space: str, named: dict[str, Type | None]) -> Type:
    given = str(schema["name"])
    space = given.rpartition(".")[0] or str(schema.get("namespace", space))
    simple = given.rpartition(".")[2]
    full = f"{space}.{simple}" if space else simple
    named[full] = None
    if kind is Kind.RECORD:
        fields = (
            Field(f["name"], _parse(f["type"], space, named), "default" in f, f.get("default"))
            for f in schema["fields"]
        )
        made = Type(kind, simple, fields=tuple(fields))
    elif kind is Kind.ENUM:
        made = Type(kind, simple, symbols=tuple(schema["symbols"]))
    else:
        made = Type(kind, simple, size=int(schema["size"]))
    named[full] = made
    return made
