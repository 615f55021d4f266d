"""Signing in: sessions that cannot be planted or kept, guesses that are slowed, forms that are ours."""

from datetime import timedelta

import pytest

from sinks.monitor.audit import Action, Outcome
from sinks.monitor.people import Person
from tests.fixtures.monitor import PASSWORD, Browser, Monitor

SESSION = "latido-session"


def test_who_signs_in_gets_in(monitor: Monitor) -> None:
    browser = monitor.signed_in(monitor.person(alpha="operator"))
    assert browser.get("/rfm").status_code == 200
    assert browser.get("/").headers["location"] == "/monitor?account=alpha"


def test_nobody_gets_in_without_signing_in(monitor: Monitor) -> None:
    answer = monitor.browser().get("/rfm?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Frfm%3Fx%3D1")


def test_an_htmx_request_without_a_session_sends_the_page_to_sign_in(monitor: Monitor) -> None:
    headers = {"hx-request": "true", "hx-current-url": "http://127.0.0.1:8321/rfm?score=2"}
    answer = monitor.browser().get("/rfm", headers=headers)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/sign-in?next=%2Frfm%3Fscore%3D2")


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "https://evil.example", "/\tx", "x"])
def test_signing_in_never_leads_to_another_site(monitor: Monitor, path: str) -> None:
    person, browser = monitor.person(alpha="operator"), monitor.browser()
    browser.see("/sign-in")
    answer = browser.submit("/sign-in", {"email": person.email, "password": PASSWORD, "next": path})
    assert answer.headers["location"] == "/"


def test_a_planted_session_id_is_worth_nothing_after_sign_in(monitor: Monitor) -> None:
    person, browser = monitor.person(alpha="operator"), monitor.browser()
    browser.cookies.set(SESSION, "planted", domain="127.0.0.1")
    browser.sign_in(person.email)
    assert SESSION in browser.cookies
    assert "planted" not in browser.cookies.values()
    thief = monitor.browser()
    thief.cookies.set(SESSION, "planted")
    assert thief.get("/rfm").status_code == 303


def test_signing_in_again_kills_the_session_before(monitor: Monitor) -> None:
    person = monitor.person(alpha="operator")
    browser = monitor.signed_in(person)
    old = browser.cookies[SESSION]
    browser.post("/sign-out", data={"csrf": browser.token}, headers={"origin": browser.own_origin})
    browser.sign_in(person.email)
    assert browser.cookies[SESSION] != old
    assert _with_session(monitor, old).get("/rfm").status_code == 303


def test_after_signing_out_the_id_opens_nothing(monitor: Monitor) -> None:
    browser = monitor.signed_in(monitor.person(alpha="operator"))
    kept = browser.cookies[SESSION]
    assert browser.submit("/sign-out").status_code == 303
    assert _with_session(monitor, kept).get("/rfm").status_code == 303


def test_changing_the_account_changes_the_id(monitor: Monitor) -> None:
    browser = monitor.signed_in(monitor.person(alpha="operator", beta="operator"))
    old = browser.cookies[SESSION]
    assert browser.submit("/accounts", {"account": "beta"}).headers["location"] == "/?account=beta"
    assert browser.cookies[SESSION] != old
    assert _with_session(monitor, old).get("/rfm").status_code == 303
    assert browser.get("/").headers["location"] == "/monitor?account=beta"


def test_an_idle_session_ends(monitor: Monitor) -> None:
    browser = monitor.signed_in(monitor.person(alpha="operator"))
    monitor.pass_time(monitor.parts.settings.session_idle + timedelta(seconds=1))
    assert browser.get("/rfm").status_code == 303


def test_a_used_session_outlives_the_idle_time_and_ends_at_the_absolute_one(monitor: Monitor) -> None:
    browser = monitor.signed_in(monitor.person(alpha="operator", beta="operator"))
    settings, used = monitor.parts.settings, timedelta(0)
    step = settings.session_idle - timedelta(minutes=1)
    while used + step < settings.session_absolute:
        monitor.pass_time(step)
        used += step
        assert browser.get("/rfm").status_code == 200
        browser.see("/accounts")
        browser.submit("/accounts", {"account": "beta"})
    monitor.pass_time(step)
    assert browser.get("/rfm").status_code == 303


def test_cookies_are_bound_to_the_host_over_https_and_hidden_from_scripts(monitor: Monitor) -> None:
    answer = monitor.browser().sign_in(monitor.person(alpha="operator").email)
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith(SESSION))
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))


def test_a_thousand_guesses_are_stopped_and_the_right_password_works_elsewhere(monitor: Monitor) -> None:
    person, guesser = monitor.person(alpha="operator"), monitor.browser("198.51.100.7")
    guesser.see("/sign-in")
    statuses = [
        guesser.submit("/sign-in", {"email": person.email, "password": f"guess {number}"}).status_code
        for number in range(1000)
    ]
    assert statuses[:5] == [401] * 5
    assert set(statuses[5:]) == {429}
    locked = guesser.submit("/sign-in", {"email": person.email, "password": PASSWORD})
    assert (locked.status_code, "retry-after" in locked.headers) == (429, True)
    assert monitor.browser("203.0.113.9").sign_in(person.email).status_code == 303


def test_guessing_over_many_people_from_one_address_is_stopped(monitor: Monitor) -> None:
    guesser = monitor.browser("198.51.100.8")
    guesser.see("/sign-in")
    fields = [{"email": f"nobody{n}@example.com", "password": PASSWORD} for n in range(30)]
    assert [guesser.submit("/sign-in", f).status_code for f in fields] == [401] * 20 + [429] * 10


def test_after_the_pause_the_right_password_works_again(monitor: Monitor) -> None:
    person, browser = monitor.person(alpha="operator"), monitor.browser("198.51.100.9")
    for _ in range(6):
        browser.sign_in(person.email, "wrong password")
    monitor.pass_time(timedelta(seconds=2))
    assert browser.sign_in(person.email).status_code == 303


def test_somebody_unknown_gets_the_same_answer_as_a_wrong_password(monitor: Monitor) -> None:
    person = monitor.person(alpha="operator")
    known, unknown = (
        _without_secrets(monitor.browser(f"198.51.100.{n}"), email)
        for n, email in ((20, person.email), (21, "nobody@example.com"))
    )
    assert known.replace(person.email, "nobody@example.com") == unknown


def test_somebody_unknown_costs_the_same_work(monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str | None] = []
    original = monitor.parts.passwords.verify

    def verify(kept: str | None, given: str) -> bool:
        verified.append(kept)
        return original(kept, given)

    monkeypatch.setattr(monitor.parts.passwords, "verify", verify)
    monitor.browser("198.51.100.30").sign_in("nobody@example.com", PASSWORD)
    assert verified == [None]


def test_signing_in_and_failing_to_are_on_record(monitor: Monitor) -> None:
    person = monitor.person(alpha="operator")
    monitor.browser("198.51.100.40").sign_in(person.email, "wrong password")
    monitor.signed_in(person, "198.51.100.41").submit("/sign-out")
    seen = [(e.action, e.outcome) for e in monitor.audit.events if e.actor == person.email]
    assert seen == [
        (Action.SIGN_IN, Outcome.REFUSED),
        (Action.SIGN_IN, Outcome.DONE),
        (Action.SIGN_OUT, Outcome.DONE),
    ]


def _with_session(monitor: Monitor, session_id: str) -> Browser:
    browser = monitor.browser()
    browser.cookies.set(SESSION, session_id)
    return browser


def _without_secrets(browser: Browser, email: str) -> str:
    text = browser.sign_in(email, "a wrong password").text
    return text.replace(browser.token, "")


def test_a_changed_password_ends_every_session(monitor: Monitor) -> None:
    person = monitor.person(alpha="operator")
    browsers = [monitor.signed_in(person), monitor.signed_in(person)]
    _save(monitor, person.with_password(monitor.parts.passwords.hash("another long password")))
    assert [browser.get("/rfm").status_code for browser in browsers] == [303, 303]


def _save(monitor: Monitor, person: Person) -> None:
    monitor.parts.people.save(person, "test", monitor.now)
