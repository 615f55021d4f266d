"""Rules by the API: what they count is what they list and what they download, and nobody's edit is lost."""

import csv
from typing import Any

import pytest
from httpx2 import Response

from tests.fixtures.monitor import Browser
from tests.fixtures.shops import LIVELY, Lively

SPENDERS = {
    "combinator": "and",
    "not": False,
    "rules": [
        {"field": "segment", "operator": "in", "value": ["loyal", "champions", "at_risk"]},
        {"combinator": "or", "not": True, "rules": [{"field": "orders", "operator": "<", "value": 3}]},
    ],
}


@pytest.fixture
def admin(lively: Lively) -> Browser:
    """An Administrator of the shop who reads Spanish."""
    return lively.monitor.signed_in(lively.monitor.person(language="es", **{LIVELY: "administrator"}))


def send(browser: Browser, method: str, path: str, body: Any = None, **query: Any) -> Response:
    """A request to the API as a program sends it."""
    headers = {"origin": browser.own_origin, "x-csrf-token": browser.token}
    params = {"account": LIVELY, **query}
    return browser.request(method, f"/api/v1/{path}", params=params, json=body, headers=headers)


def _made(admin: Browser, name: str = "Compran", rule: Any = SPENDERS) -> dict[str, Any]:
    answer = send(admin, "POST", "rules", {"name": name, "rule": rule})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _walked(admin: Browser, rule_id: str, limit: int) -> list[str]:
    """Every contact of a rule, page by page."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = send(admin, "GET", f"rules/{rule_id}/contacts", limit=limit, **more).json()
        found += [one["contact_id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def test_the_count_before_saving_is_the_list_and_the_file_afterwards(admin: Browser) -> None:
    count = send(admin, "POST", "rules/count", {"rule": SPENDERS}).json()["contacts"]
    rule = _made(admin)
    listed = _walked(admin, rule["id"], limit=7)
    first = send(admin, "GET", f"rules/{rule['id']}/contacts", limit=7).json()
    answer = send(admin, "GET", f"rules/{rule['id']}.csv", raw=1)
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert count == len(listed) == len(set(listed)) == first["total"] == len(rows) > 7
    assert answer.headers["x-latido-contacts"] == str(count)
    assert sorted(row["contact_id"] for row in rows) == listed == sorted(listed)
    assert all(
        row["segment"] in ("loyal", "champions", "at_risk") and int(row["orders"]) >= 3 for row in rows
    )


def test_the_file_of_a_rule_is_in_the_format_of_every_report(admin: Browser) -> None:
    rule = _made(admin, rule={"rules": [{"field": "segment", "operator": "=", "value": "champions"}]})
    of_rule = send(admin, "GET", f"rules/{rule['id']}.csv").text.splitlines()
    of_segment = send(admin, "GET", "reports/champions.csv").text.splitlines()
    assert of_rule[0] == of_segment[0]
    assert sorted(of_rule) == sorted(of_segment)
    assert len(of_rule) > 1


def test_a_rule_says_itself_and_whether_days_change_it(admin: Browser) -> None:
    rule = _made(admin, rule={"rules": [{"field": "days_since_last", "operator": ">", "value": "60"}]})
    assert (rule["words"], rule["dated"]) == ("Días desde la última compra: más de 60", True)
    assert rule["rule"]["rules"] == [{"field": "days_since_last", "operator": ">", "value": 60}]
    assert not _made(admin)["dated"]


def test_an_edit_of_an_old_version_is_a_conflict_and_changes_nothing(admin: Browser) -> None:
    rule = _made(admin)
    edit = {"name": "Otro", "rule": SPENDERS, "base_version": rule["version"]}
    assert send(admin, "PUT", f"rules/{rule['id']}", edit).json()["version"] == 2
    late = send(admin, "PUT", f"rules/{rule['id']}", {**edit, "name": "Tarde"})
    assert (late.status_code, late.json()["current_version"]) == (409, 2)
    assert send(admin, "GET", f"rules/{rule['id']}").json()["name"] == "Otro"
    assert send(admin, "DELETE", f"rules/{rule['id']}", base_version=1).status_code == 409


def test_a_rule_in_use_is_not_removed_until_nothing_uses_it(admin: Browser) -> None:
    rule = _made(admin)
    draft = {"name": "La usa", "audience": {"rule_id": rule["id"]}}
    using = send(admin, "POST", "automations", {"definition": draft}).json()
    refused = send(admin, "DELETE", f"rules/{rule['id']}", base_version=1)
    assert refused.status_code == 409
    assert refused.json()["used_by"] == [{"kind": "automation", "id": using["id"], "name": "La usa"}]
    assert [one["name"] for one in send(admin, "GET", f"rules/{rule['id']}").json()["used_by"]] == ["La usa"]
    assert send(admin, "DELETE", f"automations/{using['id']}", base_version=1).status_code == 204
    assert send(admin, "DELETE", f"rules/{rule['id']}", base_version=1).status_code == 204
    assert send(admin, "GET", f"rules/{rule['id']}").status_code == 404


@pytest.mark.parametrize("path", ["rules", "rules/count"])
def test_every_wrong_place_is_named_in_the_persons_language(admin: Browser, path: str) -> None:
    rule = {"rules": [{"field": "r", "operator": "=", "value": "x"}, {"rules": []}]}
    body = {"rule": rule, **({"name": " "} if path == "rules" else {})}
    answer = send(admin, "POST", path, body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    told = {one["path"]: one["advice"] for one in answer.json()["problems"]}
    assert told["rule.rules.0.value"] == "Da un número, no 'x'"
    assert told["rule.rules.1.rules"] == "Agrega una condición, o quita el grupo vacío"
    assert ("name" in told) == (path == "rules")


def test_a_cursor_of_another_list_is_refused(admin: Browser) -> None:
    rule = _made(admin)
    other = send(admin, "GET", "groups/all/contacts", limit=1).json()["next_cursor"]
    for cursor in (other, "x", "e30"):
        assert send(admin, "GET", f"rules/{rule['id']}/contacts", cursor=cursor).status_code == 422
