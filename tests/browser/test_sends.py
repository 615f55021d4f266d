"""A manual send from a card to the stop, as a person walks it."""

import re

import pytest
from playwright.sync_api import expect

from schemas.automation import SEND
from schemas.automation_json import parse_send
from sinks.clickhouse.database import Database
from tests.browser.acting import act
from tests.browser.conftest import Windows
from tests.fixtures.shops import LIVELY, Lively

pytestmark = pytest.mark.browser


def test_a_send_is_confirmed_by_its_count_only_and_can_be_stopped(
    windows: Windows, operator: str, lively: Lively, opened: Database
) -> None:
    act(lively, opened)
    page = windows.open().sign_in(operator, f"/sends?account={LIVELY}")
    page.get_by_role("link", name="Envío nuevo").first.click()
    page.get_by_label("Nombre").fill("Aviso a los perdidos")
    page.get_by_label("Agrupación").select_option("lost")
    page.get_by_label("Canal").select_option("whatsapp")
    page.get_by_label("Mensaje").fill("¡Hola {{personal.nombre}}!")
    page.get_by_role("button", name="Vista previa").click()
    expect(page.get_by_text("nombre: no hay dato para esto")).to_be_visible()
    page.get_by_label("Mensaje").fill("¡Hola {{personal.name}}!")
    page.get_by_role("button", name="Vista previa").click()
    count = int(re.sub(r"\D", "", page.locator("#count").inner_text()))
    assert count > 1
    expect(page.locator(".bubble")).to_contain_text("¡Hola ")
    page.get_by_label("Escribe el número").fill(str(count + 1))
    page.get_by_role("button", name="Enviar ahora").click()
    expect(page.get_by_text(f"«{count + 1}» no es el número de contactos")).to_be_visible()
    page.get_by_label("Escribe el número").fill(str(count))
    page.get_by_role("button", name="Enviar ahora").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Aviso a los perdidos")
    expect(page.locator("#stage")).to_have_text("Comenzando")
    send_id = re.search(r"/sends/(\w+)", page.url)
    assert send_id
    stored = lively.monitor.parts.definitions.get(LIVELY, SEND, send_id[1])
    assert stored
    assert (stored.body["confirmed_count"], parse_send(stored.body).audience.of) == (count, "lost")
    page.get_by_role("button", name="Detener").click()
    page.get_by_role("button", name="Sí, hacerlo").click()
    expect(page.locator("#stage")).to_have_text("Detenido")
    page.goto(f"/sends?account={LIVELY}")
    expect(page.get_by_role("row").filter(has_text="Aviso a los perdidos")).to_contain_text("Detenido")
