"""Numbers, money, days and instants as CLDR writes them in a language, in the account's zone and currency."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_precision

NONE = "—"
"""What stands where there is nothing to say: an average over nobody."""


@dataclass(frozen=True, slots=True)
class Formats:
    """How one person reads one account: numbers as in its country, days as in the person's language."""

    locale: Locale
    zone: ZoneInfo
    currency: str
    words: Locale | None = None

    @property
    def spoken(self) -> Locale:
        """The locale of days and times; that of numbers unless stated."""
        return self.words or self.locale

    def number(self, value: float | Decimal | None, decimals: int = 0) -> str:
        """A count, or a figure with so many decimals."""
        if value is None:
            return NONE
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return format_decimal(value, format=pattern, locale=self.locale)

    def percent(self, share: float | None, decimals: int = 1) -> str:
        """A share: 0.125 is 12.5 %."""
        if share is None:
            return NONE
        pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
        return format_percent(share, format=_percent_pattern(self.locale, pattern), locale=self.locale)

    def change(self, share: float | None) -> str:
        """A share with its sign, for comparisons; a dash over zero."""
        if share is None:
            return NONE
        return ("+" if share > 0 else "") + self.percent(share)

    def money(self, minor: int | None, currency: str | None = None, *, whole: bool = False) -> str:
        """Minor units as money of the account's currency, or another; `whole` leaves the cents out."""
        if minor is None:
            return NONE
        unit = currency or self.currency
        amount = Decimal(minor).scaleb(-get_currency_precision(unit))
        if not whole:
            return format_currency(amount, unit, locale=self.locale)
        pattern = self.locale.currency_formats["standard"].pattern.replace(".00", "")
        return format_currency(amount, unit, format=pattern, locale=self.locale, currency_digits=False)

    def day(self, day: date | None, style: str = "medium") -> str:
        """A day of the account."""
        return NONE if day is None else format_date(day, style, locale=self.spoken)

    def instant(self, instant: datetime | None) -> str:
        """Day and time in the account's zone."""
        if instant is None:
            return NONE
        return format_datetime(instant, "medium", tzinfo=self.zone, locale=self.spoken)

    def clock(self, instant: datetime | None) -> str:
        """Hours and minutes in the account's zone, as in "data up to 10:42"."""
        if instant is None:
            return NONE
        return format_time(instant, "short", tzinfo=self.zone, locale=self.spoken)


def _percent_pattern(locale: Locale, number: str) -> str:
    """The locale's own form of a percentage (with or without a space) around a number of our decimals."""
    pattern: str = locale.percent_formats[None].pattern
    return pattern.replace("#,##0", number)


def major(minor: int, currency: str) -> float:
    """Minor units as a plain number of the currency's unit, for charts."""
    return float(Decimal(minor).scaleb(-get_currency_precision(currency)))
