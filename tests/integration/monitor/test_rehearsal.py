"""What would have fired, over HTTP: both previews agree with each other, and leave out what was not asked."""

from collections.abc import Iterator
from typing import Any

import pytest

from schemas.automation import AUTOMATION
from schemas.definitions_topic import Edit
from tests.fixtures.monitor import Browser
from tests.fixtures.shops import LIVELY, Lively

STEPS = [{"kind": "message", "endpoint": "hook"}]
SILENT = {"name": "Silent", "trigger": {"kind": "silence", "days": 14}, "steps": STEPS}
CUTS = {"cuts": {"r": [10, 20, 30, 40]}}


@pytest.fixture(scope="module")
def operator(lively: Lively) -> Iterator[Browser]:
    """An Operator of the shop, which has one active automation, a draft and one that is not complete."""
    bodies: dict[str, dict[str, Any]] = {
        "active": {**SILENT, "status": "active"},
        "draft": {**SILENT, "status": "draft"},
        "open": {"name": "Open"},
    }
    definitions = lively.monitor.parts.definitions
    for id_, body in bodies.items():
        definitions.edit(Edit(LIVELY, AUTOMATION, id_, 0, "test", 0, body))
    yield lively.monitor.signed_in(lively.monitor.person(**{LIVELY: "operator"}))
    for id_ in bodies:
        definitions.edit(Edit(LIVELY, AUTOMATION, id_, 1, "test", 0, None))


def _model(operator: Browser, **asked: Any) -> Any:
    headers = {"origin": operator.own_origin, "x-csrf-token": operator.token}
    query = {"account": LIVELY, **asked}
    return operator.post("/api/v1/model/preview", params=query, json=CUTS, headers=headers)


def _automation(operator: Browser, id_: str, **asked: Any) -> Any:
    return operator.get(f"/api/v1/automations/{id_}/preview", params={"account": LIVELY, **asked})


def test_the_preview_of_a_model_and_that_of_an_automation_agree(operator: Browser) -> None:
    told = _model(operator).json()["rehearsal"]
    everybody = operator.get("/api/v1/monitor", params={"account": LIVELY}).json()["contacts"]
    assert (told["days"], told["one_of"], told["contacts_replayed"]) == (30, 1, everybody)
    [active] = [one for one in told["automations"] if one["automation_id"] == "active"]
    mine = _automation(operator, "active").json()["rehearsal"]
    assert mine["fired"] == active["now"]
    assert mine["fired"]["entered"]["number"] > 0
    # Silence does not depend on the model, so the candidate fires as the model in force does.
    assert active["then"] == active["now"]


def test_a_draft_is_played_beside_the_active_ones_and_not_among_them(
    operator: Browser, lively: Lively
) -> None:
    defined = lively.monitor.parts.definitions.of_kind(AUTOMATION, LIVELY)
    active = [one for one in defined if one.body.get("status") == "active"]
    assert _automation(operator, "draft").json()["rehearsal"]["fired"]["entered"]["number"] > 0
    assert _automation(operator, "open").json()["rehearsal"] is None
    assert _model(operator).json()["rehearsal"]["automations_active"] == len(active)


def test_days_are_asked_for(operator: Browser) -> None:
    assert _model(operator, days=0).json()["rehearsal"] is None
    assert _automation(operator, "active", days=0).json()["rehearsal"] is None
    week, month = (_automation(operator, "active", days=n).json()["rehearsal"] for n in (7, 30))
    assert week["since"] > month["since"]
    assert week["fired"]["entered"]["number"] < month["fired"]["entered"]["number"]
    assert _model(operator, days=91).status_code == 422
    assert _automation(operator, "active", days=-1).status_code == 422


def test_another_that_is_being_computed_is_waited_for_and_then_refused(
    operator: Browser, lively: Lively, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sinks.monitor.api.rehearsing._PATIENCE_SECONDS", 0.05)
    busy = lively.monitor.app.state.figures.rehearsing
    with busy:
        answer = _automation(operator, "active", days=13)
        part = operator.get("/automations/rehearsal", params={"account": LIVELY, "id": "active", "days": 13})
    assert (answer.status_code, answer.json()["title"]) == (503, "Service Unavailable")
    assert part.status_code == 200
    assert "Try again" in part.text
    assert _automation(operator, "active", days=13).status_code == 200


def test_a_conversation_is_of_this_account_alone(operator: Browser) -> None:
    told = operator.get("/api/v1/contacts/CLI-00002/conversation", params={"account": LIVELY}).json()
    assert told["contact_id"] == "CLI-00002"
    nobody = operator.get("/api/v1/contacts/nobody/conversation", params={"account": LIVELY})
    assert nobody.status_code == 404
