"""Segmentation rules: read and counted by everybody, written by Administrators."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import StreamingResponse

from schemas.rule_json import InvalidRule, parse_rule
from schemas.rules import Group
from sinks.monitor.api.authoring_answers import (
    CountAnswer,
    RuleAnswer,
    RuleContactsAnswer,
    RuleCount,
    RuleEdit,
    RulesAnswer,
    RuleWish,
    UserAnswer,
)
from sinks.monitor.api.contacts import Cursor, Limit, contact_row
from sinks.monitor.api.context import PROBLEM, PROBLEMS, Ask, Asked
from sinks.monitor.api.refusals import address_of, refused
from sinks.monitor.api.reports import FILE, Lang, Raw, dialect, download
from sinks.monitor.authoring.rules import (
    Rule,
    count_rule,
    remove_rule,
    rule_of,
    rules_of,
    save_rule,
    under,
    users_of,
)
from sinks.monitor.figures.cursors import BadCursor, packed, unpacked
from sinks.monitor.problems import NotFound, Problem
from sinks.monitor.rights import Right
from sinks.monitor.scope import having
from sinks.monitor.telling.rules import Teller
from sinks.monitor.telling.teller import teller_of
from sinks.rules.members import list_members

router = APIRouter(prefix="/api/v1", tags=["rules"], responses=PROBLEMS)
WRITING: dict[str, Any] = {
    "dependencies": [Depends(having(Right.EDIT_RULES))],
    "responses": {
        409: {"description": "Somebody changed it meanwhile, or something uses it.", **PROBLEM},
        503: {"description": "Changes cannot be saved now.", **PROBLEM},
    },
}
RuleId = Annotated[str, Path(max_length=64)]


@router.get("/rules", response_model=RulesAnswer)
def rules(ask: Ask) -> Any:
    """Every rule."""
    teller = teller_of(ask, ask.scope.person.language)
    items = [rule_answer(ask, one, teller) for one in rules_of(ask)]
    return RulesAnswer(account=ask.account_id, items=items)


@router.post("/rules/count", response_model=CountAnswer)
def count(ask: Ask, wish: RuleCount) -> Any:
    """How many contacts match a rule that need not be saved."""
    contacts = count_rule(ask, _parsed(ask, wish.rule))
    return CountAnswer(account=ask.account_id, as_of=ask.today, contacts=contacts)


@router.post("/rules", response_model=RuleAnswer, status_code=201, **WRITING)
def create(request: Request, ask: Ask, wish: RuleWish) -> Any:
    """A new rule."""
    return _save(request, ask, None, 0, wish)


@router.get(
    "/rules/{rule_id}.csv",
    response_class=StreamingResponse,
    responses=FILE,
    dependencies=[Depends(having(Right.EXPORT))],
)
def report(
    request: Request, ask: Ask, rule_id: RuleId, lang: Lang = None, raw: Raw = False
) -> StreamingResponse:
    """The contacts that match a rule, all of one moment, in the format of every report."""
    group = group_of(rule_of(ask, rule_id))
    written = dialect(lang or ask.scope.person.language, raw=raw)
    return download(request, ask, f"rule-{rule_id}", group, written)


@router.get("/rules/{rule_id}/contacts", response_model=RuleContactsAnswer)
def contacts(ask: Ask, rule_id: RuleId, limit: Limit = 50, cursor: Cursor = None) -> Any:
    """The contacts that match a rule now, by id."""
    return members_answer(ask, group_of(rule_of(ask, rule_id)), limit, cursor)


@router.get("/rules/{rule_id}", response_model=RuleAnswer)
def rule(ask: Ask, rule_id: RuleId) -> Any:
    """One rule."""
    return rule_answer(ask, rule_of(ask, rule_id), teller_of(ask, ask.scope.person.language))


@router.put("/rules/{rule_id}", response_model=RuleAnswer, **WRITING)
def edit(request: Request, ask: Ask, rule_id: RuleId, wish: RuleEdit) -> Any:
    """Another version, unless somebody was faster."""
    return _save(request, ask, rule_id, wish.base_version, wish)


@router.delete("/rules/{rule_id}", status_code=204, **WRITING)
def remove(
    request: Request, ask: Ask, rule_id: RuleId, base_version: Annotated[int, Query(ge=1, lt=2**31)]
) -> None:
    """Remove it; 409 while an automation or a recent manual send uses it."""
    remove_rule(ask, rule_id, base_version, address_of(request))


def members_answer(ask: Asked, group: Group, limit: int, cursor: str | None) -> RuleContactsAnswer:
    """A page of whoever matches; 422 for a cursor of another list."""
    after = _after(cursor) if cursor else ""
    page = list_members(ask.queries, ask.account_id, group, today=ask.today, after=after, limit=limit)
    return RuleContactsAnswer(
        account=ask.account_id,
        as_of=ask.today,
        items=[contact_row(ask, row) for row in page.rows],
        next_cursor=packed(["rule", page.next_after]) if page.next_after else None,
        total=None if cursor else count_rule(ask, group),
    )


def rule_answer(ask: Asked, one: Rule, teller: Teller) -> RuleAnswer:
    """A rule as it is shown."""
    return RuleAnswer(
        id=one.id,
        version=one.version,
        name=one.name,
        rule=one.body,
        words=teller.rule(one.group) if one.group else "",
        dated=one.dated,
        author=one.author,
        at=datetime.fromtimestamp(one.at_ms / 1000, UTC),
        used_by=[UserAnswer.model_validate(user) for user in users_of(ask, one.id)],
    )


def group_of(one: Rule) -> Group:
    """What is to be evaluated; NotFound for a rule that can no longer be read."""
    if one.group is None:
        raise NotFound
    return one.group


def _save(request: Request, ask: Asked, rule_id: str | None, base: int, wish: RuleWish) -> RuleAnswer:
    try:
        saved, _ = save_rule(ask, rule_id, base, wish.name, wish.rule, address_of(request))
    except InvalidRule as invalid:
        raise refused(ask, invalid.problems) from invalid
    return rule_answer(ask, rule_of(ask, saved), teller_of(ask, ask.scope.person.language))


def _parsed(ask: Asked, body: dict[str, Any]) -> Group:
    try:
        return parse_rule(body)
    except InvalidRule as invalid:
        raise refused(ask, under(invalid, "rule")) from invalid


def _after(cursor: str) -> str:
    try:
        match unpacked(cursor):
            case ["rule", str(contact_id)]:
                return contact_id
    except BadCursor as error:
        raise Problem(422, f"cursor: {error}") from error
    raise Problem(422, "cursor: it belongs to another list")
