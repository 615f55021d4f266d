"""Records to bytes and back, a chunk at a time.

Values are plain: days since 1970-01-01 and milliseconds since then as int, enums as their symbol,
nested records as dict. A block of a hundred messages or more goes through native code; what that
cannot prove to have read exactly is read one by one, by the strict reader, which alone decides.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

import fastavro
import polars as pl

from schemas import strict
from schemas.avrotype import Kind, SchemaError, Type, parse
from schemas.block import BlockReader, dtype, empty_value, readable
from schemas.blockwriter import BlockWriter, writable
from schemas.catalog import Catalog, FileSchemas, SchemaSource
from schemas.columnwriter import Column, ColumnWriter, EncodeError, Written, piece_of
from schemas.compatibility import problems, reads_alike
from schemas.proof import NotProven
from schemas.reasons import Reason
from schemas.wire import HEADER_BYTES, BadRecord, UnknownSchema, header, schema_id_of

DECODE_NATIVELY_FROM = 100
ENCODE_NATIVELY_FROM = 128


FrameOf = Callable[[Sequence[Mapping[str, Any]]], pl.DataFrame]


class Bad(NamedTuple):
    """A payload that could not be decoded: its index among the payloads, and why."""

    row: int
    reason: Reason
    detail: str


class Decoded:
    """What a block of payloads holds.

    `rows` are indices into the payloads, ascending; row i of `frame`, and of every column, is the
    payload `rows[i]`. Integers, days and milliseconds are Int64. A few records never become a frame unless
    somebody asks for it.
    """

    def __init__(
        self, content: pl.DataFrame | list[dict[str, Any]], rows: list[int], bad: list[Bad], frame_of: FrameOf
    ) -> None:
        self._content = content
        self._frame_of = frame_of
        self.rows = rows
        self.bad = bad
        self.columns: dict[str, list[Any]] = {}

    @property
    def frame(self) -> pl.DataFrame:
        """Everything, one column a field of the present schema."""
        if isinstance(self._content, list):
            return self._frame_of(self._content)
        return self._content

    def column(self, name: str) -> list[Any]:
        """One column as a list, converted once."""
        if name not in self.columns:
            self.columns[name] = self._listed(name)
        return self.columns[name]

    def gather(self, names: Sequence[str], rows: Sequence[int]) -> dict[str, Column]:
        """Columns of some rows, in a form that `encode_block` takes."""
        if isinstance(self._content, list):
            return {name: [self._content[row][name] for row in rows] for name in names}
        chosen = self._content[rows]
        return {name: chosen[name] for name in names}

    def _listed(self, name: str) -> list[Any]:
        if isinstance(self._content, list):
            return [record[name] for record in self._content]
        values = self._content[name]
        empty = values.null_count() == len(values)
        return [None] * len(values) if empty else values.to_list()


class _Plan:
    """How messages of one writer schema become records of one reader schema."""

    def __init__(self, written: Any, reader_schema: Any) -> None:
        writer, self._reader = parse(written), parse(reader_schema)
        if Kind.RECORD not in (writer.kind, self._reader.kind) or problems(self._reader, writer):
            why = "; ".join(problems(self._reader, writer)[:3])
            raise SchemaError(f"{writer.name or writer.kind} cannot be read as {self._reader.name}: {why}")
        self._read = strict.reader(writer)
        self._fields = [(f.name, empty_value(f)) for f in self._reader.fields]
        mine = {f.name: f.type for f in self._reader.fields}
        alike = all(reads_alike(mine[f.name], f.type) for f in writer.fields if f.name in mine)
        self._same = alike and [f.name for f in writer.fields] == list(mine)
        self.block = BlockReader(writer, self._reader) if alike and readable_record(writer) else None
        self._alike = alike
        self._schemas = (_plain(written), _plain(reader_schema))

    def one(self, payload: bytes) -> dict[str, Any]:
        """Read one message strictly; BadRecord if it is none."""
        value: dict[str, Any] = strict.read_whole(self._read, payload, HEADER_BYTES)
        if self._same:
            return value
        if self._alike:
            return {name: value.get(name, default) for name, default in self._fields}
        try:
            resolved = fastavro.schemaless_reader(io.BytesIO(payload[HEADER_BYTES:]), *self._schemas)
        except (ValueError, LookupError, TypeError, EOFError) as error:
            raise BadRecord(f"cannot be read by the present schema: {error}") from error
        return dict(resolved) if isinstance(resolved, dict) else {}


def readable_record(kind: Type) -> bool:
    """Whether the native reader knows every field of a record."""
    return all(readable(f.type) for f in kind.fields)


def _plain(schema: Any) -> Any:
    """A schema as fastavro wants it, without logical types, so that values stay plain numbers."""
    return fastavro.parse_schema(_without_logical(schema))


def _without_logical(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_logical(branch) for branch in schema]
    if isinstance(schema, Mapping):
        return {
            key: value if key in ("default", "doc") else _without_logical(value)
            for key, value in schema.items()
            if key != "logicalType"
        }
    return schema


class Codec:
    """Encodes and decodes by the schemas of this release, with ids from a source. Threads may share it."""

    def __init__(self, source: SchemaSource | None = None, catalog: Catalog | None = None) -> None:
        self._catalog = catalog or Catalog()
        self._source: SchemaSource = source or FileSchemas(self._catalog)
        self._plans: dict[tuple[str, int], _Plan] = {}
        self._unreadable: dict[tuple[str, int], str] = {}
        self._writers: dict[str, _Writers] = {}
        self._dtypes: dict[str, dict[str, Any]] = {}

    def __reduce__(self) -> tuple[type["Codec"], tuple[SchemaSource, Catalog]]:
        """Another process learns the plans anew."""
        return Codec, (self._source, self._catalog)

    def decode_block(
        self, name: str, payloads: Sequence[bytes], columns: Sequence[str] | None = None
    ) -> Decoded:
        """Decode messages of schema `name`, whatever version they were written with.

        `columns` names those wanted as lists (default: all); the frame always has all. Bad messages are
        in `bad`, never an exception. RegistryUnavailable if a schema cannot be asked for now.
        """
        decoded = self._whole(name, payloads) or self._grouped(name, payloads)
        for column in self._types(name) if columns is None else columns:
            decoded.column(column)
        return decoded

    def read_own(self, name: str, payloads: Sequence[bytes], columns: Sequence[str]) -> pl.DataFrame:
        """Some columns of what Latido wrote where nobody else writes: without proof, in half the time.

        ValueError if one cannot be read; RegistryUnavailable.
        """
        if len(payloads) >= DECODE_NATIVELY_FROM:
            try:
                block = self._plan(name, schema_id_of(payloads[0])).block
                if block is not None:
                    return block.read_columns(payloads, columns)
            except (BadRecord, NotProven):
                pass
        decoded = self.decode_block(name, payloads, columns=())
        if decoded.bad:
            raise ValueError(f"our own {name} record does not decode: {decoded.bad[0]}")
        return decoded.frame.select(columns)

    def decode_one(self, name: str, payload: bytes) -> dict[str, Any]:
        """One record; BadRecord (UnknownSchema among them) if it is none, RegistryUnavailable."""
        return self._plan(name, schema_id_of(payload)).one(payload)

    def encode_block(
        self, name: str, columns: Mapping[str, Column], count: int | None = None, *, nested: bool = False
    ) -> list[bytes]:
        """One message a row. A column left out is null in every row; Series are taken as they are.

        `count` is needed only where no column is given. `nested`: columns hold lists of records, of which it
        costs more to make a native frame than to write them in Python; then records may be tuples too.
        EncodeError if a value does not fit its field or columns differ in length; KeyError for an unknown
        column; RegistryUnavailable.
        """
        rows = _rows(columns, count)
        writers = self._writer(name)
        if unknown := columns.keys() - writers.names:
            raise KeyError(f"{name} has no {sorted(unknown)}")
        bodies = None
        if writers.block and rows >= ENCODE_NATIVELY_FROM and not nested:
            bodies = writers.block.bodies(columns, rows)
        if bodies is None:
            bodies = writers.columns.bodies(columns, rows)
        head = header(self._source.id_of(name))
        return [head + body for body in bodies]

    def encode_one(self, name: str, record: Mapping[str, Any]) -> bytes:
        """One message; EncodeError if a value does not fit its field, RegistryUnavailable."""
        return header(self._source.id_of(name)) + self._writer(name).columns.body(record)

    def element_writer(self, name: str, field: str) -> Callable[[Any], Written]:
        """What writes elements of a field that is an array ahead, for values that come again and again."""
        kind = next(one.type for one in self._catalog.type(name).fields if one.name == field)
        element = (kind.optional or kind).element
        piece = piece_of(element.optional or element)
        return lambda value: Written(piece(value))

    def _whole(self, name: str, payloads: Sequence[bytes]) -> Decoded | None:
        """The common case: one schema, nothing bad."""
        if len(payloads) < DECODE_NATIVELY_FROM:
            return None
        try:
            block = self._plan(name, schema_id_of(payloads[0])).block
            if block is None:
                return None
            return self._decoded(name, block.read(payloads), list(range(len(payloads))), [])
        except (BadRecord, NotProven):
            return None

    def _grouped(self, name: str, payloads: Sequence[bytes]) -> Decoded:
        """Each message by itself, after its schema; groups of several schemas once more as blocks."""
        if len({payload[:HEADER_BYTES] for payload in payloads}) <= 1:
            records, bad = self._one_by_one(name, payloads)
            return self._decoded(name, list(records.values()), list(records), bad)
        heads: dict[bytes, list[int]] = {}
        for index, payload in enumerate(payloads):
            heads.setdefault(payload[:HEADER_BYTES], []).append(index)
        rows: list[int] = []
        bad = []
        frames: list[pl.DataFrame] = []
        for indices in heads.values():
            group = [payloads[index] for index in indices]
            whole = self._whole(name, group)
            if whole:
                frames.append(whole.frame)
                rows += indices
                continue
            records, faults = self._one_by_one(name, group)
            frames.append(self._frame(name, list(records.values())))
            rows += [indices[i] for i in records]
            bad += [fault._replace(row=indices[fault.row]) for fault in faults]
        order = pl.Series(rows, dtype=pl.Int64).arg_sort()
        return self._decoded(name, pl.concat(frames)[order], sorted(rows), sorted(bad))

    def _decoded(
        self, name: str, content: pl.DataFrame | list[dict[str, Any]], rows: list[int], bad: list[Bad]
    ) -> Decoded:
        return Decoded(content, rows, bad, partial(self._frame, name))

    def _one_by_one(
        self, name: str, payloads: Sequence[bytes]
    ) -> tuple[dict[int, dict[str, Any]], list[Bad]]:
        records: dict[int, dict[str, Any]] = {}
        bad: list[Bad] = []
        for index, payload in enumerate(payloads):
            try:
                records[index] = self.decode_one(name, payload)
            except BadRecord as error:
                bad.append(Bad(index, error.reason, str(error)))
        return records, bad

    def _frame(self, name: str, records: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
        columns = self._types(name).items()
        return pl.DataFrame([pl.Series(c, [r[c] for r in records], dtype=t) for c, t in columns])

    def _types(self, name: str) -> dict[str, Any]:
        if name not in self._dtypes:
            self._dtypes[name] = {f.name: dtype(f.type) for f in self._catalog.type(name).fields}
        return self._dtypes[name]

    def _plan(self, name: str, schema_id: int) -> _Plan:
        key = (name, schema_id)
        if key in self._unreadable:
            raise UnknownSchema(self._unreadable[key])
        if key not in self._plans:
            written = self._source.written(schema_id)
            try:
                self._plans[key] = _Plan(written, self._catalog.schema(name))
            except (SchemaError, LookupError, fastavro.schema.SchemaParseException) as error:
                self._unreadable[key] = f"schema id {schema_id}: {error}"
                raise UnknownSchema(self._unreadable[key]) from error
        return self._plans[key]

    def _writer(self, name: str) -> "_Writers":
        if name not in self._writers:
            kind = self._catalog.type(name)
            names = frozenset(field.name for field in kind.fields)
            self._writers[name] = _Writers(
                names, ColumnWriter(kind), BlockWriter(kind) if writable(kind) else None
            )
        return self._writers[name]


class _Writers(NamedTuple):
    """The ways in which records of a schema are written: few at a time, and many."""

    names: frozenset[str]
    columns: ColumnWriter
    block: BlockWriter | None


def _rows(columns: Mapping[str, Column], count: int | None) -> int:
    lengths = {len(values) for values in columns.values()} | ({count} if count is not None else set())
    if len(lengths) != 1:
        raise EncodeError(f"columns of {sorted(lengths)} rows" if lengths else "no column and no count")
    return lengths.pop()


@lru_cache(maxsize=1)
def default_codec() -> Codec:
    """The codec by schema files; one a process."""
    return Codec()
