"""Every figure leads to its contacts, who are as many as it says; a model is tried and published."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Windows
from tests.fixtures.shops import LIVELY, Lively

pytestmark = pytest.mark.browser
OWN_CUTS = "r=20+50+100+200&f=1+2+4+7&m=25000+50000+100000+200000"
"""That no other test puts in force."""


def _count(place: Locator) -> int:
    return int(re.sub(r"\D", "", place.inner_text()))


def _leads_to_as_many(page: Page, figure: Locator) -> None:
    said = _count(figure)
    figure.click()
    expect(page.locator("#total")).to_be_visible()
    assert _count(page.locator("#total")) == said
    permalink = page.url
    page.goto(permalink)
    assert _count(page.locator("#total")) == said


def test_cells_of_the_movement_lead_to_their_contacts(windows: Windows, operator: str) -> None:
    page = windows.open().sign_in(operator, f"/movement?account={LIVELY}")
    movement = page.url
    cells = page.locator("#matrix tbody td:not(.stays) a")
    assert cells.count() > 3
    for place in (0, 1, cells.count() - 1):
        page.goto(movement)
        _leads_to_as_many(page, cells.nth(place))


def test_sales_lead_to_who_bought(windows: Windows, operator: str) -> None:
    page = windows.open().sign_in(operator, f"/monitor?account={LIVELY}")
    monitor = page.url
    _leads_to_as_many(page, page.locator("[data-k='s-buyers']"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Quienes compraron en el período")
    page.goto(monitor)
    page.locator("#sales details.data summary").click()
    day = page.locator("#sales-days a").first
    orders = _count(day)
    day.click()
    bought = page.locator("#contacts td[data-label='Pedidos en el período']")
    assert sum(_count(one) for one in bought.all()) == orders


def test_cells_of_the_map_of_a_past_day_and_of_the_sentiment_lead_to_their_contacts(
    windows: Windows, operator: str
) -> None:
    page = windows.open().sign_in(operator, f"/map?account={LIVELY}")
    page.locator("details.data summary").click()
    _leads_to_as_many(page, page.locator("#base-cells a").first)
    page.goto(f"/as-of?account={LIVELY}&day=2026-09-01")
    _leads_to_as_many(page, page.locator("#then tbody a").nth(2))
    page.goto(f"/sentiment?account={LIVELY}")
    _leads_to_as_many(page, page.locator("#felt tbody a").first)


def test_an_administrator_tries_a_model_looks_at_who_would_move_and_publishes_it(
    windows: Windows, lively: Lively
) -> None:
    admin = lively.monitor.person("Eva", language="es", **{LIVELY: "administrator"}).email
    page = windows.open().sign_in(admin, f"/model?account={LIVELY}&{OWN_CUTS}")
    preview = page.url
    _leads_to_as_many(page, page.locator("#preview-moves tbody a").first)
    page.goto(preview)
    page.get_by_role("button", name="Publicar como versión").click()
    page.get_by_role("button", name="Sí, hacerlo").click()
    expect(page.get_by_text(re.compile(r"La versión \d+ está en vigor"))).to_be_visible()
    expect(page.get_by_text("20 · 50 · 100 · 200 días")).to_be_visible()


def test_a_filter_stands_in_the_url_goes_along_and_can_be_taken_away(windows: Windows, operator: str) -> None:
    page = windows.open().sign_in(operator, f"/monitor?account={LIVELY}&period=last_7_days")
    everybody = page.locator("[data-k=all-contacts]").inner_text()
    page.locator("select[name=sentiment]").select_option("no_data")
    page.wait_for_url(re.compile("sentiment=no_data"))
    assert "origin=" not in page.url
    assert "period=last_7_days" in page.url
    silent = page.locator("[data-k=all-contacts]").inner_text()
    assert int(silent) < int(everybody)
    page.locator("[data-k=all-contacts]").click()
    expect(page.locator("#total")).to_have_text(silent)
    page.locator(".chip").click()
    page.wait_for_url(lambda url: "sentiment" not in url)
    expect(page.locator("#total")).to_have_text(everybody)
    expect(page.locator(".chip")).to_have_count(0)
