"""Frame, sign-in, users and RFM pages in a real browser: both themes, wide and narrow, without a fault."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.fixtures.chromium import faults, overflow, shot, small_targets
from tests.fixtures.monitor import PASSWORD, Monitor

pytestmark = pytest.mark.browser
WIDTHS = {"wide": (1280, 860), "narrow": (360, 740)}
EXPECTED = re.compile(r"status of (401|404)")
"""The wrong password and the missing page, as the console tells of them."""
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> str:
    """What the system prefers."""
    return str(request.param)


@pytest.fixture(params=list(WIDTHS))
def width(request: pytest.FixtureRequest) -> str:
    """How wide the window is."""
    return str(request.param)


@pytest.fixture
def page(chromium: Browser, theme: str, width: str, site: str) -> Iterator[Page]:
    """A fresh window in which nothing may be reported to the console, and no dialog may open."""
    across, down = WIDTHS[width]
    context = chromium.new_context(
        viewport={"width": across, "height": down},
        color_scheme="dark" if theme == "dark" else "light",
        locale="es-CL",
        base_url=site,
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    yield page
    context.close()
    assert [line for line in said if not EXPECTED.search(line)] == []


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where pictures go: LATIDO_PICTURES, to look at them."""
    folder = Path(os.environ.get("LATIDO_PICTURES", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _sound(page: Page) -> None:
    assert faults(page) == []
    assert overflow(page) == 0
    assert small_targets(page) == []


def test_the_morning_of_an_administrator(
    page: Page, monitor: Monitor, pictures: Path, theme: str, width: str
) -> None:
    mark = f"{theme}-{width}"
    tienda = monitor.account(mark, name="Tienda Andina", currency="CLP")
    admin = monitor.person("Ana Fuentes", language="es", beta="operator", **{tienda: "administrator"})
    monitor.person("Luis Prado", **{tienda: "operator"})
    monitor.person(HOSTILE, **{tienda: "other"})

    page.goto(f"/users?account={tienda}")
    page.get_by_label("Correo electrónico").fill(admin.email)
    page.get_by_label("Contraseña").fill("una equivocada")
    page.get_by_role("button", name="Iniciar sesión").click()
    expect(page.get_by_role("alert")).to_contain_text("no es correcto")
    _sound(page)
    shot(page, pictures, f"sign-in-{mark}")

    page.get_by_label("Contraseña").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Usuarios")
    expect(page.get_by_role("rowheader", name=HOSTILE)).to_be_visible()
    _sound(page)
    shot(page, pictures, f"users-{mark}")

    page.get_by_role("button", name="Invitar a una persona").click()
    _sound(page)
    page.keyboard.press("Escape")

    page.goto(f"/rfm?account={tienda}")
    _sound(page)
    shot(page, pictures, f"rfm-{mark}")

    page.goto("/accounts")
    _sound(page)
    shot(page, pictures, f"accounts-{mark}")

    page.goto("/nowhere")
    _sound(page)
    shot(page, pictures, f"error-{mark}")
