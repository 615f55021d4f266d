"""A rule, then an automation from a card with a branch, activated: as people do it, in a real browser."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from schemas.definitions_topic import Edit
from tests.browser.conftest import Windows
from tests.fixtures.chromium import faults, overflow, shot, small_targets
from tests.fixtures.shops import LIVELY, Lively

pytestmark = pytest.mark.browser
ENDPOINT = "crm-principal"


@pytest.fixture
def page(windows: Windows, administrator: str, lively: Lively) -> Page:
    """An Administrator at the monitor of a shop that has an endpoint."""
    definitions = lively.monitor.parts.definitions
    if definitions.get(LIVELY, "endpoint", ENDPOINT) is None:
        definitions.edit(Edit(LIVELY, "endpoint", ENDPOINT, 0, "test", 0, {"url": "https://crm.example/x"}))
    return windows.open().sign_in(administrator, f"/monitor?account={LIVELY}")


def _sound(page: Page, pictures: Path | None, name: str) -> None:
    assert faults(page) == []
    assert small_targets(page) == []
    if pictures:
        shot(page, pictures, name)
    page.set_viewport_size({"width": 360, "height": 740})
    assert overflow(page) == 0
    if pictures:
        shot(page, pictures, f"{name}-narrow")
    page.set_viewport_size({"width": 1280, "height": 860})


def _count(place: Locator) -> int:
    return int(re.sub(r"\D", "", place.locator(".count-figure").inner_text()))


def test_a_rule_counts_before_it_is_saved_what_it_lists_afterwards(page: Page, pictures: Path | None) -> None:
    page.get_by_role("link", name="Reglas").click()
    page.get_by_role("link", name="Nueva regla").first.click()
    page.get_by_role("textbox", name="Nombre").fill("Callados que gastan")
    page.get_by_label("Qué se pregunta").select_option(label="Días desde la última compra")
    expect(page.get_by_label("Qué se pregunta")).to_be_focused()
    page.get_by_role("spinbutton", name="Valor para Días").fill("60")
    expect(page.locator("#count .count-figure")).to_be_visible()
    alone = _count(page.locator("#count"))

    page.get_by_role("button", name="Agregar grupo").click()
    inner = page.locator("#f-rule-rules-1")
    inner.get_by_text("Leales", exact=True).click()
    inner.get_by_text("Campeones", exact=True).click()
    inner.get_by_text("lo contrario de esto").click()
    expect(page.locator("#count .count-figure")).not_to_have_text(str(alone))
    promised = _count(page.locator("#count"))
    assert 0 < promised < alone
    _sound(page, pictures, "rule-filled")

    page.get_by_role("button", name="Guardar regla").click()
    expect(page.get_by_text("La regla se guardó.")).to_be_visible()
    assert int(page.locator("#total").inner_text()) == promised
    expect(page.get_by_text("Días desde la última compra: más de 60, y no (Agrupación es")).to_be_visible()
    _sound(page, pictures, "rule")
    page.get_by_role("link", name="Reglas").first.click()
    row = page.get_by_role("row", name=re.compile("Callados que gastan"))
    expect(row).to_contain_text(str(promised))
    _sound(page, pictures, "rules")


def test_what_is_wrong_with_a_rule_is_said_beside_it(page: Page) -> None:
    page.goto(f"/rules/edit?account={LIVELY}")
    page.get_by_role("button", name="Guardar regla").click()
    expect(page.get_by_role("alert")).to_contain_text("todavía no se puede guardar")
    expect(page.locator("#f-name-wrong")).to_have_text("Complétalo")
    expect(page.locator("#f-rule-rules-0-value-wrong")).to_have_text("Elige al menos un valor")
    assert faults(page) == []


def test_an_automation_from_a_card_with_a_branch_is_activated_and_says_itself_in_the_list(
    page: Page, pictures: Path | None
) -> None:
    page.locator("#card-priority_attention").get_by_role("link", name="Crear automatización").click()
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    page.get_by_role("textbox", name="Nombre").fill("Rescate de marzo")
    page.get_by_label("Qué la inicia").select_option(label="Última compra hace N días")
    page.get_by_role("spinbutton", name="Días desde la última compra").fill("30")

    page.get_by_role("button", name="Diferentes caminos").click()
    path = page.locator("#f-steps-0-paths-0")
    path.get_by_label("Qué se pregunta").select_option(label="Puntaje de valor (V)")
    path.get_by_role("spinbutton", name="Valor para Puntaje").fill("4")
    path.locator("summary", has_text="Agregar paso").click()
    path.get_by_role("button", name="Mensaje", exact=True).click()
    expect(page.locator("#f-steps-0-paths-0-steps-0-endpoint")).to_be_visible()
    page.get_by_role("button", name="Guardar y activar").click()

    missing = page.get_by_role("alert")
    expect(missing).to_contain_text("Paso 1, Camino 1, Paso 1, Endpoint que lo recibe: Complétalo")
    expect(missing).to_contain_text("Elige a quién le llega")
    expect(page.locator("#f-steps-0-paths-0-steps-0-endpoint-wrong")).to_be_visible()
    _sound(page, pictures, "builder-missing")

    page.locator("#f-steps-0-paths-0-steps-0-endpoint").select_option(ENDPOINT)
    page.locator("#f-steps-0-paths-0-steps-0-channel").select_option("whatsapp")
    page.get_by_role("textbox", name="Texto").fill("Hola ")
    page.locator("summary", has_text="Insertar una variable").click()
    page.get_by_role("button", name="Nombre", exact=True).click()
    expect(page.get_by_role("textbox", name="Texto")).to_have_value("Hola {{personal.name}}")
    now = _count(page.locator("#audience-count"))
    page.get_by_text("A quienes entren desde ahora").click()
    page.get_by_role("button", name="Guardar y activar").click()

    expect(page.get_by_role("heading", name="Qué pasa al activar")).to_be_visible()
    assert _count(page.locator(".numbers")) == now
    expect(page.locator(".numbers")).to_contain_text("Última compra hace 30 días")
    expect(page.locator(".outline").first).to_contain_text("Si Puntaje de valor (V): al menos 4")
    _sound(page, pictures, "activate")
    page.get_by_role("button", name="Continuar").click()
    expect(page.get_by_text("Está activa: los contactos entran desde ahora.")).to_be_visible()
    expect(page.get_by_text("al guardar se crea la versión 4")).to_be_visible()

    page.goto(f"/automations?account={LIVELY}&status=active")
    row = page.get_by_role("row", name=re.compile("Rescate de marzo"))
    expect(row).to_contain_text("Última compra hace 30 días")
    expect(row).to_contain_text("Prioridad de atención")
    _sound(page, pictures, "automations-list")


def test_a_split_is_built_arm_by_arm_and_says_who_gets_what(page: Page, pictures: Path | None) -> None:
    page.goto(f"/automations/new?account={LIVELY}&of=champions")
    page.get_by_role("textbox", name="Nombre").fill("Dos textos")
    page.get_by_role("button", name="División A/B").click()
    expect(page.get_by_label("Nombre de la división")).to_have_value("A/B 1")
    page.get_by_role("button", name="Agregar grupo").click()
    expect(page.locator("#f-steps-0-arms-2-name")).to_be_focused()
    expect(page.locator("#f-steps-0-arms-2-name")).to_have_value("C")
    page.locator("#f-steps-0-arms-0-weight").fill("100")
    for number in range(3):
        arm = page.locator(f"#f-steps-0-arms-{number}")
        arm.locator("summary", has_text="Agregar paso").click()
        arm.get_by_role("button", name="Etiqueta", exact=True).click()
        page.locator(f"#f-steps-0-arms-{number}-steps-0-tag").fill(f"grupo {number}")
    page.locator("#f-steps-0-arms-1").get_by_role("button", name="Quitar el grupo").click()
    expect(page.locator("#f-steps-0-arms-2")).to_have_count(0)
    expect(page.locator("#f-steps-0-arms-1-name")).to_have_value("C")
    page.locator("#f-steps-0-arms-1-name").fill("A")
    page.get_by_text("A quienes entren desde ahora").click()
    page.get_by_role("button", name="Guardar y activar").click()
    wrong = "Paso 1, Grupo 2, Nombre: Da a cada grupo un nombre propio"
    expect(page.get_by_role("alert")).to_contain_text(wrong)
    _sound(page, pictures, "builder-split")

    page.locator("#f-steps-0-arms-1-name").fill("Corto")
    page.get_by_role("button", name="Guardar y activar").click()
    expect(page.locator(".outline").first).to_contain_text("Al azar: A, Corto")
    expect(page.locator(".outline").first).to_contain_text(re.compile(r"“Corto”: recibe el 33\s?%"))
    expect(page.locator(".outline").first).to_contain_text("Etiqueta “grupo 2”")


def test_the_keyboard_alone_builds_a_step_and_stays_where_it_is(page: Page) -> None:
    page.goto(f"/automations/new?account={LIVELY}&specialist=true")
    page.get_by_role("button", name="Etiqueta", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#f-steps-0")).to_be_visible()
    expect(page.get_by_label("Etiqueta para el contacto")).to_be_focused()
    page.keyboard.type("vip")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Quitar el paso")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#f-steps-0")).to_have_count(0)
    expect(page.locator("#f-steps")).to_be_focused()
