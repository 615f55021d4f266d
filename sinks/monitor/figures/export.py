"""A group as a CSV file (A10): written in full before its first byte leaves, so that its count is known.

One query writes it, hence one snapshot: the count is that of the lines. The file lives on disk without a
name, whatever its size, and a read that fails leaves no half of a download.

No cell runs in a spreadsheet: a text that starts like a formula, at its start or after something that another
program may take for a separator, gets an apostrophe. Phones in E.164 stay as they are, for a sign and digits
are but a number. `raw` is for machines: texts as they are, points, commas, codes, no byte order mark.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from tempfile import TemporaryFile
from typing import IO, Any, Self

from babel.numbers import get_currency_precision

from schemas.records import Segment
from schemas.rules import Group
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.contacts import Selection
from sinks.rules.sql import to_sql

COLUMNS = (
    "contact_id", "name", "email", "phone", "origin", "consent", "segment", "r", "f", "m",
    "last_purchase_date", "days_since", "orders", "average_ticket", "revenue", "currency",
    "next_segment", "next_segment_date",
)  # fmt: skip
BYTE_ORDER_MARK = "\ufeff".encode()
PHONE = r"^\+[1-9][0-9]{6,14}$"
DANGEROUS = r"(^|[,;|\t])([\s\"'\x{a0}\x{3000}\x{feff}]*)([=+\-@\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}])"
_CONTROLS = r"[\x00-\x1f\x7f\x{85}\x{2028}\x{2029}]+"
_PIECE_BYTES = 2**18


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the file is written. `words` by segment; `granted` and `denied` for consent."""

    delimiter: str
    point: str
    words: Mapping[Segment, str]
    raw: bool = False
    granted: str = "granted"
    denied: str = "denied"


@dataclass(frozen=True, slots=True)
class Export:
    """A finished file at its start, of so many lines; closing it removes it."""

    file: IO[bytes]
    contacts: int
    size_bytes: int

    @classmethod
    def of(cls, columns: Sequence[str], dialect: Dialect, lines: Iterable[bytes]) -> Self:
        """A file with a header and these lines; nothing is left of it if they break off."""
        head = dialect.delimiter.join(columns).encode() + b"\r\n"
        file = TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
        try:
            file.write(head if dialect.raw else BYTE_ORDER_MARK + head)
            written = 0
            for piece in lines:
                written += piece.count(b"\n")
                file.write(piece)
            size = file.tell()
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return cls(file, written, size)

    def pieces(self) -> Iterator[bytes]:
        """The file, then nothing of it is left."""
        with self.file:
            while piece := self.file.read(_PIECE_BYTES):
                yield piece


def write_csv(
    queries: Queries,
    account_id: str,
    selection: Selection | Group,
    *,
    dialect: Dialect,
    currency: str,
    today: date,
) -> Export:
    """The contacts of a selection, or those who match a rule, as of now."""
    bound = _parameters(dialect, currency, today)
    return Export.of(COLUMNS, dialect, _lines(queries, account_id, selection, dialect.delimiter, bound))


def safety(*, raw: bool) -> dict[str, Any]:
    """What makes cells safe, as the queries bind it (`pieces/safe_cells.sql`)."""
    return {
        "raw": raw,
        "nothing": "",
        "controls": _CONTROLS,
        "space": " ",
        "dangerous": DANGEROUS,
        "harmless": r"\1'\2\3",
    }


def _lines(
    queries: Queries, account_id: str, selection: Selection | Group, delimiter: str, bound: dict[str, Any]
) -> Iterator[bytes]:
    if isinstance(selection, Selection):
        more = selection.parameters() | bound
        return queries.csv_lines("report_csv", account_id, delimiter, **more)
    rule = to_sql(selection, bound["today"])
    more = {**rule.parameters, **bound}
    return queries.csv_lines_where("rule_csv", account_id, rule.text, delimiter, **more)


def _parameters(dialect: Dialect, currency: str, today: date) -> dict[str, Any]:
    digits = get_currency_precision(currency)
    return {
        **safety(raw=dialect.raw),
        "phone": PHONE,
        "digits": digits,
        "scale": 10**digits,
        "point": dialect.point,
        "zero": "0",
        "granted": dialect.granted,
        "denied": dialect.denied,
        "codes": [segment.value for segment in Segment],
        "words": [dialect.words[segment] for segment in Segment],
        "today": today,
    }
