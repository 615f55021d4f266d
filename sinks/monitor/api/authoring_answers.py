"""Shapes of requests and answers about rules and automations. Conditions are react-querybuilder's JSON."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from schemas.automation import Status
from sinks.monitor.api.answers import Answer
from sinks.monitor.api.contact_answers import ContactRow

RULE = {
    "combinator": "and",
    "not": False,
    "rules": [{"field": "days_since_last", "operator": ">", "value": 60}],
}
DEFINITION = {
    "name": "Last purchase 30 days ago",
    "audience": {"of": "all"},
    "trigger": {"kind": "silence", "days": 30},
    "steps": [{"kind": "message", "endpoint": "hooks", "channel": "whatsapp", "template": "..."}],
}


class Wish(BaseModel):
    """Base of all requests: nothing that nobody asked for."""

    model_config = ConfigDict(extra="forbid")


class RuleCount(Wish):
    """A rule that need not be saved."""

    rule: dict[str, Any] = Field(examples=[RULE])


class RuleWish(RuleCount):
    """A rule to be saved."""

    name: str = Field(max_length=120, examples=["Silent for more than 60 days"])


class RuleEdit(RuleWish):
    """Another version of a rule; `base_version` is the one that was read."""

    base_version: int = Field(ge=1, lt=2**31)


class DraftWish(Wish):
    """An automation, complete or not; its status is not part of it."""

    definition: dict[str, Any] = Field(examples=[DEFINITION])


class DraftEdit(DraftWish):
    """Another version of it."""

    base_version: int = Field(ge=1, lt=2**31)


class Base(Wish):
    """The version on which a change of status is based."""

    base_version: int = Field(ge=1, lt=2**31)


class ProblemAnswer(Answer):
    """What to do before it can be used, and where in the JSON; in the person's language."""

    path: str
    advice: str


class UserAnswer(Answer):
    """What uses a rule."""

    kind: str
    id: str
    name: str


class RuleAnswer(Answer):
    """A rule. `words` says it in the person's language; `dated`: who matches changes as days pass."""

    id: str
    version: int
    name: str
    rule: dict[str, Any]
    words: str
    dated: bool
    author: str
    at: datetime
    used_by: list[UserAnswer]


class RulesAnswer(Answer):
    """Every rule of an account, the one changed last first."""

    account: str
    items: list[RuleAnswer]


class CountAnswer(Answer):
    """How many contacts match now; days are counted up to `as_of`."""

    account: str
    as_of: date
    contacts: int


class RuleContactsAnswer(Answer):
    """A page of contacts, by id. `total` on the first page only."""

    account: str
    as_of: date
    items: list[ContactRow]
    next_cursor: str | None
    total: int | None


class AutomationRow(Answer):
    """An automation in a list; audience and trigger in the person's language."""

    id: str
    version: int
    name: str
    status: Status
    specialist: bool
    audience: str
    trigger: str
    author: str
    at: datetime


class AutomationsAnswer(Answer):
    """Automations of an account, the one changed last first."""

    account: str
    items: list[AutomationRow]


class AutomationAnswer(AutomationRow):
    """The whole automation; without `problems` it can be activated."""

    definition: dict[str, Any]
    problems: list[ProblemAnswer]


class TemplateAnswer(Answer):
    """Something to start from: a definition that only lacks an endpoint."""

    template: str
    name: str
    specialist: bool
    definition: dict[str, Any]


class TemplatesAnswer(Answer):
    """Every template, in the person's language."""

    items: list[TemplateAnswer]


class ProblemsAnswer(Answer):
    """Empty if it can be activated."""

    problems: list[ProblemAnswer]


class ReachAnswer(Answer):
    """Whom it would reach: the contacts of its audience now (null while incomplete), and who enters."""

    contacts_now: int | None
    who_enters: str


class StatusAnswer(Answer):
    """The status after a change, and the version that has it."""

    id: str
    version: int
    status: Status
