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
    if writer.kind is Kind.UNION:
        for branch in writer.branches:
            yield from _problems(reader, branch, path)
    elif reader.kind is Kind.UNION:
        if all(problems(branch, writer) for branch in reader.branches):
            yield f"{path or 'record'}: no branch reads {writer.kind}"
    elif reader.kind is not writer.kind:
        if reader.kind not in _WIDENS.get(writer.kind, set()):
            yield f"{path or 'record'}: {writer.kind} cannot be read as {reader.kind}"
    elif reader.kind in (Kind.RECORD, Kind.ENUM, Kind.FIXED) and reader.name != writer.name:
        yield f"{path or 'record'}: {writer.name} is not {reader.name}"
    elif reader.kind is Kind.RECORD:
        yield from _record_problems(reader, writer, path)
    elif reader.kind is Kind.ENUM:
        for symbol in sorted(set(writer.symbols) - set(reader.symbols)):
            yield f"{path or 'record'}: symbol {symbol} is not known"
    elif reader.kind is Kind.FIXED and reader.size != writer.size:
        yield f"{path or 'record'}: {writer.size} bytes cannot be read as {reader.size}"
    elif reader.kind in (Kind.ARRAY, Kind.MAP):
        yield from _problems(reader.element, writer.element, f"{path}[]")


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
    inner, written = reader.optional or reader, writer.optional or writer
    if writer.kind is Kind.UNION and (writer.optional is None or reader.kind is not Kind.UNION):
        return False
    if inner.kind is not written.kind:
        return inner.kind is Kind.LONG and written.kind is Kind.INT
    match inner.kind:
        case Kind.RECORD:
            return len(inner.fields) == len(written.fields) and all(
                mine.name == theirs.name and reads_alike(mine.type, theirs.type)
                for mine, theirs in zip(inner.fields, written.fields, strict=True)
            )
        case Kind.ENUM:
            return set(written.symbols) <= set(inner.symbols)
        case Kind.ARRAY:
            return reads_alike(inner.element, written.element)
        case Kind.UNION | Kind.MAP | Kind.FIXED | Kind.FLOAT:
            return False
    return True
