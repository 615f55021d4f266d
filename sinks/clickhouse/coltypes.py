"""Types of decoded columns: what Avro calls a date or an instant, ClickHouse shall see as one."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import polars as pl

from schemas.catalog import Catalog

_FIRST_DAY, _LAST_DAY = -25_567, 120_529  # 1900-01-01 and 2299-12-31: what Date32 and DateTime64 hold
_DAY_MS = 86_400_000

_PLAIN: Mapping[str, pl.DataType] = {
    "int": pl.Int64(),
    "long": pl.Int64(),
    "string": pl.String(),
    "enum": pl.String(),
    "bytes": pl.Binary(),
    "double": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "timestamp-millis": pl.Datetime("ms"),
}


@cache
def column_types(schema: str) -> pl.Schema:
    """Column types of a schema by field name."""
    return pl.Schema({field["name"]: _column(field["type"]) for field in Catalog().schema(schema)["fields"]})


def storable(schema: str) -> pl.Expr:
    """Whether every day and instant of a decoded record lies in the years 1900 to 2299."""
    bounds = [pl.lit(value=True)]
    for name, kind in column_types(schema).items():
        scale = {pl.Date: 1, pl.Datetime: _DAY_MS}.get(kind.base_type())
        if scale:
            inside = pl.col(name).is_between(_FIRST_DAY * scale, (_LAST_DAY + 1) * scale - 1)
            bounds.append(inside.fill_null(value=True))
    return pl.all_horizontal(bounds)


def _column(kind: Any) -> pl.DataType:
    if isinstance(kind, list):
        kind = next(branch for branch in kind if branch != "null")
    if isinstance(kind, str):
        return _PLAIN[kind]
    name = kind.get("logicalType", kind["type"])
    if name == "array":
        return pl.List(_column(kind["items"]))
    if name == "record":
        return pl.Struct({field["name"]: _column(field["type"]) for field in kind["fields"]})
    return _PLAIN[name]
