"""Automations by the API and by the forms of the builder: drafts are free, activation is not."""

import html
import re
from typing import Any

import pytest

from schemas.definitions_topic import Edit
from tests.fixtures.monitor import Browser
from tests.fixtures.shops import HOSTILE, LIVELY, Lively
from tests.integration.monitor.test_rules import send

ENDPOINT = "crm-of-the-builder"
COMPLETE: dict[str, Any] = {
    "name": "Rescate",
    "audience": {"of": "priority_attention"},
    "trigger": {"kind": "silence", "days": 30},
    "steps": [{"kind": "message", "endpoint": ENDPOINT, "channel": "whatsapp", "template": "Hola"}],
}


@pytest.fixture
def operator(lively: Lively) -> Browser:
    """An Operator of the shop, which has an endpoint."""
    definitions = lively.monitor.parts.definitions
    if definitions.get(LIVELY, "endpoint", ENDPOINT) is None:
        definitions.edit(Edit(LIVELY, "endpoint", ENDPOINT, 0, "test", 0, {"url": "https://crm.example/x"}))
    return lively.monitor.signed_in(lively.monitor.person(language="es", **{LIVELY: "operator"}))


def _drafted(operator: Browser, definition: Any) -> dict[str, Any]:
    answer = send(operator, "POST", "automations", {"definition": definition})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _page(operator: Browser, path: str, **query: str) -> str:
    return operator.see(path, params={"account": LIVELY, **query}).text


def _fields(page: str) -> dict[str, str]:
    """What the browser would send of the builder's form as it is."""
    form = re.search(r'<form method="post" action="/automations/save.*?</form>', page, re.DOTALL)
    assert form
    sent: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form[0]):
        got = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if got.get("type") not in ("checkbox", "radio") or " checked" in tag:
            sent[got["name"]] = html.unescape(got.get("value", ""))
    for name, inner in re.findall(r'<select[^>]*name="([^"]+)".*?>(.*?)</select>', form[0], re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        sent[name] = html.unescape(chosen[1]) if chosen else ""
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form[0], re.DOTALL):
        sent[name] = html.unescape(text)
    return sent


class TestByTheApi:
    """Programs."""

    def test_a_draft_may_lack_anything_and_is_told_what(self, operator: Browser) -> None:
        made = _drafted(operator, {"trigger": {"kind": "silence"}})
        assert (made["status"], made["version"]) == ("draft", 1)
        told = {one["path"]: one["advice"] for one in made["problems"]}
        assert told["name"] == "Complétalo"
        assert told["trigger.days"] == "Da un número entero de 1 a 3650"
        refused = send(operator, "POST", f"automations/{made['id']}/activate", {"base_version": 1})
        assert refused.status_code == 422
        assert refused.json()["problems"] == made["problems"]

    def test_an_endpoint_that_is_not_there_is_named(self, operator: Browser) -> None:
        steps = [{**COMPLETE["steps"][0], "endpoint": "gone"}]
        answer = send(operator, "POST", "automations/problems", {"definition": {**COMPLETE, "steps": steps}})
        assert [one["path"] for one in answer.json()["problems"]] == ["steps"]
        assert "gone" in answer.json()["problems"][0]["advice"]

    def test_it_is_activated_edited_paused_and_removed_each_on_its_version(self, operator: Browser) -> None:
        made = _drafted(operator, COMPLETE)
        path = f"automations/{made['id']}"
        assert made["problems"] == []
        assert send(operator, "POST", f"{path}/pause", {"base_version": 1}).status_code == 409
        active = send(operator, "POST", f"{path}/activate", {"base_version": 1}).json()
        assert (active["status"], active["version"]) == ("active", 2)
        assert send(operator, "DELETE", path, base_version=2).status_code == 409
        incomplete = {"definition": {**COMPLETE, "steps": []}, "base_version": 2}
        assert send(operator, "PUT", path, incomplete).status_code == 422
        edited = {"definition": {**COMPLETE, "name": "Otra"}, "base_version": 2}
        assert send(operator, "PUT", path, edited).json()["status"] == "active"
        assert send(operator, "PUT", path, edited).status_code == 409
        assert send(operator, "POST", f"{path}/pause", {"base_version": 3}).json()["status"] == "paused"
        assert send(operator, "DELETE", path, base_version=4).status_code == 204
        assert send(operator, "GET", path).status_code == 404

    def test_lists_are_filtered_and_say_what_begins_it(self, operator: Browser) -> None:
        made = _drafted(operator, {**COMPLETE, "name": "Filtrada", "specialist": True})
        found = send(operator, "GET", "automations", status="draft", specialist="true").json()["items"]
        [row] = [one for one in found if one["id"] == made["id"]]
        assert (row["trigger"], row["audience"]) == ("Última compra hace 30 días", "Prioridad de atención")
        others = send(operator, "GET", "automations", specialist="false").json()["items"]
        assert made["id"] not in [one["id"] for one in others]

    def test_its_reach_is_the_count_of_its_audience(self, operator: Browser) -> None:
        made = _drafted(operator, COMPLETE)
        reach = send(operator, "GET", f"automations/{made['id']}/reach").json()
        cards = send(operator, "GET", "monitor").json()["cards"]
        assert reach["contacts_now"] == next(
            c["contacts"] for c in cards if c["group"] == "priority_attention"
        )
        unknown = _drafted(operator, {**COMPLETE, "audience": {"rule_id": "nobodys"}})
        assert send(operator, "GET", f"automations/{unknown['id']}/reach").json()["contacts_now"] is None

    def test_templates_lack_an_endpoint_only(self, operator: Browser) -> None:
        found = send(operator, "GET", "automations/templates").json()["items"]
        assert [one["name"] for one in found if one["specialist"]] == [
            "Oferta para campeones", "Reactivación", "Rescate de clientes descontentos",
        ]  # fmt: skip
        for one in found:
            body = {"definition": one["definition"]}
            told = send(operator, "POST", "automations/problems", body).json()["problems"]
            assert [problem["path"] for problem in told] == ["steps.0.endpoint"]


class TestByTheBuilder:
    """People."""

    def test_from_a_card_the_audience_is_its_group_and_nothing_is_preselected(
        self, operator: Browser
    ) -> None:
        page = _page(operator, "/automations/new", of="best_customers", origin="web")
        fields = _fields(page)
        assert (fields["audience.of"], fields["audience.origin"]) == ("best_customers", "web")
        assert "entry" not in fields
        assert {fields[name] for name in fields if name.startswith("trigger.segments")} == {
            "champions",
            "loyal",
        }

    def test_contacts_of_unknown_origin_are_a_condition(self, operator: Browser) -> None:
        fields = _fields(_page(operator, "/automations/new", of="lost", origin=""))
        condition = {
            k.rpartition(".")[2]: v for k, v in fields.items() if k.startswith("audience.rule.rules.0")
        }
        assert (condition["field"], condition["operator"]) == ("origin", "null")

    def test_what_is_shown_is_what_is_saved_and_shown_again(self, operator: Browser) -> None:
        steps = [
            {"kind": "wait", "hours": 5},
            {
                "kind": "branch",
                "paths": [
                    {
                        "when": {
                            "rules": [{"field": "average_ticket_minor", "operator": ">", "value": 50000}]
                        },
                        "steps": [{"kind": "tag", "tag": HOSTILE}],
                    }
                ],
                "else": [{"kind": "wait_for_purchase", "days": 3, "bought": [], "silent": COMPLETE["steps"]}],
            },
        ]
        made = _drafted(operator, {**COMPLETE, "name": HOSTILE, "steps": steps})
        page = _page(operator, "/automations/edit", id=made["id"])
        assert HOSTILE not in page
        answer = operator.submit(f"/automations/save?account={LIVELY}", _fields(page))
        assert answer.status_code == 303
        again = send(operator, "GET", f"automations/{made['id']}").json()
        assert (again["version"], again["definition"]) == (2, made["definition"])

    def test_a_conflict_gives_the_form_back_as_it_was_typed(self, operator: Browser) -> None:
        made = _drafted(operator, COMPLETE)
        fields = _fields(_page(operator, "/automations/edit", id=made["id"]))
        send(operator, "PUT", f"automations/{made['id']}", {"definition": COMPLETE, "base_version": 1})
        answer = operator.submit(f"/automations/save?account={LIVELY}", {**fields, "name": "Lo mío"})
        assert answer.status_code == 409
        assert _fields(answer.text)["name"] == "Lo mío"
        assert send(operator, "GET", f"automations/{made['id']}").json()["name"] == "Rescate"

    def test_saving_an_active_one_that_lacks_something_says_what_beside_it(self, operator: Browser) -> None:
        made = _drafted(operator, COMPLETE)
        send(operator, "POST", f"automations/{made['id']}/activate", {"base_version": 1})
        page = _page(operator, "/automations/edit", id=made["id"])
        assert "al guardar se crea la versión 3" in page
        fields = {**_fields(page), "trigger.days": "", "steps.0.endpoint": ""}
        answer = operator.submit(f"/automations/save?account={LIVELY}", fields)
        assert answer.status_code == 422
        for place in ("f-trigger-days", "f-steps-0-endpoint"):
            assert f'id="{place}-wrong"' in answer.text
            assert f'aria-describedby="{place}-wrong"' in answer.text
        assert send(operator, "GET", f"automations/{made['id']}").json()["version"] == 2

    @pytest.mark.parametrize(
        ("entry", "leads_to", "status"),
        [
            ("from_now", "/automations/edit", "active"),
            ("both", "/sends/new", "active"),
            ("now", "/sends/new", "draft"),
        ],
    )
    def test_activation_does_what_was_answered(
        self, operator: Browser, entry: str, leads_to: str, status: str
    ) -> None:
        made = _drafted(operator, COMPLETE)
        page = _page(operator, "/automations/activate", id=made["id"])
        assert "Última compra hace 30 días" in page
        fields = {"id": made["id"], "version": "1", "entry": entry}
        answer = operator.submit(f"/automations/activate?account={LIVELY}", fields)
        assert answer.headers["location"].startswith(leads_to)
        assert made["id"] in answer.headers["location"]
        assert send(operator, "GET", f"automations/{made['id']}").json()["status"] == status

    def test_an_unanswered_question_activates_nothing(self, operator: Browser) -> None:
        made = _drafted(operator, COMPLETE)
        answer = operator.submit(
            f"/automations/activate?account={LIVELY}", {"id": made["id"], "version": "1"}
        )
        assert answer.status_code == 422
        checked = _page(operator, "/automations/edit", id=made["id"], check="true")
        assert "Elige a quién le llega" in checked

    def test_a_single_send_by_hand_needs_no_trigger(self, operator: Browser) -> None:
        made = _drafted(operator, {**COMPLETE, "trigger": {}, "send_now": True, "from_now": False})
        page = operator.see("/automations/activate", params={"account": LIVELY, "id": made["id"]})
        assert page.status_code == 200
