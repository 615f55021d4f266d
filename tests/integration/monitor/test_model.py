"""Publishing a scoring model: from the page and by the API, never over somebody else's edit."""

import html
import re

import pytest

from sinks.monitor.audit import Action
from tests.fixtures.monitor import Browser
from tests.fixtures.shops import LIVELY, Lively

CUTS = {"r": "15 45 90 180", "f": "1 2 4 7", "m": "25000 50000 100000 200000"}


@pytest.fixture
def admin(lively: Lively) -> Browser:
    """An Administrator of the shop."""
    return lively.monitor.signed_in(lively.monitor.person(**{LIVELY: "administrator"}))


def _hidden(page: str) -> dict[str, str]:
    """What the form that publishes would send."""
    form = re.search(r'<form method="post" action="/model/publish.*?</form>', page, re.DOTALL)
    assert form
    found = re.findall(r'name="(\w+)" value="([^"]*)"', form[0])
    return {name: html.unescape(value) for name, value in found}


def test_what_the_preview_showed_is_put_in_force(lively: Lively, admin: Browser) -> None:
    page = admin.see("/model", params={"account": LIVELY, **CUTS, "value_of": "sum"})
    fields = _hidden(page.text)
    before = admin.get(f"/api/v1/model?account={LIVELY}").json()
    answer = admin.submit(f"/model/publish?account={LIVELY}", fields)
    assert answer.status_code == 303
    now = admin.get(f"/api/v1/model?account={LIVELY}").json()
    assert now["model_version"] == before["model_version"] + 1 == int(fields["base"]) + 1
    assert (now["recency_cuts"], now["value_of"]) == ([15, 45, 90, 180], "sum")
    assert now["map"] == before["map"]
    shown = admin.get(answer.headers["location"]).text
    assert f"Version {now['model_version']} is in force" in shown
    assert "up to 15 days" in admin.get(f"/rfm?account={LIVELY}").text
    event = lively.monitor.audit.events[-1]
    assert (event.action, event.account_id) == (Action.MODEL_PUBLISHED, LIVELY)
    assert event.detail == {"version": now["model_version"]}


def test_a_page_that_is_out_of_date_publishes_nothing(admin: Browser) -> None:
    fields = _hidden(admin.see("/model", params={"account": LIVELY, **CUTS}).text)
    assert admin.submit(f"/model/publish?account={LIVELY}", fields).status_code == 303
    in_force = admin.get(f"/api/v1/model?account={LIVELY}").json()
    late = admin.submit(f"/model/publish?account={LIVELY}", {**fields, "r": "1 2 3 4"})
    assert late.status_code == 409
    assert admin.get(f"/api/v1/model?account={LIVELY}").json()["recency_cuts"] == in_force["recency_cuts"]


def test_programs_publish_on_a_version_and_are_told_the_linters_warnings(admin: Browser) -> None:
    base = admin.get(f"/api/v1/model?account={LIVELY}").json()["model_version"]
    headers = {"origin": admin.own_origin, "x-csrf-token": admin.token}
    wish = {"map": ["lost"] * 124 + ["champions"], "base_version": base}
    answer = admin.post(f"/api/v1/model?account={LIVELY}", json=wish, headers=headers)
    assert answer.json()["model_version"] == base + 1
    again = admin.post(f"/api/v1/model?account={LIVELY}", json=wish, headers=headers)
    assert (again.status_code, again.json()["current_version"]) == (409, base)
    wish = {"preset": "standard-125", "base_version": base + 1}
    answer = admin.post(f"/api/v1/model?account={LIVELY}", json=wish, headers=headers)
    assert answer.json()["warnings"] == admin.get(f"/api/v1/model?account={LIVELY}").json()["warnings"]


@pytest.mark.parametrize(
    "wish",
    [
        {"cuts": {"r": [4, 3, 2, 1]}},
        {"preset": "nobodys"},
        {"map": ["lost"]},
        {"map": ["no_purchases"] * 125},
        {"is_admin": True},
    ],
)
def test_a_model_that_cannot_be_is_refused(admin: Browser, wish: dict[str, object]) -> None:
    before = admin.get(f"/api/v1/model?account={LIVELY}").json()["model_version"]
    headers = {"origin": admin.own_origin, "x-csrf-token": admin.token}
    body = {**wish, "base_version": before}
    answer = admin.post(f"/api/v1/model?account={LIVELY}", json=body, headers=headers)
    assert answer.status_code == 422
    assert admin.get(f"/api/v1/model?account={LIVELY}").json()["model_version"] == before


def test_who_may_not_publish_is_not_offered_to(lively: Lively) -> None:
    operator = lively.monitor.signed_in(lively.monitor.person(**{LIVELY: "operator"}))
    page = operator.see("/model", params={"account": LIVELY, **CUTS}).text
    assert "/model/publish" not in page
    assert "An Administrator of the account can put it in force." in page
