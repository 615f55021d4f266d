"""Every route x every kind of person x own, foreign and random ids: the routes come from the app itself."""

import re
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl
import pytest
from httpx2 import Response
from starlette.routing import BaseRoute, Route

from schemas.definitions_topic import Definitions, Edit
from sinks.clickhouse.database import Database
from tests.fixtures.clickhouse import emptied
from tests.fixtures.monitor import Browser, Monitor, build
from tests.integration.monitor.access_items import ITEMS, NOWHERE
from tests.integration.monitor.access_table import RULE, TABLE, Names, Needs, Row

HOME, AWAY = "north", "south"
"""Two accounts; NOWHERE is none. Names of a length: answers are compared byte by byte."""
PEOPLE: dict[str, tuple[str, str] | None] = {
    "anonymous": None,
    "other": (HOME, "other"),
    "operator of north": (HOME, "operator"),
    "administrator of north": (HOME, "administrator"),
    "operator of south": (AWAY, "operator"),
    "administrator of south": (AWAY, "administrator"),
}
WHOLE: dict[str, Any] = {
    "name": "Complete",
    "trigger": {"kind": "segment_entered", "segments": ["lost"]},
    "steps": [{"kind": "nothing"}],
}
BODIES: dict[Names, dict[str, Any]] = {
    Names.RULE: {"name": "Buyers", "rule": RULE},
    Names.DRAFT: {"name": "", "status": "draft", "audience": {"of": "lost", "origin": None}},
    Names.COMPLETE: {**WHOLE, "status": "draft"},
    Names.RUNNING: {**WHOLE, "status": "active"},
}
FIXED = {"segment": "champions", "group": "all", "name": "champions"}


class Visits:
    """The monitor with two accounts, and a browser for each kind of person."""

    def __init__(self, monitor: Monitor) -> None:
        self.monitor = monitor
        self._browsers: dict[str, Browser] = {}

    def browser(self, who: str) -> Browser:
        """That person's, signed in; a new one where the last has signed out."""
        membership = PEOPLE[who]
        if membership is None:
            browser = self.monitor.browser()
            browser.see("/sign-in")
            return browser
        browser = self._browsers.get(who) or self.monitor.browser()
        if who not in self._browsers or browser.see("/accounts").status_code == 303:
            person = self.monitor.person(who, **{membership[0]: membership[1]})
            assert browser.sign_in(person.email).status_code == 303
            self._browsers[who] = browser
        return browser

    def item(self, names: Names, account: str) -> tuple[str, dict[str, str]]:
        """An id of that kind in an account (of nobody for NOWHERE), and what a form says beside it."""
        if names is Names.NOTHING:
            return "", {}
        if names is Names.CONTACT:
            return f"c-{account}", {}
        if names is Names.ACCOUNT:
            return account, {}
        if names is Names.MEMBER:
            if account == NOWHERE:
                return f"p{uuid.uuid4().hex[:8]}@example.com", {"version": "1"}
            return self.monitor.person("Target", **{account: "operator"}).email, {"version": "1"}
        if names in ITEMS:
            return ITEMS[names](self.monitor, account), {}
        made = uuid.uuid4().hex
        if account != NOWHERE:
            kind = "rule" if names is Names.RULE else "automation"
            self.monitor.parts.definitions.edit(Edit(account, kind, made, 0, "test", 0, BODIES[names]))
        return made, {"version": "1"}


@pytest.fixture(scope="module")
def visits(
    definitions: Definitions, opened: Database, built_assets: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visits]:
    """A contact in each account, and streams that end at once."""
    made = build(definitions, emptied(opened), built_assets, tmp_path_factory.mktemp("matrix"))
    contacts = [
        {
            "account_id": account,
            "contact_id": f"c-{account}",
            "sequence": 1,
            "segment": "champions",
            "orders": 1,
            "revenue_minor": 100,
            "currency": "USD",
        }
        for account in (HOME, AWAY)
    ]
    opened.insert("contact_profiles", pl.DataFrame(contacts, schema_overrides={"sequence": pl.UInt64}))
    for account in (HOME, AWAY):
        made.account(account)
    made.app.state.stopping.set()
    yield Visits(made)
    made.parts.sessions.close()


@pytest.fixture(scope="module")
def routes(visits: Visits) -> set[tuple[str, str]]:
    """Every route: those of OpenAPI, and the pages, which it leaves out."""
    document = visits.monitor.app.openapi()
    found = {(method.upper(), path) for path, ways in document["paths"].items() for method in ways}
    pages = [one for one in _leaves(visits.monitor.app.routes) if not one.include_in_schema]
    return found | {(way, page.path_format) for page in pages for way in (page.methods or set()) - {"HEAD"}}


def _leaves(routes: Iterable[BaseRoute]) -> Iterator[Route]:
    """Routes, also those of included routers; anything else that serves is a surprise."""
    for one in routes:
        if isinstance(one, Route):
            yield one
        else:
            yield from _leaves(one.original_router.routes)  # type: ignore[attr-defined]  # FastAPI's own wrapper, not in its types


def test_every_route_has_its_row_and_every_row_its_route(routes: set[tuple[str, str]]) -> None:
    assert routes == set(TABLE)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize(("method", "path"), TABLE, ids=[" ".join(route) for route in TABLE])
def test_each_person_gets_what_the_table_says(visits: Visits, method: str, path: str, who: str) -> None:
    row = TABLE[method, path]
    own, profile = PEOPLE[who] or (HOME, "")
    mine = visits.item(row.names, own)
    asked = _send(visits, who, method, path, own, mine)
    assert asked.status_code == _expected(row, profile, path), asked.text[:500]
    if not profile or row.needs is Needs.NOTHING:
        return
    foreign_account = AWAY if own == HOME else HOME
    if row.of_account:
        answers = [_send(visits, who, method, path, account, mine) for account in (foreign_account, NOWHERE)]
        _assert_alike(answers, [foreign_account, NOWHERE], 404)
    if row.names is not Names.NOTHING and profile in row.needs.value and profile != "other":
        items = [visits.item(row.names, account) for account in (foreign_account, NOWHERE)]
        answers = [_send(visits, who, method, path, own, item) for item in items]
        _assert_alike(answers, [item[0] for item in items], 404)


def _expected(row: Row, profile: str, path: str) -> int:
    """Of one's own: 401 or the way to sign in for nobody, 403 for too little, else the answer of the row."""
    if row.needs is Needs.NOTHING:
        return row.within if profile and row.within else row.answers
    if not profile:
        return 401 if path.startswith("/api/") else 303
    if profile not in row.needs.value:
        return 403
    if profile == "other" and path == "/accounts":
        return 403 if row.names is Names.NOTHING else 404  # it has no account whose monitor it may see
    return row.answers


def _send(
    visits: Visits, who: str, method: str, path: str, account: str, item: tuple[str, dict[str, str]]
) -> Response:
    row, browser = TABLE[method, path], visits.browser(who)
    address = re.sub(r"\{(\w+)(:\w+)?\}", lambda m: item[0] if row.place == "path" else FIXED[m[1]], path)
    query, sent = dict(row.query), dict(row.sends)
    if row.of_account:
        query["account"] = account
    if row.names is not Names.NOTHING and row.place != "path":
        (query if method == "GET" else sent)[row.place] = item[0]
    if method == "GET":
        return browser.get(address, params=query)
    headers = {"origin": browser.own_origin, "x-csrf-token": browser.token}
    if path.startswith("/api/"):
        return browser.request(method, address, params=query, json=sent, headers=headers)
    if path == "/users/invite":
        sent["email"] = f"i{uuid.uuid4().hex[:8]}@example.com"
    return browser.post(address, params=query, data={**sent, **item[1]}, headers=headers)


def _assert_alike(answers: list[Response], names: list[str], status: int) -> None:
    """What belongs to somebody else answers byte for byte as what does not exist, but for its own name."""
    foreign, random = (
        (one.status_code, _plain(one.text, name), sorted(_plain(f"{h}", name) for h in one.headers.items()))
        for one, name in zip(answers, names, strict=True)
    )
    assert foreign == random
    assert foreign[0] == status


def _plain(text: str, name: str) -> str:
    return text.replace(name, "?").replace(name.replace("@", "%40"), "?")
