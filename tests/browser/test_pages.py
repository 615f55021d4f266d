"""Every page in both themes: no fault by axe, nothing sideways, targets reachable, no script of a name."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Windows
from tests.fixtures.chromium import faults, overflow, shot, small_targets
from tests.fixtures.shops import EMPTY, HOSTILE, LIVELY

pytestmark = pytest.mark.browser
CUTS = "r=15+45+90+180&f=1+2+4+7&m=25000+50000+100000+200000"
PAGES = {
    "monitor": f"/monitor?account={LIVELY}",
    "contacts": f"/contacts?account={LIVELY}&sort=name&direction=asc",
    "contact": f"/contact?account={LIVELY}&id=CLI-00001",
    "map": f"/map?account={LIVELY}",
    "scores": f"/contacts/scores?account={LIVELY}&r=1&f=1&m=3",
    "moved": f"/contacts/moved?account={LIVELY}&from=2026-09-01&to=2026-11-20&source=new&target=recent",
    "buyers": f"/contacts/buyers?account={LIVELY}&period=last_30_days",
    "previewed": f"/contacts/preview?account={LIVELY}&{CUTS}&source=recent&target=promising",
    "as-of": f"/as-of?account={LIVELY}&day=2026-09-01",
    "sentiment": f"/sentiment?account={LIVELY}",
    "filtered": f"/monitor?account={LIVELY}&origin=%2Aothers&sentiment=positive",
    "filtered-contacts": f"/contacts?account={LIVELY}&sentiment=no_data&origin=",
    "password": "/password",
    "movement": f"/movement?account={LIVELY}",
    "trend": f"/trend?account={LIVELY}&days=365",
    "forecast": f"/forecast?account={LIVELY}&days=30&to=any",
    "model": f"/model?account={LIVELY}&{CUTS}&preset=rf-10",
    "rules": f"/rules?account={LIVELY}",
    "rule-editor": f"/rules/edit?account={LIVELY}",
    "automations": f"/automations?account={LIVELY}",
    "specialists": f"/specialists?account={LIVELY}",
    "builder": f"/automations/new?account={LIVELY}&of=best_customers",
    "builder-template": f"/automations/new?account={LIVELY}&template=rescue",
}
EMPTY_PAGES = {
    "empty-monitor": f"/monitor?account={EMPTY}",
    "empty-contacts": f"/contacts?account={EMPTY}",
    "empty-map": f"/map?account={EMPTY}",
    "empty-movement": f"/movement?account={EMPTY}",
    "empty-as-of": f"/as-of?account={EMPTY}",
    "empty-sentiment": f"/sentiment?account={EMPTY}",
    "empty-buyers": f"/contacts/buyers?account={EMPTY}",
    "empty-trend": f"/trend?account={EMPTY}",
    "empty-forecast": f"/forecast?account={EMPTY}",
}


def _sound(page: Page) -> None:
    assert faults(page) == []
    assert small_targets(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_is_sound_in_both_themes_and_at_360_pixels(
    windows: Windows, administrator: str, pictures: Path | None, theme: str
) -> None:
    page = windows.open(theme=theme).sign_in(administrator)
    states = EMPTY_PAGES if theme == "light" else {}
    for name, address in {**PAGES, **states}.items():
        page.set_viewport_size({"width": 1280, "height": 860})
        answer = page.goto(address)
        assert answer
        assert answer.status == 200, name
        for chart in page.locator("[data-drawing]").all():
            expect(chart.locator("svg").first).to_be_visible()
        _sound(page)
        if pictures:
            shot(page, pictures, f"{name}-{theme}")
        page.set_viewport_size({"width": 360, "height": 740})
        assert overflow(page) == 0, name
        if pictures:
            shot(page, pictures, f"{name}-{theme}-narrow")


def test_a_hostile_name_is_text_wherever_it_stands(windows: Windows, operator: str) -> None:
    page = windows.open().sign_in(operator, f"/contact?account={LIVELY}&id=CLI-00001")
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
    page.goto(f"/contacts?account={LIVELY}&text=onerror")
    expect(page.get_by_role("rowheader")).to_contain_text([HOSTILE])
    page.goto(f"/contacts?account={LIVELY}&text=%3Cscript%3Ealert(1)%3C/script%3E")
    expect(page.get_by_text("Ningún contacto coincide")).to_be_visible()
    assert page.locator("img[src=x]").count() == 0


def test_the_keyboard_reaches_the_figures_and_skips_the_menu(windows: Windows, operator: str) -> None:
    page = windows.open().sign_in(operator, f"/monitor?account={LIVELY}")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    reached = []
    for _ in range(6):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.dataset.k || document.activeElement.textContent")
        )
    assert "card-best_customers" in reached
    page.locator("[data-k='champions-contacts']").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Campeones")


def test_an_account_without_orders_says_what_to_do_next(windows: Windows, operator: str) -> None:
    page = windows.open().sign_in(operator, f"/monitor?account={EMPTY}")
    expect(page.get_by_text("Conecta tu ERP")).to_be_visible()
    expect(page.locator("[data-k='card-best_customers']")).to_have_text("0")
    expect(page.get_by_text("Nadie compró en este período.")).to_be_visible()
