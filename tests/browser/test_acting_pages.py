"""Pages about automations at work, in both themes: sound by axe, nothing sideways, names are text."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from sinks.clickhouse.database import Database
from tests.browser.acting import SEND_ID, act
from tests.browser.conftest import Windows
from tests.fixtures.chromium import faults, overflow, shot, small_targets
from tests.fixtures.shops import EMPTY, HOSTILE, LIVELY, Lively

pytestmark = pytest.mark.browser
HERE = f"account={LIVELY}"
PAGES = {
    "preview": f"/automations/preview?{HERE}&id=winback",
    "preview-unfinished": f"/automations/preview?{HERE}&id=unfinished",
    "results": f"/automations/results?{HERE}&id=winback",
    "results-lift": f"/automations/results?{HERE}&id=compared&days=90&window=30",
    "results-effect": f"/automations/results?{HERE}&id=effective&days=7&window=90",
    "results-none": f"/automations/results?{HERE}&id=unfinished",
    "actions": f"/automations/actions?{HERE}&id=winback&fate=suppressed",
    "deliveries": f"/deliveries?{HERE}",
    "sends": f"/sends?{HERE}",
    "send": f"/sends/{SEND_ID}?{HERE}",
    "send-new": f"/sends/new?{HERE}&of=champions",
    "send-of-automation": f"/sends/new?{HERE}&automation=winback",
    "endpoints": f"/endpoints?{HERE}",
    "messages": f"/messages?{HERE}",
    "specialists-log": f"/specialists/log?{HERE}",
}
EMPTY_PAGES = {
    "empty-deliveries": f"/deliveries?account={EMPTY}",
    "empty-sends": f"/sends?account={EMPTY}",
    "empty-send-new": f"/sends/new?account={EMPTY}",
    "empty-endpoints": f"/endpoints?account={EMPTY}",
    "empty-specialists-log": f"/specialists/log?account={EMPTY}",
}


@pytest.fixture(scope="module")
def administrator(lively: Lively, opened: Database) -> str:
    """E-mail of an Administrator of both accounts, where everything has happened."""
    act(lively, opened)
    both = {LIVELY: "administrator", EMPTY: "administrator"}
    return lively.monitor.person("Eva Soto", language="es", **both).email


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
        expect(page.locator("[hx-get*='/lift?']")).to_have_count(0)
        for details in page.locator("details.data").all()[:2]:
            details.locator("summary").click()
        assert faults(page) == [], name
        assert small_targets(page) == [], name
        if pictures:
            shot(page, pictures, f"{name}-{theme}")
        page.set_viewport_size({"width": 360, "height": 740})
        assert overflow(page) == 0, name
        if pictures:
            shot(page, pictures, f"{name}-{theme}-narrow")


def test_the_effect_of_an_automation_says_what_is_not_conclusive_and_why(
    windows: Windows, administrator: str
) -> None:
    page = windows.open().sign_in(administrator, f"/automations/results?{HERE}&id=compared")
    lift = page.locator("#lift")
    expect(lift.locator(".lift-part")).to_have_count(2)
    whole = lift.locator("#lift-1")
    expect(whole.get_by_role("row")).to_have_count(3)
    expect(whole).to_contain_text("Aún no concluyente")
    expect(whole).to_contain_text("Faltan 10 contactos en el grupo más pequeño.")
    expect(lift.locator("#lift-2")).to_contain_text("División “Asunto”")
    expect(lift.locator("#lift-2 .comparison")).to_have_count(3)
    lift.get_by_label("Observar a cada contacto durante").select_option("30")
    page.wait_for_url(lambda url: "window=30" in url)
    page.goto(f"/automations/results?{HERE}&id=effective&window=90")
    expect(lift.locator("#lift-1 .effect").first).to_contain_text("El intervalo deja fuera el cero.")
    expect(lift.locator("#lift-1 svg.interval").first).to_be_visible()
    changes = page.locator("#lift-transitions")
    expect(changes.get_by_role("row", name="En riesgo → Leales")).to_contain_text("Aún no concluyente")
    expect(changes.get_by_role("row", name="Leales → Campeones")).to_contain_text("—")
    page.goto(f"/sends/{SEND_ID}?{HERE}")
    expect(lift.locator("#lift-1")).to_contain_text("Faltan 100 contactos en el grupo más pequeño.")
    page.goto(f"/automations/results?{HERE}&id=unfinished")
    expect(page.locator("#lift")).to_contain_text("Aún no ha entrado nadie.")


def test_a_hostile_name_and_a_hostile_answer_are_text(windows: Windows, administrator: str) -> None:
    page = windows.open().sign_in(administrator, f"/automations/results?{HERE}&id=unfinished")
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
    page.goto(f"/deliveries?{HERE}&contact=CLI-00001")
    expect(page.get_by_role("rowheader").first).to_contain_text(HOSTILE)
    page.locator("details.data summary").first.click()
    expect(page.locator(".attempts").first).to_contain_text(HOSTILE)
    assert page.locator("img[src=x]").count() == 0
