"""Forms of nested things: names are paths into the JSON they make, `steps.0.paths.1.when.rules.0.field`."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sinks.monitor.problems import Problem

DEEPEST_NAME = 64
_SPLIT = re.compile(r"[;\s]+")
_SPLIT_ALSO_AT_COMMAS = re.compile(r"[;,\s]+")
_WHOLE = re.compile(r"-?[0-9]{1,17}")
_LARGEST = 10**15


def tree(fields: Mapping[str, str]) -> dict[str, Any]:
    """Fields as nested mappings and lists; lists by the order of their numbers, gaps closed.

    Problem 422 for a name that no page of ours has.
    """
    root: dict[str, Any] = {}
    for name, value in fields.items():
        parts = name.split(".")
        if len(parts) > DEEPEST_NAME:
            raise Problem(422, "the form has a field that is nested too deeply")
        place = root
        for part in parts[:-1]:
            inner = place.setdefault(part, {})
            if not isinstance(inner, dict):
                raise Problem(422, "the form has a field within a field that holds a text")
            place = inner
        place.setdefault(parts[-1], value)
    return {name: _with_lists(inner) for name, inner in root.items()}


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(_WHOLE.fullmatch(name) for name in value):
        return [_with_lists(inner) for _, inner in sorted(value.items(), key=lambda one: int(one[0]))]
    return {name: _with_lists(inner) for name, inner in value.items()}


def whole(value: Any) -> Any:
    """A whole number where a text or a JSON number is one; else what it was: its author sees it again."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _LARGEST else str(value)
    text = value.strip() if isinstance(value, str) else value
    return int(text) if isinstance(text, str) and _WHOLE.fullmatch(text) else text


def minor(value: Any, digits: int) -> Any:
    """An amount as typed, with a point or a comma before the decimals, in minor units; else what it was."""
    if not isinstance(value, str):
        return value
    try:
        scaled = Decimal(value.strip().replace(",", ".")).scaleb(digits)
        if scaled == scaled.to_integral_value() and abs(scaled) < _LARGEST:
            return int(scaled)
    except (InvalidOperation, ValueError):
        pass
    return value.strip()


def major_text(value: Any, digits: int) -> str:
    """The inverse: minor units as somebody types them; what is not a number is shown as it is."""
    if isinstance(value, bool) or not isinstance(value, int):
        return "" if value is None else str(value)
    return f"{Decimal(value).scaleb(-digits):f}"


def listed(text: str, *, commas: bool) -> list[str]:
    """Values that somebody typed one after another; commas may be decimal ones."""
    return [one for one in (_SPLIT_ALSO_AT_COMMAS if commas else _SPLIT).split(text.strip()) if one]


def mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return list(value) if isinstance(value, list) else []


def text_of(value: Any, longest: int) -> str:
    """The value if it is a text, cut to a length, without halves of characters, which no log can hold."""
    return value[:longest].encode(errors="ignore").decode() if isinstance(value, str) else ""
