"""Manual sends by API and by form: the count is typed, one id is one send, the audience is fixed, stop."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from httpx2 import Response

from schemas.automation import MESSAGING, RULE, SEND, SETTINGS
from schemas.automation_json import parse_send
from schemas.definitions_topic import Definitions, Edit
from sinks.clickhouse.database import Database
from sinks.monitor.audit import Action
from tests.fixtures.clickhouse import emptied
from tests.fixtures.monitor import Browser, Monitor, build

SHOP = "sending"
STEP = {"kind": "message", "endpoint": "crm", "channel": "whatsapp", "template": "Hola {{personal.name}}"}


@pytest.fixture(scope="module")
def shop(
    definitions: Definitions, opened: Database, built_assets: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Monitor]:
    """Three contacts: two champions, one of whom agreed, and one who is lost."""
    made = build(definitions, emptied(opened), built_assets, tmp_path_factory.mktemp("sends"))
    made.account(SHOP)
    _store(opened, [("a", "champions", "Ana"), ("b", "champions", None), ("c", "lost", None)])
    opened.command(
        "INSERT INTO contact_profiles (account_id, contact_id, sequence, segment, personal_name, consent) "
        "VALUES ('sending', 'a', 2, 'champions', 'Ana', [('whatsapp', true, NULL)])"
    )
    made.parts.endpoints.create(SHOP, "crm", "http://127.0.0.1:9/", "", "test")
    yield made
    made.parts.sessions.close()


def _store(database: Database, contacts: list[tuple[str, str, str | None]]) -> None:
    rows = [
        {"account_id": SHOP, "contact_id": one, "sequence": 1, "segment": segment, "personal_name": name}
        for one, segment, name in contacts
    ]
    database.insert("contact_profiles", pl.DataFrame(rows, schema_overrides={"sequence": pl.UInt64}))


@pytest.fixture
def operator(shop: Monitor) -> Browser:
    """An Operator, signed in."""
    return shop.signed_in(shop.person(**{SHOP: "operator"}))


def _post(browser: Browser, path: str, body: dict[str, Any]) -> Response:
    headers = {"origin": browser.own_origin, "x-csrf-token": browser.token}
    return browser.post(f"/api/v1/{path}", params={"account": SHOP}, json=body, headers=headers)


def _wish(**more: Any) -> dict[str, Any]:
    return {"name": "Offer", "audience": {"of": "champions"}, "steps": [STEP], **more}


def _confirm(browser: Browser, send_id: str, count: int = 2, typed: int = 2, **more: Any) -> Response:
    counts = {"send_id": send_id, "confirmed_count": count, "typed_count": typed}
    return _post(browser, "sends", {**_wish(**more), **counts})


def test_the_preview_counts_says_who_has_not_agreed_and_shows_one_message(operator: Browser) -> None:
    answer = _post(operator, "sends/preview", _wish()).json()
    assert answer["contacts"] == 2
    assert answer["channels"] == [{"channel": "whatsapp", "without_consent": 1}]
    assert answer["consent_counts"] is True
    assert (answer["sample"]["contact_id"], answer["sample"]["text"]) == ("a", "Hola Ana")


def test_with_a_legal_basis_consent_is_not_asked_for(shop: Monitor, operator: Browser) -> None:
    body = {"legal_basis": "contract"}
    shop.parts.definitions.edit(Edit(SHOP, SETTINGS, MESSAGING, 0, "test", 0, body))
    assert _post(operator, "sends/preview", _wish()).json()["consent_counts"] is False
    shop.parts.definitions.edit(Edit(SHOP, SETTINGS, MESSAGING, 1, "test", 0, None))


def test_a_double_click_is_one_send(shop: Monitor, operator: Browser) -> None:
    send_id = uuid.uuid4().hex
    first, second = (_confirm(operator, send_id) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["version"] == second.json()["version"] == 1
    confirmed = [e for e in shop.audit.events if e.action is Action.SEND_CONFIRMED and e.target == send_id]
    assert len(confirmed) == 1


def test_a_wrong_count_sends_nothing(shop: Monitor, operator: Browser) -> None:
    send_id = uuid.uuid4().hex
    refused = _confirm(operator, send_id, typed=3)
    assert refused.status_code == 422
    assert "number of contacts" in refused.json()["detail"]
    assert shop.parts.definitions.get(SHOP, SEND, send_id) is None


def test_a_base_that_has_grown_is_shown_again(shop: Monitor, operator: Browser) -> None:
    send_id = uuid.uuid4().hex
    refused = _confirm(operator, send_id, count=1, typed=1)
    assert (refused.status_code, refused.json()["contacts"]) == (409, 2)
    assert shop.parts.definitions.get(SHOP, SEND, send_id) is None


def test_a_saved_rule_is_written_into_the_send(shop: Monitor, operator: Browser) -> None:
    rule = {"combinator": "and", "rules": [{"field": "segment", "operator": "=", "value": "champions"}]}
    shop.parts.definitions.edit(Edit(SHOP, RULE, "best", 0, "test", 0, {"name": "Best", "rule": rule}))
    send_id = uuid.uuid4().hex
    answer = _confirm(operator, send_id, audience={"of": "all", "rule_id": "best"})
    assert answer.status_code == 200, answer.text
    stored = shop.parts.definitions.get(SHOP, SEND, send_id)
    assert stored
    shop.parts.definitions.edit(Edit(SHOP, RULE, "best", 1, "test", 0, None))
    made = parse_send(stored.body)
    assert made.audience.rule_id is None
    assert made.audience.rule is not None
    assert stored.body["meant"] == {"of": "all", "rule_id": "best"}


@pytest.mark.parametrize(
    ("wish", "place"),
    [
        ({"steps": [{**STEP, "endpoint": "nowhere"}]}, "steps"),
        ({"steps": [{**STEP, "template": "{{nothing}}"}]}, "steps.0.template"),
        ({"audience": {"rule_id": "gone"}}, "audience.rule_id"),
        ({"audience": {"of": "friends"}}, "audience.of"),
        ({"name": ""}, "name"),
    ],
)
def test_what_cannot_be_sent_says_where_and_why(operator: Browser, wish: dict[str, Any], place: str) -> None:
    refused = _post(operator, "sends/preview", _wish(**wish))
    assert refused.status_code == 422
    assert place in [one["path"] for one in refused.json()["problems"]]


def test_a_stopped_send_stays_stopped(shop: Monitor, operator: Browser) -> None:
    send_id = uuid.uuid4().hex
    assert _confirm(operator, send_id).json()["stage"] == "starting"
    assert _post(operator, f"sends/{send_id}/stop", {}).json()["stage"] == "stopped"
    assert _post(operator, f"sends/{send_id}/stop", {}).json()["version"] == 2
    assert _confirm(operator, send_id).json()["status"] == "stopped"
    stored = shop.parts.definitions.get(SHOP, SEND, send_id)
    assert stored
    assert parse_send(stored.body).status == "paused"


def test_the_form_takes_a_count_as_people_write_it(shop: Monitor, operator: Browser) -> None:
    send_id = uuid.uuid4().hex
    body = json.dumps(_wish())
    fields = {"send_id": send_id, "count": "2", "body": body}
    wrong = operator.submit(f"/sends/confirm?account={SHOP}", {**fields, "typed": "12"})
    assert wrong.status_code == 422
    assert "is not the number of contacts" in wrong.text
    right = operator.submit(f"/sends/confirm?account={SHOP}", {**fields, "typed": " 2. "})
    assert (right.status_code, right.headers["location"]) == (303, f"/sends/{send_id}?account={SHOP}")
    assert shop.parts.definitions.get(SHOP, SEND, send_id)


def test_a_secret_is_shown_once_and_never_listed(shop: Monitor) -> None:
    admin = shop.signed_in(shop.person(**{SHOP: "administrator"}))
    made = _post(admin, "endpoints", {"id": "hooks", "url": "http://127.0.0.1:9/x"}).json()
    assert made["secret"].startswith("whsec_")
    listed = admin.get("/api/v1/endpoints", params={"account": SHOP}).text
    page = admin.see(f"/endpoints?account={SHOP}").text
    stored = shop.parts.definitions.get(SHOP, "endpoint", "hooks")
    assert stored
    for text in (listed, page, json.dumps(stored.body)):
        assert made["secret"] not in text
        assert made["secret"].removeprefix("whsec_") not in text
    assert stored.body["secrets"][0]["sealed"] not in listed + page
    assert _post(admin, "endpoints/hooks/rotate", {}).json()["secret"] != made["secret"]


def test_an_address_inside_the_network_is_refused_in_words(shop: Monitor) -> None:
    admin = shop.signed_in(shop.person(**{SHOP: "administrator"}))
    refused = _post(admin, "endpoints", {"id": "inside", "url": "ftp://127.0.0.1/"})
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("url: ")
    assert shop.parts.definitions.get(SHOP, "endpoint", "inside") is None
