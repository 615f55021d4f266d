"""Random records of any schema, as the codec takes and gives them."""

from typing import Any

from hypothesis import strategies as st

from schemas.avrotype import Kind, Type

_INT = (1 << 31) - 1
_LONG = (1 << 63) - 1
_TEXT = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ["", "x" * 63, "é" * 40, "\0", "😀"]
)
_SIMPLE: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.INT: st.integers(-_INT - 1, _INT) | st.sampled_from([0, -1, 63, 64, -64, -65, _INT]),
    Kind.LONG: st.integers(-_LONG - 1, _LONG) | st.integers(0, 10**13) | st.sampled_from([0, -1, -65, 8191]),
    Kind.STRING: _TEXT,
    Kind.BYTES: st.binary(max_size=70),
    Kind.DOUBLE: st.floats(allow_nan=False, allow_infinity=False),
    Kind.BOOLEAN: st.booleans(),
}


def values(kind: Type) -> st.SearchStrategy[Any]:
    """Values of a type."""
    if kind.optional:
        return st.none() | values(kind.optional)
    if kind.kind is Kind.RECORD:
        return st.fixed_dictionaries({field.name: values(field.type) for field in kind.fields})
    if kind.kind is Kind.ARRAY:
        return st.lists(values(kind.element), max_size=4)
    if kind.kind is Kind.ENUM:
        return st.sampled_from(kind.symbols)
    return _SIMPLE[kind.kind]
