"""Languages of the screen. Code and templates speak English; `locale/<language>/*.po` translate.

Catalogues are compiled when the process starts. Every `.po` file of a language's folder counts, so that each
part of the monitor keeps its own.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.core import Locale, UnknownLocaleError, get_global
from babel.languages import get_official_languages
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from sinks.monitor.people import Language

FOLDER = Path(__file__).resolve().parent / "locale"
_ZONES: Mapping[str, str] = get_global("zone_territories")
LOCALES: dict[Language, Locale] = {
    Language.SPANISH: Locale("es"),
    Language.PORTUGUESE: Locale("pt", "BR"),
    Language.ENGLISH: Locale("en"),
}
TAGS = {Language.SPANISH: "es", Language.PORTUGUESE: "pt-BR", Language.ENGLISH: "en"}
NAMES = {Language.SPANISH: "Español", Language.PORTUGUESE: "Português", Language.ENGLISH: "English"}
"""Languages in their own words."""


@cache
def locale_of(language: Language, country: str) -> Locale:
    """How a language is written in a country whose own it is; elsewhere the language's usual form."""
    name = LOCALES[language].language
    if name not in get_official_languages(country, regional=True, de_facto=True):
        return LOCALES[language]
    try:
        return Locale(name, country)
    except (UnknownLocaleError, ValueError):
        return LOCALES[language]


def country_of(zone: str) -> str:
    """The country of a time zone; "" for UTC and its like."""
    found = _ZONES.get(zone, "")
    return found if found.isalpha() else ""


def N_(text: str) -> str:  # noqa: N802 - gettext's name for a text that is translated where it is shown
    """Mark a text for translation."""
    return text


@cache
def translations(language: Language) -> NullTranslations:
    """The texts of a language; English ones are the originals."""
    merged: NullTranslations = NullTranslations()
    for file in catalogues(language):
        with file.open("rb") as source:
            catalogue = read_po(source, locale=LOCALES[language])
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        part = Translations(compiled, domain=file.stem)
        merged = merged.merge(part) if isinstance(merged, Translations) else part
    return merged


def catalogues(language: Language) -> Iterator[Path]:
    """The files of a language."""
    yield from sorted((FOLDER / str(LOCALES[language])).glob("*.po"))


def choose(*wishes: str | None, accept: str = "") -> Language:
    """The first wish that is one of our languages, then Accept-Language, then Spanish."""
    for wish in [*wishes, *_accepted(accept)]:
        base = (wish or "").replace("_", "-").partition("-")[0].lower()
        for language in Language:
            if base == language.value:
                return language
    return Language.SPANISH


def _accepted(header: str) -> list[str]:
    """Language tags of an Accept-Language header, best first; what is malformed counts least."""

    def quality(part: str) -> float:
        _, _, value = part.partition(";q=")
        try:
            return float(value) if value else 1.0
        except ValueError:
            return 0.0

    parts = [part.strip().replace(" ", "") for part in header[:500].split(",")]
    wanted = [part for part in parts if quality(part) > 0]
    return [part.partition(";")[0] for part in sorted(wanted, key=quality, reverse=True)]
