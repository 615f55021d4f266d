"""The API as programs see it: who gets in, what is said, what errors look like. Real log, real database."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from schemas.definitions_topic import Definitions
from schemas.records import Segment
from sinks.clickhouse.database import Database
from tests.fixtures.clickhouse import emptied
from tests.fixtures.monitor import START, Browser, Monitor, build
from tests.unit.monitor_api.shop import store_profiles

TODAY = START.date()
READS = {
    "/monitor": "",
    "/sales": "",
    "/segments/{segment}/contacts": "",
    "/groups/{group}/contacts": "",
    "/contacts/{contact_id}": "",
    "/contacts/{contact_id}/history": "",
    "/reports/{name}.csv": "",
    "/transitions": f"from={TODAY - timedelta(30)}&to={TODAY}",
    "/trend": "days=5",
    "/forecast": "days=30",
    "/forecast/contacts": "days=30",
    "/model": "",
    "/freshness": "",
}
"""Every reading route but the endless one, with the parameters it needs."""
NAMES = {"segment": "champions", "group": "best_customers", "name": "all", "contact_id": "c/1"}


@pytest.fixture(scope="module")
def api(
    definitions: Definitions, opened: Database, built_assets: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Monitor]:
    """Account `api-a` with contacts that carry its name, `api-b` with its own, `api-c` without any."""
    emptied(opened)
    made = build(definitions, opened, built_assets, tmp_path_factory.mktemp("api"))
    for account in ("api-a", "api-b", "api-c"):
        made.account(account, time_zone="UTC")
    for account, contacts in (("api-a", 9), ("api-b", 4)):
        store_profiles(opened, [_contact(account, number) for number in range(contacts)])
    yield made
    made.parts.sessions.close()


def _contact(account: str, number: int) -> dict[str, Any]:
    segments = [Segment.CHAMPIONS, Segment.AT_RISK, Segment.LOST]
    return {
        "account_id": account,
        "contact_id": f"c/{number}",
        "segment": segments[number % 3].value,
        "orders": 2,
        "revenue_minor": 1_000 * number,
        "currency": "USD",
        "r": 5,
        "f": 2,
        "m": 1,
        "personal_name": f"canary of {account}",
        "last_order_day": TODAY - timedelta(number),
        "next_segment": Segment.LOST.value,
        "next_segment_day": TODAY + timedelta(number),
    }


def _ask(browser: Browser, route: str, account: str = "api-a", **headers: str) -> Response:
    path = f"/api/v1{route.format(**NAMES)}?account={account}&{READS[route]}"
    response: Response = browser.get(path, headers=headers)
    return response


def _is_problem(response: Response, status: int) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == status


def test_openapi_lists_every_route_with_a_shape(api: Monitor) -> None:
    browser = api.signed_in(api.person(**{"api-a": "operator"}))
    paths = browser.get("/api/v1/openapi.json").json()["paths"]
    found = {
        path.removeprefix("/api/v1").replace("{contact_id}", "{contact_id}")
        for path in paths
        if "/api/v1" in path
    }
    assert {*READS, "/live", "/model/preview"} <= found
    for path, methods in paths.items():
        for method, operation in methods.items():
            ((status, answer),) = ((n, one) for n, one in operation["responses"].items() if n.startswith("2"))
            shapes = [content["schema"] for content in answer.get("content", {}).values()]
            assert len(shapes) == (status != "204"), (method, path)
            assert all(shapes), (method, path)
            assert {"401", "403", "404"} <= set(operation["responses"]), path


@pytest.mark.parametrize("route", [*READS, "/live"])
def test_nobody_and_other_profiles_get_nothing(api: Monitor, route: str) -> None:
    READS.setdefault("/live", "")
    _is_problem(_ask(api.browser(), route), 401)
    _is_problem(_ask(api.signed_in(api.person(**{"api-a": "other", "api-b": "operator"})), route), 403)


@pytest.mark.parametrize("route", READS)
def test_an_account_of_others_looks_like_none(api: Monitor, route: str) -> None:
    browser = api.signed_in(api.person(**{"api-b": "administrator"}))
    foreign, missing = _ask(browser, route, "api-a"), _ask(browser, route, "no-such-account")
    _is_problem(foreign, 404)
    assert foreign.content == missing.content


@pytest.mark.parametrize("profile", ["operator", "administrator"])
@pytest.mark.parametrize("route", [route for route in READS if route != "/live"])
def test_operators_and_administrators_read_their_account_and_no_other(
    api: Monitor, route: str, profile: str
) -> None:
    response = _ask(api.signed_in(api.person(**{"api-a": profile})), route)
    assert response.status_code == 200, response.text
    assert "canary of api-b" not in response.text


@pytest.mark.parametrize("route", [r for r in READS if "contact_id" not in r and r != "/live"])
def test_an_account_without_anything_has_zeros_and_no_errors(api: Monitor, route: str) -> None:
    response = _ask(api.signed_in(api.person(**{"api-c": "operator"})), route, "api-c")
    assert response.status_code == 200, response.text


def test_cards_lists_and_downloads_agree(api: Monitor) -> None:
    browser = api.signed_in(api.person(**{"api-a": "operator"}))
    answer = _ask(browser, "/monitor").json()
    sizes = {row["segment"]: row["contacts"] for row in answer["segments"]}
    assert list(sizes) == [segment.value for segment in Segment]
    assert answer["contacts"] == sum(sizes.values()) == 9
    for card in answer["cards"]:
        assert card["contacts"] == sum(sizes[segment] for segment in card["segments"])
        listed = browser.get(f"/api/v1/groups/{card['group']}/contacts?account=api-a").json()
        assert listed["total"] == len(listed["items"]) == card["contacts"]
        file = browser.get(f"/api/v1/reports/{card['group']}.csv?account=api-a")
        assert int(file.headers["x-latido-contacts"]) == card["contacts"]
        assert len(file.content.splitlines()) == card["contacts"] + 1
        assert file.headers["content-disposition"].startswith(
            f'attachment; filename="latido-{card["group"]}-'
        )
        assert int(file.headers["content-length"]) == len(file.content)


def test_a_download_leaves_a_trace(api: Monitor) -> None:
    person = api.person(**{"api-a": "operator"})
    api.signed_in(person).get("/api/v1/reports/lost.csv?account=api-a")
    event = api.audit.events[-1]
    assert (event.action, event.actor, event.account_id) == ("export", person.email, "api-a")
    assert event.detail == {"contacts": 3}


@pytest.mark.parametrize("route", ["/monitor", "/sales", "/transitions", "/trend"])
def test_what_has_not_changed_is_not_sent_again(api: Monitor, route: str) -> None:
    browser = api.signed_in(api.person(**{"api-c": "operator"}))
    for _ in range(100):
        tag = _ask(browser, route, "api-c").headers["etag"]
        again = _ask(browser, route, "api-c", **{"if-none-match": tag})
        if again.status_code == 304:
            break
    assert again.status_code == 304
    assert not again.content
    assert again.headers["etag"] == tag


@pytest.mark.parametrize(
    "path",
    [
        "sales?from=2026-01-02&to=2026-01-01",
        "sales?from=2020-01-01&to=2026-01-01",
        f"sales?from=2026-01-01&to={TODAY + timedelta(1)}",
        "sales?period=yesterday&from=2026-01-01&to=2026-01-02",
        "sales?period=forever",
        "segments/nobody/contacts",
        "groups/all/contacts?sort=revenue_minor;DROP",
        "groups/all/contacts?cursor=x",
        "groups/all/contacts?limit=1000000",
        "transitions?from=2026-02-01&to=2026-01-01",
        "trend?days=100000",
        "forecast?days=0",
        "forecast/contacts?cursor=W10",
    ],
)
def test_a_wrong_parameter_is_named(api: Monitor, path: str) -> None:
    browser = api.signed_in(api.person(**{"api-a": "operator"}))
    response = browser.get(f"/api/v1/{path}{'&' if '?' in path else '?'}account=api-a")
    _is_problem(response, 422)
    assert len(response.json()["detail"]) > 8


@pytest.mark.parametrize("path", ["contacts/nobody", "contacts/nobody/history", "reports/nothing.csv"])
def test_what_is_not_there_is_not_found(api: Monitor, path: str) -> None:
    browser = api.signed_in(api.person(**{"api-a": "operator"}))
    _is_problem(browser.get(f"/api/v1/{path}?account=api-a"), 404)


def test_the_card_says_what_it_takes_to_be_a_champion(api: Monitor) -> None:
    browser = api.signed_in(api.person(**{"api-a": "operator"}))
    card = browser.get("/api/v1/contacts/c%2F1?account=api-a").json()
    assert card["contact"]["segment"] == "at_risk"
    assert not card["is_champion"]
    # 2 orders of 1,000 so far: F 4 takes 5 orders, V 3 an average over 50.00 over these.
    takes = card["champion_with"]
    assert takes["purchases"] >= 1
    assert takes["amount_minor"] >= 0
    assert browser.get("/api/v1/contacts/c%2F0?account=api-a").json()["champion_with"] is None


def _preview(browser: Browser, body: object, account: str = "api-a") -> Response:
    headers = {"origin": browser.own_origin, "x-csrf-token": browser.token}
    path = f"/api/v1/model/preview?account={account}"
    response: Response = browser.post(path, json=body, headers=headers)
    return response


def test_a_preview_moves_everybody_somewhere_and_saves_nothing(api: Monitor) -> None:
    browser = api.signed_in(api.person(**{"api-a": "operator"}))
    before = browser.get("/api/v1/model?account=api-a").json()
    answer = _preview(browser, {"map": ["lost"] * 125}).json()
    sizes = {row["segment"]: row["contacts_then"] for row in answer["segments"]}
    assert sizes["lost"] == 9
    assert answer["contacts_moved"] == 6
    assert answer["revenue_moved_minor"] == sum(1_000 * n for n in range(9) if n % 3 != 2)
    after = browser.get("/api/v1/model?account=api-a").json()
    assert after["map"] == before["map"]
    assert after["edits"] == before["edits"]


@pytest.mark.parametrize(
    "body",
    [
        {"cuts": {"r": [4, 3, 2, 1]}},
        {"cuts": {"r": [1, 2, 3]}},
        {"cuts": {"m": [1, 2, 3, 10**30]}},
        {"cuts": {"r": [-4, 3, 5, 6]}},
        {"map": ["lost"] * 124},
        {"map": ["no_purchases"] * 125},
        {"preset": "none"},
        {"account_id": "api-b"},
        {"value_of": "median"},
        [],
    ],
)
def test_a_model_that_cannot_be_is_refused(api: Monitor, body: object) -> None:
    _is_problem(_preview(api.signed_in(api.person(**{"api-a": "operator"})), body), 422)


def test_a_preview_needs_the_token_of_the_session_and_the_account(api: Monitor) -> None:
    browser = api.signed_in(api.person(**{"api-b": "administrator"}))
    _is_problem(_preview(browser, {}, "api-a"), 404)
    browser.token = "another"  # noqa: S105 - no secret: a wrong token
    _is_problem(_preview(browser, {}, "api-b"), 403)


def test_the_live_stream_speaks_when_its_account_moves_and_ends_when_told(
    api: Monitor, opened: Database
) -> None:
    browser = api.signed_in(api.person(**{"api-a": "operator"}))
    store_profiles(opened, [_contact("api-b", 0)], 500)
    api.app.state.stopping.set()
    try:
        response = browser.get("/api/v1/live?account=api-a")
    finally:
        api.app.state.stopping.clear()
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.text == "retry: 2000\n\n"


def test_days_are_days_of_the_account(api: Monitor) -> None:
    """At START it is noon in UTC, already tomorrow in Kiritimati."""
    api.account("api-far", time_zone="Pacific/Kiritimati")
    browser = api.signed_in(api.person(**{"api-far": "operator"}))
    answer = browser.get("/api/v1/sales?account=api-far&period=yesterday").json()
    assert answer["as_of"] == (TODAY + timedelta(1)).isoformat()
    assert date.fromisoformat(answer["period"]["from"]) == TODAY
    assert json.dumps(answer["previous"]["to"]) == f'"{TODAY - timedelta(1)}"'
