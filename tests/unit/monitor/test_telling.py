"""Rules and automations as sentences."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel.core import Locale

from schemas.rule_json import parse_rule
from sinks.monitor.authoring.drafts import clean_automation
from sinks.monitor.formats import Formats
from sinks.monitor.i18n import translations
from sinks.monitor.people import Language
from sinks.monitor.telling.automations import audience_words, step_words, trigger_words
from sinks.monitor.telling.places import place_words
from sinks.monitor.telling.rules import Teller

SPANISH = Teller(
    translations(Language.SPANISH),
    Formats(Locale("es", "CL"), ZoneInfo("America/Santiago"), "CLP"),
    {"r1": "Grandes"}.get,
)


def _one(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"rules": [{"field": field, "operator": operator, "value": value}]}


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (_one("segment", "in", ["champions", "loyal"]), "Agrupación es Campeones o Leales"),
        (_one("segment", "notIn", ["lost"]), "Agrupación no es ninguno de estos: Perdidos"),
        (_one("days_since_last", ">", 60), "Días desde la última compra: más de 60"),
        (_one("revenue_minor", "between", [50000, 1000000]), "Ingresos en total: de $50.000 a $1.000.000"),
        (_one("email", "null", None), "Correo electrónico no se conoce"),
        (_one("sentiment", "=", "negative"), "Sentimiento es negativo"),
        (_one("tags", "contains", "<b>club</b>"), "Etiquetas incluye <b>club</b>"),
        ({**_one("r", "=", 5), "not": True}, "no (Puntaje de recencia (R) es 5)"),
        (
            {"combinator": "or", "rules": [_one("orders", ">=", 2), *_one("origin", "=", "web")["rules"]]},
            "Cantidad de compras: al menos 2, o Origen es web",
        ),
    ],
)
def test_a_rule_is_a_sentence(rule: dict[str, Any], sentence: str) -> None:
    assert SPANISH.rule(parse_rule(rule)) == sentence


@pytest.mark.parametrize(
    ("trigger", "sentence"),
    [
        ({}, "Todavía nada la inicia"),
        ({"kind": "segment_entered", "segments": ["at_risk"]}, "Entra en En riesgo"),
        (
            {"kind": "segment_entered", "segments": ["at_risk"], "from": ["loyal"]},
            "Entra en En riesgo desde Leales",
        ),
        ({"kind": "segment_left", "segments": ["champions"]}, "Sale de Campeones"),
        ({"kind": "segment_left", "segments": [], "to": ["lost"]}, "Sale de … hacia Perdidos"),
        ({"kind": "silence", "days": 30}, "Última compra hace 30 días"),
        ({"kind": "silence", "days": 1}, "Última compra hace un día"),
        ({"kind": "silence", "days": "x"}, "Última compra hace … días"),
        ({"kind": "rule", "rule_id": "r1"}, "Empieza a cumplir: “Grandes”"),
        (
            {"kind": "rule", "rule": _one("orders", ">", 3)},
            "Empieza a cumplir: Cantidad de compras: más de 3",
        ),
        ({"kind": "rule"}, "Empieza a cumplir: …"),
        ({"kind": "sentiment", "sentiment": "negative"}, "El sentimiento pasa a ser negativo"),
        ({"kind": "forecast", "days": 7}, "Cambiaría de agrupación en 7 días como máximo"),
        (
            {"kind": "forecast", "days": 7, "segments": ["at_risk"]},
            "Pasaría a En riesgo en 7 días como máximo",
        ),
        ({"kind": "manual"}, "Solo cuando alguien la envía"),
    ],
)
def test_what_begins_an_automation_is_one_plain_sentence(trigger: dict[str, Any], sentence: str) -> None:
    assert trigger_words(SPANISH, clean_automation({"trigger": trigger})["trigger"]) == sentence


def test_an_audience_is_a_sentence() -> None:
    audience = {"of": "best_customers", "origin": "web", "rule_id": "r1", "rule": _one("r", "=", 5)}
    said = audience_words(SPANISH, clean_automation({"audience": audience})["audience"])
    assert said == "Mejores clientes, del origen web, que cumplen “Grandes”, con Puntaje de recencia (R) es 5"


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        ({"kind": "wait", "days": 3}, "Esperar 3 días"),
        ({"kind": "wait", "unit": "hours", "amount": "1"}, "Esperar una hora"),
        ({"kind": "wait"}, "Esperar …"),
        ({"kind": "wait_for_purchase", "days": 7}, "Esperar una compra, como máximo 7 días"),
        ({"kind": "tag", "tag": "vip"}, "Etiqueta “vip”"),
        ({"kind": "message", "endpoint": "crm"}, "Webhook a crm"),
        ({"kind": "message", "endpoint": "crm", "channel": "sms"}, "Mensaje por SMS a través de crm"),
        ({"kind": "nothing"}, "Nada: el contacto solo se cuenta"),
        ({"kind": "branch", "paths": [{}]}, "2 caminos"),
        ({"kind": "split", "arms": [{"name": "Corto"}, {}]}, "Al azar: Corto, …"),
    ],
)
def test_a_step_is_a_sentence(step: dict[str, Any], sentence: str) -> None:
    assert step_words(SPANISH, clean_automation({"steps": [step]})["steps"][0]) == sentence


def test_a_place_is_named_step_by_step() -> None:
    said = place_words("steps.1.paths.0.steps.2.endpoint", SPANISH.texts.gettext)
    assert said == "Paso 2, Camino 1, Paso 3, Endpoint que lo recibe"
    said = place_words("steps.0.arms.1.steps.0.tag", SPANISH.texts.gettext)
    assert said == "Paso 1, Grupo 2, Paso 1, Etiqueta"
    assert place_words("steps.0.arms.1.weight", SPANISH.texts.gettext) == "Paso 1, Grupo 2, Peso"
    assert place_words("steps.0.else.0.tag", SPANISH.texts.gettext) == "Paso 1, Si no, Paso 1, Etiqueta"
