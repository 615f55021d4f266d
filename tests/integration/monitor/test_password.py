"""One's own password: proved by the present one, and the other sessions end."""

import pytest

from sinks.monitor.audit import Action, Outcome
from tests.fixtures.monitor import PASSWORD, Browser, Monitor

NEW = "a staple that is new"


def _change(browser: Browser, present: str = PASSWORD, new: str = NEW, again: str = NEW) -> int:
    browser.see("/password")
    return browser.submit("/password", {"present": present, "new": new, "again": again}).status_code


def test_the_new_password_opens_and_the_old_one_and_other_sessions_do_not(monitor: Monitor) -> None:
    person = monitor.person(alpha="operator")
    mine, elsewhere = monitor.signed_in(person), monitor.signed_in(person)
    before = mine.cookies["latido-session"]
    assert _change(mine) == 303
    assert mine.cookies["latido-session"] != before
    assert mine.get("/accounts").status_code == 200
    assert elsewhere.get("/accounts").status_code == 303
    assert monitor.browser().sign_in(person.email).status_code == 401
    assert monitor.browser().sign_in(person.email, NEW).status_code == 303
    event = next(one for one in reversed(monitor.audit.events) if one.action is Action.PASSWORD_CHANGED)
    assert (event.actor, event.outcome) == (person.email, Outcome.DONE)


@pytest.mark.parametrize(
    ("present", "new", "again"),
    [
        ("not the present one", NEW, NEW),
        (PASSWORD, NEW, NEW + "x"),
        (PASSWORD, "short", "short"),
        (PASSWORD, "a" * 20, "a" * 20),
        (PASSWORD, "x" * 300, "x" * 300),
    ],
)
def test_what_does_not_fit_changes_nothing(monitor: Monitor, present: str, new: str, again: str) -> None:
    person = monitor.person(alpha="operator")
    browser = monitor.signed_in(person)
    assert _change(browser, present, new, again) == 422
    assert monitor.parts.people.find(person.email) == person
    assert browser.get("/accounts").status_code == 200


def test_guessing_the_present_password_is_slowed_down(monitor: Monitor) -> None:
    browser = monitor.signed_in(monitor.person(alpha="operator"))
    answers = [_change(browser, f"guess {number} of them") for number in range(30)]
    assert answers[0] == 422
    assert answers[-1] == 429
