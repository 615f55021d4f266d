"""Days played again, sentiment of a past day, and conversations: sound by axe, what is said is text."""

import csv
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from playwright.sync_api import Page, expect

from schemas.automation import AUTOMATION
from schemas.definitions_topic import Edit
from sinks.clickhouse.database import Database
from tests.browser.conftest import Windows
from tests.browser.test_pages import CUTS
from tests.fixtures.chromium import faults, overflow, shot, small_targets
from tests.fixtures.monitor import START
from tests.fixtures.shops import EMPTY, HOSTILE, LIVELY, Lively

pytestmark = pytest.mark.browser
HERE = f"account={LIVELY}"
SAID = f"\uff1dHYPERLINK(1) {HOSTILE} \u202etxt"
SLIDE = {"kind": "segment_entered", "segments": ["at_risk", "need_attention", "about_to_sleep", "promising"]}
AUTOMATIONS: dict[str, dict[str, Any]] = {
    "slide": {"name": "Se enfrían", "trigger": SLIDE},
    "silent": {"name": "Dos semanas", "trigger": {"kind": "silence", "days": 14}, "holdout_percent": 20},
    "never": {"name": "Nadie", "trigger": {"kind": "silence", "days": 3_000}},
}
PAGES = {
    "what-if-model": f"/model?{HERE}&{CUTS}&preset=rf-10",
    "what-if-automation": f"/automations/preview?{HERE}&id=silent",
    "fired": f"/contacts/fired?{HERE}&automation=silent",
    "felt": f"/sentiment?{HERE}&period=last_90_days",
    "felt-then": f"/contacts/felt?{HERE}&day=2026-10-22&segment=recent&feeling=positive",
    "talked": f"/contacts/talked?{HERE}&period=last_30_days",
    "conversation": f"/contact?{HERE}&id=CLI-00001",
}
EMPTY_PAGES = {"empty-what-if-model": f"/model?account={EMPTY}&r=1+2+3+4"}


@pytest.fixture(scope="module")
def operator_of_both(lively: Lively, opened: Database) -> Iterator[str]:
    """E-mail of an Operator, in a shop with active automations and one conversation."""
    definitions = lively.monitor.parts.definitions
    for id_, body in AUTOMATIONS.items():
        whole = {"status": "active", "steps": [{"kind": "message", "endpoint": "hook"}], **body}
        definitions.edit(Edit(LIVELY, AUTOMATION, id_, 0, "test", 0, whole))
    scores = [(-1, "latido-lexicon@0001"), (1, None), (0, "e5-small@0003"), (None, None)]
    rows = [
        {
            "account_id": LIVELY,
            "contact_id": "CLI-00001",
            "interaction_id": f"said-{n}",
            "sequence": 2**50,
            "occurred_at": START - timedelta(hours=n),
            "day": (START - timedelta(hours=n)).date(),
            "channel": "whatsapp",
            "kind": "message",
            "text": SAID * (1 if n else 60),
            "sentiment": how,
            "sentiment_model": by,
        }
        for n, (how, by) in enumerate(scores)
    ]
    types: dict[str, Any] = {
        "sequence": pl.UInt64,
        "sentiment": pl.Int8,
        "occurred_at": pl.Datetime("ms", "UTC"),
    }
    opened.insert("contact_interactions", pl.DataFrame(rows, schema_overrides=types))
    both = {LIVELY: "operator", EMPTY: "operator"}
    yield lively.monitor.person("Eva Soto", language="es", **both).email
    for id_ in AUTOMATIONS:
        definitions.edit(Edit(LIVELY, AUTOMATION, id_, 1, "test", 0, None))


def _arrived(page: Page) -> None:
    """Parts that are asked for later are there."""
    for part in page.locator("[hx-trigger=load]").all():
        expect(part.locator("table, .cards, p:not(:only-child), .state").first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_is_sound_in_both_themes_and_at_360_pixels(
    windows: Windows, operator_of_both: str, pictures: Path | None, theme: str
) -> None:
    page = windows.open(theme=theme).sign_in(operator_of_both)
    for name, address in {**PAGES, **(EMPTY_PAGES if theme == "light" else {})}.items():
        page.set_viewport_size({"width": 1280, "height": 860})
        answer = page.goto(address)
        assert answer
        assert answer.status == 200, name
        if name not in EMPTY_PAGES:
            _arrived(page)
        assert faults(page) == [], name
        assert small_targets(page) == [], name
        if pictures:
            shot(page, pictures, f"{name}-{theme}")
        page.set_viewport_size({"width": 360, "height": 740})
        assert overflow(page) == 0, name
        if pictures:
            shot(page, pictures, f"{name}-{theme}-narrow")


def test_what_contacts_say_is_text_and_in_a_file_no_formula(
    windows: Windows, operator_of_both: str, tmp_path: Path
) -> None:
    page = windows.open().sign_in(operator_of_both, f"/contact?{HERE}&id=CLI-00001")
    said = page.locator("#talks .bubble")
    expect(said.nth(1)).to_have_text(SAID)
    assert page.locator("img[src=x]").count() == 0
    who = page.locator("#talks td[data-label='Quién lo califica']")
    expect(who.nth(0)).to_contain_text("leído del texto por el léxico")
    expect(who.nth(0)).to_contain_text("latido-lexicon@0001")
    expect(who.nth(1)).to_contain_text("dicho por el propio evento")
    expect(who.nth(2)).to_contain_text("leído del texto por un modelo")
    expect(who.nth(3)).to_contain_text("sin calificar todavía")
    with page.expect_download() as coming:
        page.locator("[data-csv=talks]").click()
    coming.value.save_as(tmp_path / "talks.csv")
    rows = list(csv.reader((tmp_path / "talks.csv").read_text("utf-8-sig").splitlines(), delimiter=";"))
    assert len(rows) == 1 + page.locator("#talks tbody tr").count()
    assert [cell for row in rows for cell in row if re.match(r"\s*[=+@\t\-\uff1d]", cell)] == []
    assert f"'{SAID}" in rows[2]


def test_figures_of_sentiment_lead_to_their_contacts(windows: Windows, operator_of_both: str) -> None:
    page = windows.open().sign_in(operator_of_both, f"/sentiment?{HERE}&period=last_90_days")
    sentiment = page.url
    then = page.locator("#felt tbody td:nth-child(2n+3) a").first
    count = _number(then.get_attribute("title") or "")
    then.click()
    expect(page.locator("#total")).to_have_text(str(count))
    page.goto(sentiment)
    spoke = page.locator("#channels tbody tr:first-child td a").first
    said = _number(spoke.inner_text())
    spoke.click()
    expect(page.locator("#total")).to_be_visible()
    times = page.locator("#contacts td[data-label='Interacciones en el período']").all_inner_texts()
    assert sum(map(_number, times)) == said


def test_what_would_have_fired_leads_to_its_contacts(windows: Windows, operator_of_both: str) -> None:
    page = windows.open().sign_in(operator_of_both, f"/automations/preview?{HERE}&id=slide")
    expect(page.locator("#fired-contacts")).to_be_visible()
    count = page.locator("#fired-contacts").inner_text()
    assert _number(count) > 0
    page.locator("#fired-contacts").click()
    expect(page.locator("#total")).to_have_text(count)
    page.goto(f"/model?{HERE}&{CUTS}")
    contacts = page.locator("#fired-table td[data-label='Contactos, este modelo'] a").nth(2)
    expect(contacts).to_be_visible()
    count = contacts.inner_text()
    contacts.click()
    expect(page.locator("#total")).to_have_text(count)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Quiénes habrían entrado en")


def _number(text: str) -> int:
    return int(re.sub(r"\D", "", text))
