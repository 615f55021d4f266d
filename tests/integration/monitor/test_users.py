"""The users page: Administrators let people in, and cannot reach beyond their accounts."""

import html
import re

import pytest

from sinks.monitor.audit import Action
from sinks.monitor.people import InvalidPerson, Person, add_user
from sinks.monitor.rights import Profile
from tests.fixtures.monitor import PASSWORD, Browser, Monitor


def _choice(person: Person, **more: str) -> dict[str, str]:
    return {"email": person.email, "version": str(person.version), **more}


def _password_on(page: str) -> str:
    found = re.search(r'<code class="secret">([^<]+)</code>', page)
    assert found
    return html.unescape(found[1])


@pytest.fixture
def admin(monitor: Monitor) -> Browser:
    """An Administrator of alpha, signed in."""
    return monitor.signed_in(monitor.person(alpha="administrator"))


def test_an_invited_person_signs_in_with_the_password_shown_once(monitor: Monitor, admin: Browser) -> None:
    page = admin.submit("/users/invite", {"email": "New@Example.com", "name": "Nuria", "profile": "operator"})
    password = _password_on(page.text)
    assert password not in admin.get("/users").text
    browser = monitor.browser()
    assert browser.sign_in("new@example.com", password).status_code == 303
    assert browser.get("/rfm?account=alpha").status_code == 200


def test_inviting_somebody_known_keeps_the_password_and_shows_none(monitor: Monitor, admin: Browser) -> None:
    person = monitor.person(beta="operator")
    page = admin.submit("/users/invite", {"email": person.email, "name": "Other", "profile": "operator"})
    assert "secret" not in page.text
    found = monitor.parts.people.find(person.email)
    assert found
    assert (found.name, found.password_hash) == (person.name, person.password_hash)
    assert found.memberships == {"beta": Profile.OPERATOR, "alpha": Profile.OPERATOR}


def test_a_new_profile_holds_at_the_next_request(monitor: Monitor, admin: Browser) -> None:
    person = monitor.person(alpha="operator")
    browser = monitor.signed_in(person)
    assert admin.submit("/users/profile", _choice(person, profile="administrator")).status_code == 303
    assert browser.get("/users").status_code == 303
    browser.sign_in(person.email)
    assert browser.get("/users").status_code == 200


def test_a_removed_person_is_out_at_once(monitor: Monitor, admin: Browser) -> None:
    person = monitor.person(alpha="operator", beta="operator")
    browser = monitor.signed_in(person)
    admin.submit("/users/remove", _choice(person))
    assert browser.get("/rfm?account=alpha").status_code == 303
    browser.sign_in(person.email)
    assert browser.get("/rfm?account=alpha").status_code == 404
    assert browser.get("/rfm?account=beta").status_code == 200


def test_a_new_password_ends_the_old_one(monitor: Monitor, admin: Browser) -> None:
    person = monitor.person(alpha="operator")
    page = admin.submit("/users/password", _choice(person))
    assert monitor.browser("198.51.100.60").sign_in(person.email, PASSWORD).status_code == 401
    fresh = monitor.browser("198.51.100.61").sign_in(person.email, _password_on(page.text))
    assert fresh.status_code == 303


def test_nobody_resets_the_password_of_a_member_of_another_account(monitor: Monitor, admin: Browser) -> None:
    person = monitor.person(alpha="operator", beta="administrator")
    assert admin.submit("/users/password", _choice(person)).status_code == 403
    assert monitor.parts.people.find(person.email) == person


@pytest.mark.parametrize("path", ["/users/profile", "/users/remove", "/users/password"])
def test_people_of_other_accounts_are_as_unknown_as_nobody(
    monitor: Monitor, admin: Browser, path: str
) -> None:
    stranger = monitor.person(beta="operator")
    more = {"profile": "other"} if path.endswith("profile") else {}
    answers = [
        admin.submit(path, fields)
        for fields in (_choice(stranger, **more), {"email": "nobody@example.com", "version": "1", **more})
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text == answers[1].text


@pytest.mark.parametrize(
    "extra", ["account_id", "memberships", "is_admin", "role", "password_hash", "author"]
)
def test_a_field_that_the_form_does_not_have_is_refused(monitor: Monitor, admin: Browser, extra: str) -> None:
    person = monitor.person(alpha="operator")
    wishes = {
        "/users/profile": _choice(person, profile="operator"),
        "/users/invite": {"email": "extra@example.com", "name": "Extra", "profile": "operator"},
        "/users/password": _choice(person),
    }
    answers = [admin.submit(path, {**fields, extra: "beta"}) for path, fields in wishes.items()]
    assert [answer.status_code for answer in answers] == [422] * 3
    assert monitor.parts.people.find(person.email) == person
    assert monitor.parts.people.find("extra@example.com") is None


@pytest.mark.parametrize("field", ["memberships", "profile", "is_admin", "password_hash"])
def test_one_may_change_ones_language_and_nothing_else(monitor: Monitor, field: str) -> None:
    person = monitor.person(alpha="operator")
    monitor.signed_in(person).submit("/preferences", {"language": "pt", field: "administrator"})
    assert monitor.parts.people.find(person.email) == Person(
        email=person.email,
        name=person.name,
        password_hash=person.password_hash,
        language=person.language.PORTUGUESE,
        memberships=person.memberships,
        version=person.version + 1,
    )


def test_an_unknown_profile_is_refused(monitor: Monitor, admin: Browser) -> None:
    person = monitor.person(alpha="operator")
    assert admin.submit("/users/profile", _choice(person, profile="root")).status_code == 422


def test_an_edit_of_an_old_version_is_refused(monitor: Monitor, admin: Browser) -> None:
    person = monitor.person(alpha="operator")
    assert admin.submit("/users/profile", _choice(person, profile="other")).status_code == 303
    assert admin.submit("/users/profile", _choice(person, profile="administrator")).status_code == 409


def test_an_account_keeps_an_administrator(monitor: Monitor) -> None:
    only = monitor.person(gamma="administrator")
    browser = monitor.signed_in(only)
    assert browser.submit("/users/profile", _choice(only, profile="operator")).status_code == 409
    assert browser.submit("/users/remove", _choice(only)).status_code == 409
    assert monitor.parts.people.find(only.email) == only


@pytest.mark.usefixtures("admin")
def test_who_changes_her_own_profile_stays_signed_in_under_a_new_id(monitor: Monitor) -> None:
    me = monitor.person(alpha="administrator")
    browser = monitor.signed_in(me)
    old = browser.cookies["latido-session"]
    assert browser.submit("/users/profile", _choice(me, profile="operator")).status_code == 303
    assert browser.cookies["latido-session"] != old
    assert browser.get("/rfm").status_code == 200
    assert browser.get("/users").status_code == 403


def test_every_change_is_on_record_with_who_did_it_to_whom(monitor: Monitor, admin: Browser) -> None:
    person = monitor.person(alpha="operator")
    admin.submit("/users/profile", _choice(person, profile="administrator"))
    (event,) = [e for e in monitor.audit.events if e.target == person.email]
    assert (event.action, event.account_id) == (Action.PROFILE_CHANGED, "alpha")
    assert event.detail == {"profile": "administrator"}


def test_a_hostile_name_stays_text(admin: Browser) -> None:
    name = "<img src=x onerror=alert(1)>'\"&"
    admin.submit("/users/invite", {"email": "hostile@example.com", "name": name, "profile": "operator"})
    page = admin.get("/users").text
    assert "<img src=x" not in page
    assert html.escape("<img src=x onerror=alert(1)>") in page


def test_adding_a_user_twice_adds_the_membership_and_sets_the_password(monitor: Monitor) -> None:
    person = monitor.person(alpha="operator")
    monitor.account("beta")
    again = _add(monitor, person.email, {"beta": "administrator"})
    assert again.memberships == {"alpha": Profile.OPERATOR, "beta": Profile.ADMINISTRATOR}
    assert monitor.parts.passwords.verify(again.password_hash, "another long password")


@pytest.mark.parametrize(
    ("email", "memberships"),
    [("no-address", {}), ("a@b.example", {"nosuch": "operator"}), ("a@b.example", {"alpha": "root"})],
)
def test_a_user_that_cannot_be_is_not_added(
    monitor: Monitor, email: str, memberships: dict[str, str]
) -> None:
    monitor.account("alpha")
    with pytest.raises(InvalidPerson):
        _add(monitor, email, memberships)


def _add(monitor: Monitor, email: str, memberships: dict[str, str]) -> Person:
    return add_user(
        monitor.parts.definitions,
        email=email,
        name="Somebody",
        password="another long password",  # noqa: S106 - of somebody who lives for one test
        language="es",
        memberships=memberships,
        author="test",
        at=monitor.now,
        passwords=monitor.parts.passwords,
    )
