"""The files <schema>.<case>.json of schemas/examples: values as the codec gives them, bytes as Latin-1."""

import json
from pathlib import Path
from typing import Any

from schemas.avrotype import Kind, Type
from schemas.catalog import Catalog

FOLDER = Path(__file__).parents[2] / "schemas" / "examples"
CATALOG = Catalog()


def names() -> list[str]:
    """Every example as `schema.case`."""
    return sorted(file.stem for file in FOLDER.glob("*.json"))


def load(name: str) -> tuple[str, dict[str, Any]]:
    """(schema name, record) of an example."""
    schema = name.partition(".")[0]
    record = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return schema, _from_json(CATALOG.type(schema), record)


def _from_json(kind: Type, value: Any) -> Any:
    kind = kind.optional or kind
    if value is None:
        return None
    if kind.kind is Kind.RECORD:
        known = {field.name: field.type for field in kind.fields}
        return {name: _from_json(known[name], inner) for name, inner in value.items()}
    if kind.kind is Kind.ARRAY:
        return [_from_json(kind.element, item) for item in value]
    return value.encode("latin-1") if kind.kind is Kind.BYTES else value
