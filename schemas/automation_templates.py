"""Templates of automations and success specialist agents (B9): drafts that only lack an endpoint."""

from enum import StrEnum
from typing import Any

from schemas.records import Segment


class Template(StrEnum):
    """What there is to start from."""

    CHAMPIONS_OFFER = "champions_offer"
    REACTIVATION = "reactivation"
    RESCUE = "rescue"
    SILENCE_30 = "silence_30"


REGULARS = (Segment.POTENTIAL_LOYALIST, Segment.NEED_ATTENTION)
INACTIVE = (Segment.HIBERNATING, Segment.LOST)
"""What seed B calls regular and inactive contacts."""

_TEXTS: dict[Template, dict[str, tuple[str, str]]] = {
    Template.CHAMPIONS_OFFER: {
        "es": ("Oferta para campeones", "¡Hola {{personal.name}}! Tenemos una oferta exclusiva para ti."),
        "pt": ("Oferta para campeões", "Olá, {{personal.name}}! Temos uma oferta exclusiva para você."),
        "en": ("Offer for champions", "Hello {{personal.name}}! We have an offer that is only for you."),
    },
    Template.REACTIVATION: {
        "es": ("Reactivación", "¡Hola {{personal.name}}! Te extrañamos: vuelve con un descuento especial."),
        "pt": ("Reativação", "Olá, {{personal.name}}! Sentimos sua falta: volte com um desconto especial."),
        "en": ("Reactivation", "Hello {{personal.name}}! We miss you: come back with a special discount."),
    },
    Template.RESCUE: {
        "es": ("Rescate de clientes descontentos", "Hola {{personal.name}}, queremos resolver lo que pasó."),
        "pt": ("Resgate de clientes insatisfeitos", "Olá, {{personal.name}}, queremos resolver o que houve."),
        "en": ("Rescue of unhappy customers", "Hello {{personal.name}}, we want to put right what happened."),
    },
    Template.SILENCE_30: {
        "es": (
            "Última compra hace 30 días",
            "¡Hola {{personal.name}}! Pasaron 30 días desde tu última compra: mira las novedades.",
        ),
        "pt": (
            "Última compra há 30 dias",
            "Olá, {{personal.name}}! Já faz 30 dias desde sua última compra: veja as novidades.",
        ),
        "en": (
            "Last purchase 30 days ago",
            "Hello {{personal.name}}! It is 30 days since your last purchase: see what is new.",
        ),
    },
}


def template(
    which: Template, language: str, *, endpoint: str = "", channel: str = "whatsapp"
) -> dict[str, Any]:
    """The body of a draft in es, pt or en. Without an endpoint it cannot be activated yet."""
    name, text = _TEXTS[which][language]
    message = {"kind": "message", "endpoint": endpoint, "channel": channel, "template": text}
    return {
        "name": name,
        "status": "draft",
        "specialist": which is not Template.SILENCE_30,
        "template": which.value,
        "audience": {"of": "all"},
        "trigger": _trigger(which),
        "steps": [message],
    }


def _trigger(which: Template) -> dict[str, Any]:
    match which:
        case Template.SILENCE_30:
            return {"kind": "silence", "days": 30}
        case Template.CHAMPIONS_OFFER:
            return _rule({"field": "segment", "operator": "=", "value": Segment.CHAMPIONS.value})
        case Template.REACTIVATION:
            return _rule({"field": "segment", "operator": "in", "value": [one.value for one in INACTIVE]})
    unhappy = {"field": "sentiment", "operator": "=", "value": "negative"}
    return _rule({"field": "segment", "operator": "in", "value": [one.value for one in REGULARS]}, unhappy)


def _rule(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "rule", "rule": {"combinator": "and", "not": False, "rules": list(conditions)}}
