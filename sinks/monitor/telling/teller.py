"""Who tells things to whoever asks."""

from sinks.monitor.api.context import Asked
from sinks.monitor.authoring.rules import rules_of
from sinks.monitor.i18n import translations
from sinks.monitor.people import Language
from sinks.monitor.rendering import formats
from sinks.monitor.telling.rules import Teller


def teller_of(ask: Asked, language: Language) -> Teller:
    """Of the account's figures and rules, in a language."""
    names = {one.id: one.name for one in rules_of(ask)}
    return Teller(translations(language), formats(language, ask.scope), names.get)
