"""How figures are written, language by language."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from sinks.monitor.formats import NONE, Formats
from sinks.monitor.i18n import LOCALES, country_of, locale_of
from sinks.monitor.people import Language


def formats(language: Language, currency: str = "BRL", zone: str = "America/Santiago") -> Formats:
    """A reader."""
    return Formats(LOCALES[language], ZoneInfo(zone), currency)


def plain(text: str) -> str:
    """With ordinary spaces."""
    return text.replace("\xa0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("language", "zone", "currency", "minor", "text"),
    [
        (Language.SPANISH, "America/Santiago", "CLP", 1_234_567, "$1.234.567"),
        (Language.SPANISH, "America/Santiago", "USD", 123_456, "US$1.234,56"),
        (Language.SPANISH, "America/Mexico_City", "MXN", 123_456, "$1,234.56"),
        (Language.SPANISH, "America/Asuncion", "PYG", 123_456, "Gs. 123.456"),
        (Language.SPANISH, "America/Sao_Paulo", "BRL", 123_456, "1.234,56 BRL"),
        (Language.PORTUGUESE, "America/Santiago", "CLP", 123_456, "CLP 123.456"),
        (Language.PORTUGUESE, "UTC", "BRL", 123_456, "R$ 1.234,56"),
        (Language.ENGLISH, "America/Santiago", "CLP", 123_456, "CLP123,456"),
    ],
)
def test_money_is_written_as_in_the_country_of_the_account_where_cldr_knows_it(
    language: Language, zone: str, currency: str, minor: int, text: str
) -> None:
    assert (
        plain(Formats(locale_of(language, country_of(zone)), ZoneInfo(zone), currency).money(minor)) == text
    )


@pytest.mark.parametrize(
    ("language", "currency", "minor", "text"),
    [
        (Language.SPANISH, "BRL", 123_456_789, "1.234.567,89 BRL"),
        (Language.PORTUGUESE, "BRL", 123_456_789, "R$ 1.234.567,89"),
        (Language.ENGLISH, "USD", 123_456_789, "$1,234,567.89"),
        (Language.ENGLISH, "CLP", 123_456, "CLP123,456"),
        (Language.SPANISH, "EUR", -50, "-0,50 €"),
    ],
)
def test_money_comes_from_minor_units(language: Language, currency: str, minor: int, text: str) -> None:
    assert plain(formats(language, currency).money(minor)) == text


def test_numbers_and_shares_follow_the_language() -> None:
    spanish, english = formats(Language.SPANISH), formats(Language.ENGLISH)
    assert [f.number(1_234_567.891, 2) for f in (spanish, english)] == ["1.234.567,89", "1,234,567.89"]
    assert [plain(f.percent(0.1234)) for f in (spanish, english)] == ["12,3 %", "12.3%"]
    assert english.change(0.05) == "+5.0%"


def test_what_is_not_known_is_a_dash() -> None:
    reader = formats(Language.ENGLISH)
    assert {reader.number(None), reader.money(None), reader.percent(None), reader.day(None)} == {NONE}


def test_instants_are_told_in_the_accounts_zone() -> None:
    reader = formats(Language.SPANISH)
    assert reader.clock(datetime(2026, 7, 1, 14, 42, tzinfo=UTC)) == "10:42"
    assert reader.day(date(2026, 7, 1)) == "1 jul 2026"
