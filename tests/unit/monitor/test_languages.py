"""Every text in every language, and no text outside the catalogues."""

import re
from collections.abc import Iterator
from functools import cache
from gettext import GNUTranslations
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import nodes

from sinks.monitor.i18n import LOCALES, catalogues, choose, translations
from sinks.monitor.people import Language
from sinks.monitor.rendering import TEMPLATES, environment

FOREIGN = [language for language in Language if language is not Language.ENGLISH]
PAGES = sorted(path.name for path in TEMPLATES.glob("*.html"))
SPOKEN_ATTRIBUTES = frozenset({"alt", "aria-label", "placeholder", "title", "data-confirm"})
NOT_WORDS = frozenset({"Latido"})
"""What is the same in every language."""

Message = str | tuple[str, ...] | list[str]


@cache
def texts() -> set[Message]:
    """What code and templates say, as the catalogues have to name it."""
    options = {"**/templates/**.html": {"newstyle_gettext": "true", "extensions": "jinja2.ext.do"}}
    found = extract_from_dir(
        TEMPLATES.parent,
        method_map=[("**/templates/**.html", "jinja2"), ("**.py", "python")],
        options_map=options,
        keywords={"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)},
        directory_filter=lambda folder: Path(folder).name not in {"node_modules", "dist", "locale"},
    )
    return {message for _file, _line, message, _comments, _context in found}


def entries(language: Language) -> Iterator[tuple[Message, Message]]:
    """What the catalogues of a language hold, fuzzy entries left out."""
    for file in catalogues(language):
        with file.open("rb") as source:
            for message in read_po(source, locale=LOCALES[language]):
                if message.id and not message.fuzzy:
                    yield message.id, message.string or ""


@pytest.mark.parametrize("language", FOREIGN)
def test_every_text_is_translated(language: Language) -> None:
    translated = {text for text, words in entries(language) if all(words)}
    assert sorted(map(str, texts() - translated)) == []


@pytest.mark.parametrize("language", FOREIGN)
def test_no_translation_is_left_over(language: Language) -> None:
    assert sorted(str(text) for text, _ in entries(language) if text not in texts()) == []


@pytest.mark.parametrize("language", FOREIGN)
def test_translations_keep_the_placeholders(language: Language) -> None:
    def places(text: Message) -> list[set[str]]:
        return [set(re.findall(r"%\(\w+\)s", one)) for one in ([text] if isinstance(text, str) else text)]

    assert [text for text, words in entries(language) if places(text) != places(words)] == []


@pytest.mark.parametrize("language", FOREIGN)
@pytest.mark.parametrize("number", [0, 1, 2, 5, 21])
def test_every_catalogue_counts_as_the_language_does(language: Language, number: int) -> None:
    form = 0 if LOCALES[language].plural_form(number) == "one" else 1
    for file in catalogues(language):
        with file.open("rb") as source:
            catalogue = GNUTranslations(BytesIO(_compiled(read_po(source, locale=LOCALES[language]))))
        plurals = [text for text in catalogue._catalog if isinstance(text, tuple)]  # type: ignore[attr-defined]
        assert plurals
        for text, place in plurals:
            if place == form:
                assert catalogue.ngettext(text, "x", number) == catalogue._catalog[text, form]  # type: ignore[attr-defined]


def _compiled(catalogue: Catalog) -> bytes:
    made = BytesIO()
    write_mo(made, catalogue)
    return made.getvalue()


class _Words(HTMLParser):
    """Collects text and spoken attributes of the literal part of a template."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in SPOKEN_ATTRIBUTES]


@pytest.mark.parametrize("page", PAGES)
def test_no_template_says_anything_outside_the_catalogues(page: str) -> None:
    tree = environment(Language.SPANISH).parse((TEMPLATES / page).read_text(encoding="utf-8"))
    parser = _Words()
    parser.feed(" ".join(node.data for node in tree.find_all(nodes.TemplateData)))
    words = re.findall(r"[^\W\d_]{2,}", " ".join(parser.found))
    assert [word for word in words if word not in NOT_WORDS] == []


@pytest.mark.parametrize("page", PAGES)
def test_no_template_holds_inline_styles_or_scripts(page: str) -> None:
    text = (TEMPLATES / page).read_text(encoding="utf-8")
    assert re.findall(r"\sstyle=|<style|\son\w+=|javascript:|\|\s*safe", text) == []
    assert re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", text) == []


def test_the_names_of_the_seed_stand_on_the_spanish_screen() -> None:
    spanish = translations(Language.SPANISH).gettext
    assert [
        spanish(text) for text in ("Champions", "Can't lose them", "Best customers", "Success Monitor")
    ] == [
        "Campeones",
        "No se pueden perder",
        "Mejores clientes",
        "Monitor de éxito",
    ]


@pytest.mark.parametrize(
    ("wishes", "accept", "chosen"),
    [
        ((None, ""), "", Language.SPANISH),
        ((None, "pt"), "en", Language.PORTUGUESE),
        (("en", "pt"), "es", Language.ENGLISH),
        ((None,), "de, pt-BR;q=0.8, en;q=0.9", Language.ENGLISH),
        ((None,), "de, pt-BR;q=x, pt;q=0.1", Language.PORTUGUESE),
        (("xx",), "en;q=0", Language.SPANISH),
    ],
)
def test_the_first_language_that_we_speak_is_chosen(
    wishes: tuple[str | None, ...], accept: str, chosen: Language
) -> None:
    assert choose(*wishes, accept=accept) is chosen
