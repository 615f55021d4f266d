"""Orders from a CSV file: one order a row, checked here so that the sender sees the row and the reason.

Columns `contact_id, order_id, placed_at, total` are required; `currency, status, refunded, version,
updated_at, number, channel` may be there. UTF-8, comma or semicolon, decimal point, ISO dates; a date
without a time belongs to that day of the account's zone, a time without an offset to its zone.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal, InvalidOperation
from hashlib import blake2b
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision

REQUIRED = ("contact_id", "order_id", "placed_at", "total")
OPTIONAL = ("currency", "status", "refunded", "version", "updated_at", "number", "channel")
STATUSES = ("placed", "cancelled", "refunded")
MOST_MINOR = 10**13
MOST_CHARACTERS = 200
_NOON = time(12)


class NotOrders(ValueError):
    """The file as a whole cannot be orders; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that was left out. `line` counts from 1, the header included."""

    line: int
    column: str
    problem: str


@dataclass(frozen=True, slots=True)
class Importer:
    """Rows of one account. `backfill` marks history, which fires nothing."""

    account_id: str
    time_zone: ZoneInfo
    currency: str
    backfill: bool = True

    def read(self, file: TextIO) -> Iterator[dict[str, Any] | RowError]:
        """Records of schema `order`, or errors, in the file's order. NotOrders for a wrong header."""
        start = file.readline()
        delimiter = ";" if start.count(";") > start.count(",") else ","
        names = [name.strip().lower() for name in next(csv.reader([start], delimiter=delimiter), [])]
        if missing := [name for name in REQUIRED if name not in names]:
            raise NotOrders(f"the header lacks {', '.join(missing)}; required are {', '.join(REQUIRED)}")
        if unknown := [name for name in names if name not in REQUIRED + OPTIONAL]:
            raise NotOrders(
                f"unknown columns: {', '.join(unknown)}; known are {', '.join(REQUIRED + OPTIONAL)}"
            )
        reader = csv.reader(file, delimiter=delimiter)
        for cells in reader:
            if cells:
                yield self._row(reader.line_num + 1, names, cells)

    def _row(self, line: int, names: list[str], cells: list[str]) -> dict[str, Any] | RowError:
        if len(cells) != len(names):
            return RowError(line, "", f"{len(cells)} cells, the header has {len(names)}")
        row = dict(zip(names, (cell.strip() for cell in cells), strict=True))
        column = ""
        try:
            for column in ("contact_id", "order_id"):
                _require_id(row[column])
            column = "currency"
            currency = row.get("currency") or self.currency
            if currency != self.currency:
                raise ValueError(f"{currency} is not the account's currency {self.currency}")
            column = "status"
            status = row.get("status") or "placed"
            if status not in STATUSES:
                raise ValueError(f"{status!r} is none of {', '.join(STATUSES)}")
            column = "total"
            total = self._minor(row["total"])
            column = "refunded"
            refunded = self._minor(row.get("refunded") or "0")
            if refunded > total:
                raise ValueError("exceeds the total")
            column = "version"
            version = _whole(row.get("version") or "0")
            column = "placed_at"
            placed_at = self._instant(row["placed_at"])
            column = "updated_at"
            updated_at = self._instant(row["updated_at"]) if row.get("updated_at") else placed_at
        except (ValueError, OverflowError) as error:
            return RowError(line, column, str(error))
        return {
            "event_id": f"csv-{_digest(row)}",
            "account_id": self.account_id,
            "contact_id": row["contact_id"],
            "order_id": row["order_id"],
            "version": version,
            "status": status,
            "placed_at": placed_at,
            "updated_at": updated_at,
            "total_minor": total,
            "refunded_minor": refunded,
            "currency": currency,
            "number": row.get("number") or None,
            "channel": row.get("channel") or None,
            "items": None,
            "backfill": self.backfill,
        }

    def _minor(self, text: str) -> int:
        try:
            amount = Decimal(text)
        except InvalidOperation:
            raise ValueError(f"{text!r} is not an amount such as 1234.50") from None
        if not amount.is_finite() or amount < 0:
            raise ValueError(f"{text!r} is not an amount of 0 or more")
        digits = get_currency_precision(self.currency)
        minor = amount.scaleb(digits)
        if minor != minor.to_integral_value():
            raise ValueError(f"{text!r} has more than the {digits} decimals of {self.currency}")
        if minor > MOST_MINOR:
            raise ValueError(f"{text!r} is too large")
        return int(minor)

    def _instant(self, text: str) -> int:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(
                f"{text!r} is not a date such as 2026-11-22 or 2026-11-22T10:30:00-03:00"
            ) from None
        if len(text) <= len("2026-11-22"):
            # Noon exists on every day of every zone; midnight does not.
            moment = datetime.combine(moment.date(), _NOON)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self.time_zone)
        instant = round(moment.astimezone(UTC).timestamp() * 1000)
        if instant < 0:
            raise ValueError(f"{text!r} lies before 1970")
        return instant


def _require_id(text: str) -> None:
    if not 1 <= len(text) <= MOST_CHARACTERS or not text.isprintable():
        raise ValueError(f"must have 1 to {MOST_CHARACTERS} printable characters")


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError(f"{text!r} is not a whole number of 0 or more")
    number = int(text)
    if number >= 1 << 63:
        raise ValueError(f"{text!r} is too large")
    return number


def _digest(row: Mapping[str, str]) -> str:
    """The same row gives the same event, so that importing a file twice changes nothing."""
    text = "\x1f".join(f"{name}={row[name]}" for name in sorted(row))
    return blake2b(text.encode(), digest_size=12).hexdigest()
