"""What holds whoever comes: headers, demotion, other sites, bodies. Who may do what: `test_matrix`."""

import re
from typing import Any

import pytest

from sinks.monitor.rights import Profile
from tests.fixtures.monitor import ORIGIN, PASSWORD, Browser, Monitor
from tests.integration.monitor.access_table import TABLE


def _filled(path: str) -> str:
    return re.sub(r"\{\w+(:\w+)?\}", "x", path)


def _ask(browser: Browser, method: str, path: str, **more: Any) -> Any:
    headers = {"origin": browser.own_origin, "x-csrf-token": browser.token}
    content: Any = {} if path.startswith("/api/") and method != "GET" else None
    return browser.request(method, path, headers=headers, json=content, **more)


@pytest.mark.parametrize(("method", "path"), [*TABLE, ("GET", "/nowhere")])
def test_every_answer_carries_the_security_headers(monitor: Monitor, method: str, path: str) -> None:
    _assert_secured(_ask(monitor.browser(), method, _filled(path)).headers)


def _assert_secured(headers: Any) -> None:
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers
    assert "cache-control" in headers


def test_an_error_that_nobody_foresaw_tells_nothing_and_carries_the_headers(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = monitor.signed_in(monitor.person(alpha="operator"))
    browser._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
    monkeypatch.setattr(type(monitor.parts.models), "of_account", lambda *_: 1 / 0)
    answer = browser.get("/rfm")
    assert answer.status_code == 500
    assert "division" not in answer.text
    _assert_secured(answer.headers)


def test_a_demoted_person_is_out_at_the_next_request(monitor: Monitor) -> None:
    person = monitor.person(alpha="administrator")
    browser = monitor.signed_in(person)
    assert browser.get("/users").status_code == 200
    demoted = person.with_profile("alpha", Profile.OTHER)
    monitor.parts.people.save(demoted, "test", monitor.now)
    assert browser.get("/users").status_code == 303
    assert browser.sign_in(person.email).status_code == 303
    assert browser.get("/users").status_code == 403
    assert browser.get("/rfm").status_code == 403


def test_an_operator_does_not_manage_users(monitor: Monitor) -> None:
    operator = monitor.person(alpha="operator")
    browser = monitor.signed_in(operator)
    fields = {"email": operator.email, "version": str(operator.version), "profile": "administrator"}
    answers = [
        browser.get("/users"),
        browser.submit("/users/profile", fields),
        browser.submit("/users/password", {"email": operator.email, "version": "1"}),
        browser.submit("/users/invite", {"email": "x@example.com", "name": "X", "profile": "operator"}),
        browser.submit("/users/remove", {"email": operator.email, "version": "1"}),
    ]
    assert [answer.status_code for answer in answers] == [403] * 5
    assert monitor.parts.people.find(operator.email) == operator


class TestRequestsOfOtherSites:
    """CSRF: neither by origin nor by token."""

    @pytest.mark.parametrize(
        "headers",
        [
            {"origin": "http://evil.example"},
            {"origin": "http://127.0.0.1:9999"},
            {"origin": "null"},
            {"origin": ORIGIN, "sec-fetch-site": "cross-site"},
            {"origin": ORIGIN, "sec-fetch-site": "same-site"},
            {"sec-fetch-site": "none"},
            {},
        ],
    )
    @pytest.mark.parametrize("path", ["/sign-out", "/accounts", "/preferences", "/sign-in", "/users/invite"])
    def test_are_refused_even_with_the_token(
        self, monitor: Monitor, path: str, headers: dict[str, str]
    ) -> None:
        browser = monitor.signed_in(monitor.person(alpha="administrator"))
        answer = browser.post(path, data={"csrf": browser.token}, headers=headers)
        assert answer.status_code == 403
        assert browser.get("/rfm").status_code == 200

    @pytest.mark.parametrize("token", ["", "x", "Zm9vYmFy"])
    @pytest.mark.parametrize("path", ["/sign-out", "/accounts", "/preferences", "/users/invite"])
    def test_are_refused_without_the_token(self, monitor: Monitor, path: str, token: str) -> None:
        browser = monitor.signed_in(monitor.person(alpha="administrator"))
        answer = browser.post(path, data={"csrf": token}, headers={"origin": ORIGIN})
        assert answer.status_code == 403
        assert browser.get("/rfm").status_code == 200

    def test_the_token_of_somebody_else_does_not_fit(self, monitor: Monitor) -> None:
        mine, other = (monitor.signed_in(monitor.person(alpha="operator")) for _ in range(2))
        assert (
            mine.post("/sign-out", data={"csrf": other.token}, headers={"origin": ORIGIN}).status_code == 403
        )

    def test_nobody_is_signed_in_by_a_form_of_another_site(self, monitor: Monitor) -> None:
        person, browser = monitor.person(alpha="operator"), monitor.browser()
        fields = {"email": person.email, "password": PASSWORD}
        assert browser.post("/sign-in", data=fields, headers={"origin": ORIGIN}).status_code == 403

    def test_the_api_takes_json_only(self, monitor: Monitor) -> None:
        browser = monitor.signed_in(monitor.person(alpha="operator"))
        answer = browser.submit("/api/v1/anything")
        assert (answer.status_code, answer.headers["content-type"]) == (415, "application/problem+json")


def test_a_host_that_is_not_ours_is_refused(monitor: Monitor) -> None:
    assert monitor.browser().get("/sign-in", headers={"host": "rebound.example"}).status_code == 400


def test_a_body_that_is_too_large_is_refused_whether_it_says_so_or_not(monitor: Monitor) -> None:
    browser = monitor.signed_in(monitor.person(alpha="operator"))
    large = b"x" * (monitor.parts.settings.form_bytes + 1)
    headers = {"origin": ORIGIN, "content-type": "application/x-www-form-urlencoded"}
    assert browser.post("/accounts", content=large, headers=headers).status_code == 413
    assert browser.post("/accounts", content=iter([large]), headers=headers).status_code == 413


def test_a_get_changes_nothing(monitor: Monitor) -> None:
    person = monitor.person(alpha="operator", beta="operator")
    browser = monitor.signed_in(person)
    session = browser.cookies["latido-session"]
    browser.get("/rfm?account=beta")
    assert browser.cookies["latido-session"] == session
    assert browser.get("/").headers["location"] == "/monitor?account=alpha"
    assert monitor.parts.people.find(person.email) == person
