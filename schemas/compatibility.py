"""Avro's schema resolution as a question: can this reader read what that writer wrote?

Rules: Apache Avro specification, "Schema Resolution". BACKWARD compatibility of a registry is the same
question with the new schema as reader and the stored one as writer.
"""

from collections.abc import Iterator

from schemas.avrotype import Kind, Type

_WIDENS = {
    Kind.INT: {Kind.LONG, Kind.FLOAT, Kind.DOUBLE},
    Kind.LONG: {Kind.FLOAT, Kind.DOUBLE},
    Kind.FLOAT: {Kind.DOUBLE},
    Kind.STRING: {Kind.BYTES},
    Kind.BYTES: {Kind.STRING},
}


def problems(reader: Type, writer: Type, path: str = "") -> list[str]:
    """Why `reader` cannot read `writer`'s records, each with the field's path; [] if it can."""
    return list(_problems(reader, writer, path))


def _problems(reader: Type, writer: Type, path: str) -> Iterator[str]:
    at = path or "record"
    if writer.kind is Kind.UNION:
        for branch in writer.branches:
            yield from _problems(reader, branch, path)
    elif reader.kind is Kind.UNION:
        if all(problems(branch, writer) for branch in reader.branches):
            yield f"{at}: no branch reads {writer.kind}"
    elif reader.kind is not writer.kind:
        if reader.kind not in _WIDENS.get(writer.kind, set()):
            yield f"{at}: {writer.kind} cannot be read as {reader.kind}"
    elif reader.name != writer.name:
        yield f"{at}: {writer.name} is not {reader.name}"
    else:
        yield from _problems_within(reader, writer, path)


def _problems_within(reader: Type, writer: Type, path: str) -> Iterator[str]:
    """Of two types of one kind and name."""
    at = path or "record"
    if reader.kind is Kind.RECORD:
        yield from _record_problems(reader, writer, path)
    elif reader.kind in (Kind.ARRAY, Kind.MAP):
        yield from _problems(reader.element, writer.element, f"{path}[]")
    elif reader.size != writer.size:
        yield f"{at}: {writer.size} bytes cannot be read as {reader.size}"
    for symbol in sorted(set(writer.symbols) - set(reader.symbols)):
        yield f"{at}: symbol {symbol} is not known"


def _record_problems(reader: Type, writer: Type, path: str) -> Iterator[str]:
    written = {field.name: field.type for field in writer.fields}
    for field in reader.fields:
        at = f"{path}.{field.name}" if path else field.name
        if field.name in written:
            yield from _problems(field.type, written[field.name], at)
        elif not field.has_default:
            yield f"{at}: not written, and without a default"


def reads_alike(reader: Type, writer: Type) -> bool:
    """Whether values decoded by the writer's schema already are what the reader expects.

    True also where the writer is narrower (int for long, text for optional text); False calls for
    resolution record by record.
    """
    if writer.kind is Kind.UNION and (writer.optional is None or reader.kind is not Kind.UNION):
        return False
    inner, written = reader.optional or reader, writer.optional or writer
    if inner.kind is not written.kind:
        return inner.kind is Kind.LONG and written.kind is Kind.INT
    if inner.kind is Kind.RECORD:
        return len(inner.fields) == len(written.fields) and all(
            mine.name == theirs.name and reads_alike(mine.type, theirs.type)
            for mine, theirs in zip(inner.fields, written.fields, strict=True)
        )
    if inner.kind is Kind.ARRAY:
        return reads_alike(inner.element, written.element)
    known = set(written.symbols) <= set(inner.symbols)
    return known and inner.kind not in (Kind.UNION, Kind.MAP, Kind.FIXED, Kind.FLOAT)
