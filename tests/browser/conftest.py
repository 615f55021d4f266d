"""A window on a lively shop, in which nothing may go wrong unseen."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.fixtures.chromium import serve
from tests.fixtures.monitor import PASSWORD
from tests.fixtures.shops import EMPTY, LIVELY, Lively

_EXPECTED = re.compile(
    r"status of (401|404|422)|ERR_(FAILED|CONNECTION_REFUSED|INCOMPLETE_CHUNKED)|htmx:error: Failed to fetch"
)
"""What the console says of missing pages, refused forms, and of a stream or a request that a test cut."""


@pytest.fixture(scope="module")
def street(lively: Lively) -> Iterator[str]:
    """Address of the monitor over the lively shop."""
    with serve(lively.monitor.app) as address:
        yield address.url
        lively.monitor.app.state.stopping.set()
    lively.monitor.app.state.stopping.clear()


class Window:
    """A browser of its own: what it reports, and ways to go."""

    def __init__(self, context: BrowserContext) -> None:
        self.context, self.said = context, list[str]()
        self.page = self._watched(context.new_page())

    def _watched(self, page: Page) -> Page:
        page.on("console", lambda one: self.said.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("dialog", lambda dialog: self.said.append(f"dialog {dialog.message}"))
        return page

    def sign_in(self, email: str, start: str = "/") -> Page:
        """Go somewhere by way of the sign-in page."""
        self.page.goto(start)
        self.page.locator("input[name=email]").fill(email)
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)
        return self.page

    def close(self) -> None:
        """Close it; nothing unexpected was reported."""
        self.context.close()
        assert [line for line in self.said if not _EXPECTED.search(line)] == []


@pytest.fixture
def windows(chromium: Browser, street: str) -> Iterator["Windows"]:
    """Makes windows of this test's own."""
    made = Windows(chromium, street)
    yield made
    for window in made.opened:
        window.close()


class Windows:
    """Fresh browsers."""

    def __init__(self, chromium: Browser, address: str) -> None:
        self._chromium, self.address, self.opened = chromium, address, list[Window]()

    def open(self, *, theme: str = "light", width: int = 1280, language: str = "es-CL") -> Window:
        """One that prefers a theme and a language."""
        context = self._chromium.new_context(
            viewport={"width": width, "height": 860},
            color_scheme="dark" if theme == "dark" else "light",
            locale=language,
            base_url=self.address,
            accept_downloads=True,
        )
        self.opened.append(Window(context))
        return self.opened[-1]


@pytest.fixture(scope="module")
def operator(lively: Lively) -> str:
    """E-mail of an Operator of both accounts, who reads Spanish."""
    return lively.monitor.person(
        "Ana Fuentes", language="es", **{LIVELY: "operator", EMPTY: "operator"}
    ).email


@pytest.fixture(scope="module")
def administrator(lively: Lively) -> str:
    """E-mail of an Administrator of both accounts, who reads Spanish."""
    return lively.monitor.person(
        "Eva Ríos", language="es", **{LIVELY: "administrator", EMPTY: "administrator"}
    ).email


@pytest.fixture
def pictures() -> Path | None:
    """Where pictures go, if somebody wants to look at them: LATIDO_PICTURES."""
    named = os.environ.get("LATIDO_PICTURES")
    if named is None:
        return None
    Path(named).mkdir(parents=True, exist_ok=True)
    return Path(named)
