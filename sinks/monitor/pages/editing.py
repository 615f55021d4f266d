"""What the editors of rules and automations share: forms as drafts, and what their templates name."""

from collections.abc import Mapping
from typing import Any

from babel.numbers import get_currency_precision
from fastapi import Request

from schemas.rule_json import Problem as Fault
from schemas.rules import EXISTENCE, KINDS, OPERATORS, RANGE, Field, Kind, Operator
from sinks.monitor.api.context import Asked
from sinks.monitor.authoring.advice import advise
from sinks.monitor.authoring.fields import major_text
from sinks.monitor.authoring.rule_drafts import MONEY
from sinks.monitor.i18n import translations
from sinks.monitor.problems import Problem
from sinks.monitor.rendering import language_of
from sinks.monitor.telling import names
from sinks.monitor.telling.places import place_words
from sinks.monitor.telling.rules import Teller
from sinks.monitor.telling.teller import teller_of

DEEPEST_OFFERED = 4
"""Groups within groups that the editor offers; rules made elsewhere may go deeper."""

_ALWAYS_KNOWN = (Field.SEGMENT, Field.SENTIMENT)


def digits_of(ask: Asked) -> int:
    """Decimals of the account's currency."""
    return get_currency_precision(ask.currency)


def version_of(fields: Mapping[str, Any]) -> int:
    """The version that the page showed; Problem 422."""
    text = str(fields.get("version", ""))
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Problem(422, "version: the one that the page showed")
    return int(text)


def teller(request: Request, ask: Asked) -> Teller:
    """Who tells things to the person at this page."""
    return teller_of(ask, language_of(request))


def told(request: Request, faults: tuple[Fault, ...]) -> dict[str, list[str]]:
    """What to do by place, in the person's language."""
    advice: dict[str, list[str]] = {}
    for one in advise(faults, translations(language_of(request)).gettext):
        advice.setdefault(one.path, []).append(one.text)
    return advice


def places(request: Request, faults: tuple[Fault, ...]) -> dict[str, str]:
    """Where each of them stands, in words."""
    gettext = translations(language_of(request)).gettext
    return {one.path: place_words(one.path, gettext) for one in faults}


def offered(field: str, current: str) -> list[Operator]:
    """Operators to choose from: those that can tell contacts apart, and the present one."""
    pointless = EXISTENCE if Field(field) in _ALWAYS_KNOWN else ()
    return [one for one in OPERATORS[KINDS[Field(field)]] if one not in pointless or one.value == current]


def rule_names(ask: Asked) -> dict[str, Any]:
    """What the templates of rules name."""
    digits = digits_of(ask)
    return {
        "FIELDS": names.FIELDS,
        "OPERATORS": names.OPERATORS,
        "CHANNELS": names.CHANNELS,
        "FELT": names.SENTIMENTS,
        "KINDS": KINDS,
        "Field": Field,
        "Kind": Kind,
        "Operator": Operator,
        "EXISTENCE": EXISTENCE,
        "RANGE": RANGE,
        "MANY": (Operator.IN, Operator.NOT_IN),
        "MONEY": MONEY,
        "SCORES": names.SCORES,
        "DEEPEST_OFFERED": DEEPEST_OFFERED,
        "offered": offered,
        "typed": lambda value: major_text(value, digits),
    }
