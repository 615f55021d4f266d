"""A newcomer's morning, as it happens: one walk through the monitor in a real browser."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Window, Windows
from tests.fixtures.shops import LIVELY, Lively

pytestmark = pytest.mark.browser


def _figure(page: Page, key: str) -> int:
    return int(re.sub(r"\D", "", page.locator(f"[data-k='{key}']").inner_text()))


def test_from_sign_in_to_a_permalink_in_a_fresh_browser(
    windows: Windows, operator: str, tmp_path: Path
) -> None:
    window = windows.open()
    page = window.sign_in(operator)
    expect(page.get_by_role("heading", level=1)).to_have_text("Monitor de éxito")
    page.goto(f"/monitor?account={LIVELY}")

    cards = page.locator(".card-title").all_inner_texts()
    assert cards[:3] == ["Mejores clientes", "Tienen potencial", "Prioridad de atención"]
    segments = ("at_risk", "need_attention", "cant_lose")
    assert _figure(page, "card-priority_attention") == sum(_figure(page, f"{s}-contacts") for s in segments)
    assert page.locator("#groups tbody th").all_inner_texts() == [
        "Campeones", "Leales", "Lealtad potencial", "Recientes", "Prometedores", "Necesitan atención",
        "A punto de dormir", "En riesgo", "No se pueden perder", "Hibernando", "Perdidos", "Sin compras",
    ]  # fmt: skip

    before = _figure(page, "s-orders")
    page.get_by_label("Período").select_option(label="Últimos 90 días")
    page.wait_for_url(re.compile("period=last_90_days"))
    expect(page.locator("[data-k='s-orders']")).not_to_have_text(str(before))
    assert _figure(page, "s-orders") > before

    _the_report_holds_as_many_rows_as_the_card_says(page, tmp_path)

    champions = _figure(page, "champions-contacts")
    page.locator("[data-k='champions-contacts']").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Campeones")
    assert int(page.locator("#total").inner_text()) == champions
    page.locator("tbody th a").first.click()
    expect(page.get_by_role("heading", name="Historial de cambios")).to_be_visible()
    expect(page.get_by_text("Ya es Campeón.")).to_be_visible()
    permalink, name = page.url, page.get_by_role("heading", level=1).inner_text()

    _language_and_theme_change(page)

    friend = windows.open()
    friend.page.goto(permalink)
    there = friend.sign_in(operator, permalink)
    expect(there.get_by_role("heading", level=1)).to_have_text(name)
    assert there.url == permalink


def _the_report_holds_as_many_rows_as_the_card_says(page: Page, folder: Path) -> None:
    count = _figure(page, "card-best_customers")
    with page.expect_download() as coming:
        page.locator("#card-best_customers a[data-report]").click()
    file = folder / coming.value.suggested_filename
    coming.value.save_as(file)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.reader(lines, delimiter=";"))
    assert len(rows) - 1 == count
    assert {row[rows[0].index("segment")] for row in rows[1:]} == {"Campeones", "Leales"}
    expect(page.locator("#toasts")).to_contain_text(f"Contactos en el informe: {count}")


def _language_and_theme_change(page: Page) -> None:
    page.locator("details[data-popover] summary").click()
    page.get_by_role("button", name="Português").click()
    expect(page.get_by_role("heading", name="Histórico de mudanças")).to_be_visible()
    page.locator("details[data-popover] summary").click()
    page.get_by_role("button", name="Escuro").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.locator("details[data-popover] summary").click()
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("heading", name="Historial de cambios")).to_be_visible()


def test_a_purchase_appears_without_a_reload_and_the_cards_stay_sums(
    windows: Windows, operator: str, lively: Lively
) -> None:
    page = windows.open().sign_in(operator, f"/monitor?account={LIVELY}")
    expect(page.locator("#freshness")).to_contain_text("datos hasta")
    page.evaluate("window.stayed = true")
    before = _figure(page, "all-orders")
    events = [lively.shop.live(lively.monitor.now) for _ in range(30)]
    lively.street.take(sorted(events, key=lambda event: event.topic), lively.monitor.now)
    expect(page.locator("[data-k='all-orders']")).not_to_have_text(f"{before}", timeout=15_000)
    page.wait_for_timeout(4_000)
    best = ("champions", "loyal")
    assert _figure(page, "card-best_customers") == sum(_figure(page, f"{s}-contacts") for s in best)
    assert page.evaluate("window.stayed")


def test_the_badge_says_that_the_stream_is_lost_and_the_figures_stay(windows: Windows, operator: str) -> None:
    window: Window = windows.open()
    window.context.route("**/api/v1/live*", lambda route: route.abort())
    page = window.sign_in(operator, f"/monitor?account={LIVELY}")
    expect(page.locator("#freshness")).to_have_text(re.compile("reconectando"))
    assert _figure(page, "all-contacts") > 0
    window.context.unroute("**/api/v1/live*")
    expect(page.locator("#freshness")).to_contain_text("datos hasta", timeout=20_000)


def test_a_draft_asks_and_preselects_nothing_and_is_kept_at_its_first_save(
    windows: Windows, operator: str
) -> None:
    page = windows.open().sign_in(operator, f"/monitor?account={LIVELY}")
    page.locator("#card-have_potential").get_by_role("link", name="Crear automatización").click()
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    page.goto(f"/automations?account={LIVELY}")
    expect(page.get_by_role("row", name=re.compile("Tienen potencial"))).to_have_count(0)
    page.go_back()
    page.get_by_role("textbox", name="Nombre").fill("Bienvenida")
    page.get_by_text("Ambas cosas").click()
    page.get_by_role("button", name="Guardar borrador").click()
    expect(page.get_by_text("Guardado.")).to_be_visible()
    expect(page.get_by_role("radio", name=re.compile("Ambas cosas"))).to_be_checked()
    page.goto(f"/automations?account={LIVELY}")
    expect(page.get_by_role("row", name=re.compile("Bienvenida.*Borrador.*Tienen potencial"))).to_be_visible()


def test_every_chart_and_its_table_can_be_taken_away(windows: Windows, operator: str, tmp_path: Path) -> None:
    page = windows.open().sign_in(operator, f"/movement?account={LIVELY}")
    expect(page.locator("#flow svg")).to_be_visible()
    with page.expect_download() as coming:
        page.get_by_role("button", name="PNG").click()
    coming.value.save_as(tmp_path / "flow.png")
    assert (tmp_path / "flow.png").read_bytes().startswith(b"\x89PNG")
    with page.expect_download() as coming:
        page.get_by_role("button", name="CSV").click()
    coming.value.save_as(tmp_path / "flow.csv")
    rows = list(csv.reader((tmp_path / "flow.csv").read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert len(rows) == page.locator("#matrix tr").count()


def test_a_period_that_takes_its_time_says_so_and_one_that_fails_leaves_what_stands(
    windows: Windows, operator: str
) -> None:
    window = windows.open()
    page = window.sign_in(operator, f"/monitor?account={LIVELY}")
    before = _figure(page, "s-orders")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    window.context.route("**/monitor?*period=last_7_days*", hold)
    page.get_by_label("Período").select_option(label="Últimos 7 días")
    expect(page.get_by_text("Calculando…")).to_be_visible()
    held[0].abort()
    expect(page.locator("#toasts")).to_contain_text("Las cifras no se pudieron leer.")
    expect(page.get_by_text("Calculando…")).to_be_hidden()
    assert _figure(page, "s-orders") == before
