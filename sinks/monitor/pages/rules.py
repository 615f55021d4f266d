"""*Reglas* (B3-B5): lists of contacts that stay current, written by Administrators, used by everybody."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from schemas.definitions_topic import Conflict
from schemas.rule_json import InvalidRule, parse_rule
from schemas.rule_json import Problem as Fault
from sinks.monitor.api.contacts import Cursor
from sinks.monitor.api.context import Ask, Asked
from sinks.monitor.api.refusals import address_of
from sinks.monitor.api.rules import group_of, members_answer, rule_answer
from sinks.monitor.authoring import rules as made
from sinks.monitor.authoring.fields import tree
from sinks.monitor.authoring.rule_drafts import clean_group, new_group
from sinks.monitor.authoring.shaping import reshape
from sinks.monitor.pages.editing import digits_of, rule_names, teller, told, version_of
from sinks.monitor.pages.showing import Id, panel, show
from sinks.monitor.problems import Problem
from sinks.monitor.rendering import link
from sinks.monitor.rights import Right
from sinks.monitor.scope import Scope, form, having

router = APIRouter(include_in_schema=False)
Writing = Annotated[Scope, Depends(having(Right.EDIT_RULES))]
PAGE = 50


@router.get("/rules")
def rules(request: Request, ask: Ask, removed: bool = False) -> Response:
    """Every rule, said in words."""
    teller_ = teller(request, ask)
    rows = [rule_answer(ask, one, teller_) for one in made.rules_of(ask)]
    return show(request, ask, "rules.html", rows=rows, removed=removed)


@router.get("/rules/size")
def size(request: Request, ask: Ask, id_: Id) -> Response:
    """How many contacts match a rule now, for the list."""
    group = group_of(made.rule_of(ask, id_))
    return show(request, ask, "rule_size.html", contacts=panel(lambda: made.count_rule(ask, group)))


@router.get("/rules/contacts")
def contacts(
    request: Request,
    ask: Ask,
    id_: Id,
    cursor: Cursor = None,
    saved: bool = False,
) -> Response:
    """The contacts that match a rule now."""
    rule = made.rule_of(ask, id_)
    group = group_of(rule)
    page = panel(lambda: members_answer(ask, group, PAGE, cursor))
    answer = rule_answer(ask, rule, teller(request, ask))
    return show(request, ask, "rule.html", rule=answer, page=page, cursor=cursor, saved=saved)


@router.get("/rules/edit")
def edit(request: Request, ask: Ask, _scope: Writing, id_: Id = "") -> Response:
    """The editor, of a saved rule or of a new one."""
    if not id_:
        return _page(request, ask, {"id": "", "version": 0, "name": "", "rule": new_group()})
    rule = made.rule_of(ask, id_)
    return _page(request, ask, {"id": id_, "version": rule.version, "name": rule.name, "rule": rule.body})


@router.post("/rules/shape")
async def shape(request: Request, ask: Ask, _scope: Writing) -> Response:
    """The form again, with a part more or less."""
    return await run_in_threadpool(_shape, request, ask, await form(request))


@router.post("/rules/count")
async def count(request: Request, ask: Ask, _scope: Writing) -> Response:
    """How many contacts match what the form says now."""
    return await run_in_threadpool(_counted, request, ask, await form(request))


@router.post("/rules/save")
async def save(request: Request, ask: Ask, _scope: Writing) -> Response:
    """Keep the rule; with problems or a conflict the form comes back as it was typed."""
    return await run_in_threadpool(_save, request, ask, await form(request))


@router.post("/rules/remove")
async def remove(request: Request, ask: Ask, _scope: Writing) -> Response:
    """Remove a rule that nothing uses."""
    fields = await form(request)
    await run_in_threadpool(
        made.remove_rule, ask, fields.get("id", ""), version_of(fields), address_of(request)
    )
    return RedirectResponse(link(ask.scope, "/rules", removed="true"), 303)


def _shape(request: Request, ask: Asked, fields: dict[str, str]) -> Response:
    draft, focus = reshape(_draft(ask, fields), fields.get("do", "refresh:"))
    return _page(request, ask, draft, focus=focus, fragment=True)


def _counted(request: Request, ask: Asked, fields: dict[str, str]) -> Response:
    return show(request, ask, "rule_count.html", contacts=_count(ask, _draft(ask, fields)))


def _save(request: Request, ask: Asked, fields: dict[str, str]) -> Response:
    draft = _draft(ask, fields)
    try:
        rule_id, _ = made.save_rule(
            ask, draft["id"] or None, draft["version"], draft["name"], draft["rule"], address_of(request)
        )
    except InvalidRule as invalid:
        return _page(request, ask, draft, faults=invalid.problems, status=422)
    except Conflict:
        return _page(request, ask, draft, conflict=True, status=409)
    return RedirectResponse(link(ask.scope, "/rules/contacts", id=rule_id, saved="true"), 303)


def _page(
    request: Request,
    ask: Asked,
    draft: dict[str, Any],
    *,
    faults: tuple[Fault, ...] = (),
    focus: str = "",
    conflict: bool = False,
    fragment: bool = False,
    status: int = 200,
) -> Response:
    response = show(
        request,
        ask,
        "rule_form.html" if fragment else "rule_edit.html",
        draft=draft,
        advice=told(request, faults),
        focus=focus,
        conflict=conflict,
        contacts=_count(ask, draft),
        users=made.users_of(ask, draft["id"]) if draft["id"] else [],
        shape=link(ask.scope, "/rules/shape"),
        **rule_names(ask),
    )
    response.status_code = status
    return response


def _count(ask: Asked, draft: dict[str, Any]) -> Any:
    """Contacts that match; None while the rule is incomplete, `Failed` if it cannot be computed."""
    try:
        group = parse_rule(draft["rule"])
    except InvalidRule:
        return None
    return panel(lambda: made.count_rule(ask, group))


def _draft(ask: Asked, fields: dict[str, str]) -> dict[str, Any]:
    given = tree(fields)
    name, rule_id = fields.get("name", ""), fields.get("id", "")
    if len(rule_id) > 64:
        raise Problem(422, "id: the one that the page showed")
    return {
        "id": rule_id,
        "version": version_of(fields),
        "name": name[: made.LONGEST_NAME],
        "rule": clean_group(given.get("rule"), digits_of(ask)),
    }
