"""Who may do what on which route, as REQUIREMENTS A2 says it: the expected values of the matrix.

Written by hand and from the text, on purpose: nothing here reads `sinks.monitor.rights`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum


class Needs(Enum):
    """What a route asks of whoever comes. The last two are rights of an account."""

    NOTHING = frozenset[str]()
    A_SESSION = frozenset({"other", "operator", "administrator"})
    A_MONITOR = frozenset({"operator", "administrator"})
    ADMINISTRATION = frozenset({"administrator"})


class Names(StrEnum):
    """What an id on a route names, besides the account."""

    NOTHING = "nothing"
    ACCOUNT = "account"
    CONTACT = "contact"
    DRAFT = "draft"
    COMPLETE = "complete"
    RUNNING = "running"
    RULE = "rule"
    SEND = "send"
    ENDPOINT = "endpoint"
    DELIVERY = "delivery"
    MEMBER = "member"


@dataclass(frozen=True)
class Row:
    """One route. `place` is where the id goes: `path`, or the name of a query parameter or form field.

    `answers` what the allowed get; `within` what those who are signed in get of a public route, if not that.
    """

    needs: Needs
    answers: int = 200
    names: Names = Names.NOTHING
    place: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    sends: Mapping[str, object] = field(default_factory=dict)
    within: int = 0

    @property
    def of_account(self) -> bool:
        """Whether the route is about an account, rather than about a person."""
        return self.needs in (Needs.A_MONITOR, Needs.ADMINISTRATION)


def _read(**more: str) -> Row:
    return Row(Needs.A_MONITOR, query=more)


DAYS = {"from": "2026-11-01", "to": "2026-11-20"}
RULE = {"combinator": "and", "not": False, "rules": [{"field": "orders", "operator": ">", "value": 1}]}
RULE_FORM = {
    "version": "0",
    "name": "Buyers",
    "rule.combinator": "and",
    "rule.rules.0.field": "orders",
    "rule.rules.0.operator": ">",
    "rule.rules.0.value": "1",
}
CUTS = {"cuts": {"r": [10, 20, 30, 40]}}
STEPS = [{"kind": "nothing"}]
COUNT = {"confirmed_count": 1, "typed_count": 1}
WISH = '{"name": "N", "audience": {"of": "all"}, "steps": [{"kind": "nothing"}]}'
HOURS = {"quiet_from": "21", "quiet_to": "9", "contact_cap": "3"}
HOOK = "http://127.0.0.1:9/"

TABLE: dict[tuple[str, str], Row] = {
    ("GET", "/static/{name}"): Row(Needs.NOTHING, 404),
    ("GET", "/sign-in"): Row(Needs.NOTHING, within=303),
    ("POST", "/sign-in"): Row(Needs.NOTHING, 401, within=403),
    ("POST", "/preferences"): Row(Needs.NOTHING, 303),
    ("GET", "/api/v1/openapi.json"): Row(Needs.NOTHING),
    ("POST", "/sign-out"): Row(Needs.A_SESSION, 303),
    ("GET", "/password"): Row(Needs.A_SESSION),
    ("POST", "/password"): Row(Needs.A_SESSION, 422),
    ("GET", "/accounts"): Row(Needs.A_SESSION),
    ("POST", "/accounts"): Row(Needs.A_SESSION, 303, Names.ACCOUNT, "account"),
    ("GET", "/"): Row(Needs.A_MONITOR, 303),
    ("GET", "/monitor"): _read(),
    ("GET", "/freshness"): _read(),
    ("GET", "/contacts"): _read(),
    ("GET", "/contact"): Row(Needs.A_MONITOR, names=Names.CONTACT, place="id"),
    ("GET", "/contacts/moved"): Row(Needs.A_MONITOR, query={**DAYS, "source": "new", "target": "lost"}),
    ("GET", "/contacts/buyers"): _read(),
    ("GET", "/contacts/preview"): _read(source="champions", target="lost"),
    ("GET", "/contacts/scores"): _read(r="1", f="2", m="3"),
    ("GET", "/contacts/talked"): _read(channel="email", said="negative"),
    ("GET", "/contacts/felt"): _read(day="2026-11-01", segment="lost", feeling="no_data"),
    ("GET", "/contacts/fired"): Row(Needs.A_MONITOR, 200, Names.DRAFT, "automation"),
    ("GET", "/as-of"): _read(),
    ("GET", "/sentiment"): _read(),
    ("GET", "/movement"): _read(),
    ("GET", "/trend"): _read(),
    ("GET", "/forecast"): _read(),
    ("GET", "/map"): _read(),
    ("GET", "/rfm"): _read(),
    ("GET", "/model"): _read(r="1 2 3 4"),
    ("POST", "/model/publish"): Row(Needs.ADMINISTRATION, 409, sends={"r": "1 2 3 4", "base": "900"}),
    ("GET", "/rules"): _read(),
    ("GET", "/rules/size"): Row(Needs.A_MONITOR, 200, Names.RULE, "id"),
    ("GET", "/rules/contacts"): Row(Needs.A_MONITOR, 200, Names.RULE, "id"),
    ("GET", "/rules/edit"): Row(Needs.ADMINISTRATION, 200, Names.RULE, "id"),
    ("POST", "/rules/shape"): Row(Needs.ADMINISTRATION, 200, sends={**RULE_FORM, "do": "refresh:"}),
    ("POST", "/rules/count"): Row(Needs.ADMINISTRATION, 200, sends=RULE_FORM),
    ("POST", "/rules/save"): Row(Needs.ADMINISTRATION, 303, Names.RULE, "id", sends=RULE_FORM),
    ("POST", "/rules/remove"): Row(Needs.ADMINISTRATION, 303, Names.RULE, "id"),
    ("GET", "/automations"): _read(),
    ("GET", "/specialists"): _read(),
    ("GET", "/automations/new"): _read(of="champions"),
    ("GET", "/automations/edit"): Row(Needs.A_MONITOR, 200, Names.DRAFT, "id"),
    ("POST", "/automations/shape"): Row(Needs.A_MONITOR, 200, sends={"version": "0", "do": "refresh:"}),
    ("POST", "/automations/count"): Row(Needs.A_MONITOR, 200, sends={"version": "0"}),
    ("POST", "/automations/save"): Row(Needs.A_MONITOR, 303, Names.DRAFT, "id"),
    ("GET", "/automations/activate"): Row(Needs.A_MONITOR, 200, Names.COMPLETE, "id"),
    ("POST", "/automations/activate"): Row(
        Needs.A_MONITOR, 303, Names.COMPLETE, "id", sends={"entry": "from_now"}
    ),
    ("POST", "/automations/pause"): Row(Needs.A_MONITOR, 303, Names.RUNNING, "id"),
    ("POST", "/automations/remove"): Row(Needs.A_MONITOR, 303, Names.DRAFT, "id"),
    ("GET", "/automations/preview"): Row(Needs.A_MONITOR, 200, Names.DRAFT, "id"),
    ("GET", "/automations/rehearsal"): Row(Needs.A_MONITOR, 200, Names.DRAFT, "id"),
    ("GET", "/model/rehearsal"): _read(r="1 2 3 4"),
    ("GET", "/automations/results"): Row(Needs.A_MONITOR, 200, Names.DRAFT, "id"),
    ("GET", "/automations/lift"): Row(Needs.A_MONITOR, 200, Names.DRAFT, "id"),
    ("GET", "/automations/actions"): Row(Needs.A_MONITOR, 200, Names.DRAFT, "id"),
    ("GET", "/specialists/log"): _read(),
    ("GET", "/deliveries"): _read(),
    ("POST", "/deliveries/resend"): Row(Needs.A_MONITOR, 409, Names.DELIVERY, "action"),
    ("GET", "/sends"): _read(),
    ("GET", "/sends/{send_id}/lift"): Row(Needs.A_MONITOR, 200, Names.SEND, "path"),
    ("GET", "/sends/new"): _read(of="champions"),
    ("POST", "/sends/preview"): Row(Needs.A_MONITOR, 422, sends={"send_id": "b" * 32, "name": "N"}),
    ("POST", "/sends/confirm"): Row(
        Needs.A_MONITOR, 303, sends={"send_id": "c" * 32, "count": "1", "typed": "1", "body": WISH}
    ),
    ("POST", "/sends/stop"): Row(Needs.A_MONITOR, 303, Names.SEND, "id"),
    ("GET", "/sends/{send_id}"): Row(Needs.A_MONITOR, 200, Names.SEND, "path"),
    ("GET", "/endpoints"): Row(Needs.ADMINISTRATION),
    ("POST", "/endpoints/create"): Row(Needs.ADMINISTRATION, sends={"id": "made", "url": HOOK}),
    ("POST", "/endpoints/rotate"): Row(Needs.ADMINISTRATION, 200, Names.ENDPOINT, "id"),
    ("POST", "/endpoints/test"): Row(Needs.ADMINISTRATION, 303, Names.ENDPOINT, "id"),
    ("POST", "/endpoints/switch"): Row(Needs.ADMINISTRATION, 303, Names.ENDPOINT, "id"),
    ("GET", "/messages"): Row(Needs.ADMINISTRATION),
    ("POST", "/messages/save"): Row(Needs.ADMINISTRATION, 409, sends={"version": "900", **HOURS}),
    ("GET", "/users"): Row(Needs.ADMINISTRATION),
    ("POST", "/users/invite"): Row(Needs.ADMINISTRATION, sends={"name": "N", "profile": "operator"}),
    ("POST", "/users/profile"): Row(
        Needs.ADMINISTRATION, 303, Names.MEMBER, "email", sends={"profile": "administrator"}
    ),
    ("POST", "/users/remove"): Row(Needs.ADMINISTRATION, 303, Names.MEMBER, "email"),
    ("POST", "/users/password"): Row(Needs.ADMINISTRATION, 200, Names.MEMBER, "email"),
    ("GET", "/api/v1/monitor"): _read(),
    ("GET", "/api/v1/sales"): _read(),
    ("GET", "/api/v1/segments/{segment}/contacts"): _read(),
    ("GET", "/api/v1/groups/{group}/contacts"): _read(),
    ("GET", "/api/v1/contacts/{contact_id}"): Row(Needs.A_MONITOR, 200, Names.CONTACT, "path"),
    ("GET", "/api/v1/contacts/{contact_id}/conversation"): Row(Needs.A_MONITOR, 200, Names.CONTACT, "path"),
    ("GET", "/api/v1/contacts/{contact_id}/history"): Row(Needs.A_MONITOR, 200, Names.CONTACT, "path"),
    ("GET", "/api/v1/reports/{name}.csv"): _read(),
    ("GET", "/api/v1/transitions"): Row(Needs.A_MONITOR, query=DAYS),
    ("GET", "/api/v1/as-of"): _read(day="2026-11-01"),
    ("GET", "/api/v1/sentiment"): _read(),
    ("GET", "/api/v1/trend"): _read(),
    ("GET", "/api/v1/forecast"): _read(),
    ("GET", "/api/v1/forecast/contacts"): _read(),
    ("GET", "/api/v1/model"): _read(),
    ("POST", "/api/v1/model/preview"): Row(Needs.A_MONITOR, sends=CUTS),
    ("POST", "/api/v1/model"): Row(Needs.ADMINISTRATION, 409, sends={**CUTS, "base_version": 900}),
    ("GET", "/api/v1/rules"): _read(),
    ("POST", "/api/v1/rules"): Row(Needs.ADMINISTRATION, 201, sends={"name": "Buyers", "rule": RULE}),
    ("POST", "/api/v1/rules/count"): Row(Needs.A_MONITOR, sends={"rule": RULE}),
    ("GET", "/api/v1/rules/{rule_id}"): Row(Needs.A_MONITOR, 200, Names.RULE, "path"),
    ("GET", "/api/v1/rules/{rule_id}/contacts"): Row(Needs.A_MONITOR, 200, Names.RULE, "path"),
    ("GET", "/api/v1/rules/{rule_id}.csv"): Row(Needs.A_MONITOR, 200, Names.RULE, "path"),
    ("PUT", "/api/v1/rules/{rule_id}"): Row(
        Needs.ADMINISTRATION, 200, Names.RULE, "path", sends={"name": "N", "rule": RULE, "base_version": 1}
    ),
    ("DELETE", "/api/v1/rules/{rule_id}"): Row(
        Needs.ADMINISTRATION, 204, Names.RULE, "path", query={"base_version": "1"}
    ),
    ("GET", "/api/v1/automations"): _read(),
    ("GET", "/api/v1/automations/templates"): _read(),
    ("POST", "/api/v1/automations"): Row(Needs.A_MONITOR, 201, sends={"definition": {}}),
    ("POST", "/api/v1/automations/problems"): Row(Needs.A_MONITOR, sends={"definition": {}}),
    ("GET", "/api/v1/automations/{automation_id}"): Row(Needs.A_MONITOR, 200, Names.DRAFT, "path"),
    ("GET", "/api/v1/automations/{automation_id}/reach"): Row(Needs.A_MONITOR, 200, Names.DRAFT, "path"),
    ("PUT", "/api/v1/automations/{automation_id}"): Row(
        Needs.A_MONITOR, 200, Names.DRAFT, "path", sends={"definition": {}, "base_version": 1}
    ),
    ("DELETE", "/api/v1/automations/{automation_id}"): Row(
        Needs.A_MONITOR, 204, Names.DRAFT, "path", query={"base_version": "1"}
    ),
    ("POST", "/api/v1/automations/{automation_id}/activate"): Row(
        Needs.A_MONITOR, 200, Names.COMPLETE, "path", sends={"base_version": 1}
    ),
    ("POST", "/api/v1/automations/{automation_id}/pause"): Row(
        Needs.A_MONITOR, 200, Names.RUNNING, "path", sends={"base_version": 1}
    ),
    ("GET", "/api/v1/automations/{automation_id}/preview"): Row(Needs.A_MONITOR, 200, Names.DRAFT, "path"),
    ("GET", "/api/v1/automations/{automation_id}/results"): Row(Needs.A_MONITOR, 200, Names.DRAFT, "path"),
    ("GET", "/api/v1/automations/{automation_id}/lift"): Row(Needs.A_MONITOR, 200, Names.DRAFT, "path"),
    ("GET", "/api/v1/automations/{automation_id}/actions"): Row(Needs.A_MONITOR, 200, Names.DRAFT, "path"),
    ("GET", "/api/v1/specialists/log"): _read(),
    ("GET", "/api/v1/deliveries"): _read(),
    ("GET", "/api/v1/deliveries.csv"): _read(),
    ("POST", "/api/v1/deliveries/{action_id}/resend"): Row(Needs.A_MONITOR, 409, Names.DELIVERY, "path"),
    ("GET", "/api/v1/sends"): _read(),
    ("POST", "/api/v1/sends/preview"): Row(Needs.A_MONITOR, sends={"name": "N", "steps": STEPS}),
    ("POST", "/api/v1/sends"): Row(
        Needs.A_MONITOR, sends={"send_id": "d" * 32, "name": "N", "steps": STEPS, **COUNT}
    ),
    ("GET", "/api/v1/sends/{send_id}"): Row(Needs.A_MONITOR, 200, Names.SEND, "path"),
    ("GET", "/api/v1/sends/{send_id}/lift"): Row(Needs.A_MONITOR, 200, Names.SEND, "path"),
    ("POST", "/api/v1/sends/{send_id}/stop"): Row(Needs.A_MONITOR, 200, Names.SEND, "path"),
    ("GET", "/api/v1/endpoints"): Row(Needs.ADMINISTRATION),
    ("POST", "/api/v1/endpoints"): Row(Needs.ADMINISTRATION, sends={"id": "other", "url": HOOK}),
    ("POST", "/api/v1/endpoints/{endpoint_id}/rotate"): Row(
        Needs.ADMINISTRATION, 200, Names.ENDPOINT, "path"
    ),
    ("POST", "/api/v1/endpoints/{endpoint_id}/test"): Row(Needs.ADMINISTRATION, 200, Names.ENDPOINT, "path"),
    ("POST", "/api/v1/endpoints/{endpoint_id}/switch"): Row(
        Needs.ADMINISTRATION, 200, Names.ENDPOINT, "path", sends={"on": True}
    ),
    ("GET", "/api/v1/settings/messages"): _read(),
    ("POST", "/api/v1/settings/messages"): Row(Needs.ADMINISTRATION, 409, sends={"base_version": 900}),
    ("GET", "/api/v1/freshness"): _read(),
    ("GET", "/api/v1/live"): _read(),
}
"""Every route of the monitor; paths as OpenAPI writes them."""
