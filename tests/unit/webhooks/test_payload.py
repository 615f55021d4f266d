"""What a receiver reads."""

import json
from typing import Any

import pytest

from schemas.messages import placeholders, render, unknown
from sinks.webhooks.payload import instant, payload
from tests.contract import examples

_, ACTION = examples.load("automation_action.webhook")


def data(**changed: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(payload({**ACTION, **changed}))["data"]
    return found


def variable(kind: str, value: str | None) -> dict[str, str | None]:
    return {"variable": "x", "type": kind, "value": value}


def test_the_message_is_rendered_and_the_variables_are_typed() -> None:
    found = data()
    assert found["message"] == "Oi Íris, faz 30 dias que não vemos você."
    assert found["variables"] == {"days_since": 30, "segment": "potential_loyalist", "revenue": 30180}
    assert (found["currency"], found["contact"]) == ("BRL", {"name": "Íris", "phone": "+5511987650000"})


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        ("text", "a", "a"),
        ("integer", "-7", -7),
        ("decimal", "0.25", 0.25),
        ("boolean", "true", True),
        ("boolean", "false", False),
        ("date", "2026-11-22", "2026-11-22"),
        ("instant", "2026-11-22T12:00:00Z", "2026-11-22T12:00:00Z"),
        ("money", "30180", 30180),
        ("integer", None, None),
    ],
)
def test_a_variable_has_the_type_it_says(kind: str, value: str | None, read: object) -> None:
    assert data(variables=[variable(kind, value)])["variables"] == {"x": read}


@pytest.mark.parametrize(("kind", "value"), [("integer", "many"), ("boolean", "yes"), ("colour", "red")])
def test_a_variable_that_is_not_its_type_is_refused(kind: str, value: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        payload({**ACTION, "variables": [variable(kind, value)]})


def test_without_a_template_there_is_no_message() -> None:
    assert data(message_template=None, personal=None) | {"variables": {}} == {
        **data(), "message": None, "contact": {}, "variables": {}
    }  # fmt: skip


def test_the_bytes_are_the_same_at_every_attempt() -> None:
    assert payload(ACTION) == payload(dict(reversed(ACTION.items())))


def test_the_time_is_that_of_the_action() -> None:
    assert json.loads(payload(ACTION))["timestamp"] == instant(ACTION["due_at"]) == "2026-11-13T12:30:00.000Z"


def test_a_value_is_never_taken_for_a_placeholder() -> None:
    assert render("{{a}} {{ b }}", {"a": "{{b}}", "b": "{{a}}"}) == "{{b}} {{a}}"


def test_what_has_no_value_is_nothing() -> None:
    assert render("Hola {{personal.name}}!{{missing}}", {"personal.name": None}) == "Hola !"


def test_a_template_says_what_it_needs() -> None:
    assert placeholders("{{a}} {{b}} {{a}} {{personal.name}} {c} {{d e}}") == ["a", "b", "personal.name"]
    assert unknown("{{a}} {{personal.name}} {{personal.document}}", ["b"]) == ["a", "personal.document"]
