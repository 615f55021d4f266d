"""`latido automation`."""

import json
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from schemas.automation import AUTOMATION, RULE, Status
from schemas.automation_edits import activated, paused
from schemas.automation_json import InvalidAutomation, problems_of
from schemas.automation_templates import Template, template
from schemas.definitions import Definition
from schemas.definitions_topic import Conflict, DefinitionsUnavailable, Edit
from schemas.endpoint import KIND as ENDPOINT
from streams.cli.context import AUTHOR, AccountId, AsJson, accounts_of, codec_of, failed, out, print_rows
from streams.definitions.accounts import Accounts
from streams.settings import Settings

automation = typer.Typer(help="Automations and success specialist agents.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="Automation id; `latido automation list` shows them.")]


File = Annotated[Path, typer.Argument(help="The automation as JSON or YAML.", exists=True, dir_okay=False)]


@automation.command("create")
def automation_create(
    file: File,
    account_id: AccountId,
    id_: Annotated[str, typer.Option("--id", help="Its id; absent means a new one.")] = "",
) -> None:
    """Store a draft. It does nothing until it is activated, and may lack anything until then."""
    body = _body(file)
    definitions, chosen = _definitions(account_id), id_ or uuid.uuid4().hex
    if definitions.get(account_id, AUTOMATION, chosen) is not None:
        raise failed(f"{chosen} exists already: `latido automation edit` changes it")
    _edit(definitions, account_id, chosen, 0, {**body, "status": Status.DRAFT.value})
    out.print(f"{chosen} is a draft; `latido automation activate {chosen}` starts it", markup=False)
    for problem in problems_of(body):
        out.print(f"before that: {problem.path}: {problem.advice}", markup=False)


@automation.command("edit")
def automation_edit(id_: Id, file: File, account_id: AccountId) -> None:
    """Replace it by what a file says; its status stays. Contacts inside keep the version they entered."""
    body, definitions = _body(file), _definitions(account_id)
    found = _found(definitions, account_id, id_)
    status = found.body.get("status") or Status.DRAFT.value
    body = {**body, "status": status}
    if status == Status.ACTIVE:
        body = _activated(definitions, account_id, body)
    _edit(definitions, account_id, id_, found.version, body)
    out.print(f"{id_} is {status}, version {found.version + 1}", markup=False)


@automation.command("list")
def automation_list(account_id: AccountId, as_json: AsJson = False) -> None:
    """List automations with status, trigger and version."""
    rows = [
        {
            "id": one.id,
            "name": one.body.get("name"),
            "status": one.body.get("status"),
            "trigger": (one.body.get("trigger") or {}).get("kind"),
            "specialist": bool(one.body.get("specialist")),
            "version": one.version,
        }
        for one in _definitions(account_id).of_kind(AUTOMATION, account_id)
    ]
    print_rows(rows, as_json)


@automation.command("show")
def automation_show(id_: Id, account_id: AccountId) -> None:
    """Print an automation as JSON."""
    print(json.dumps(_found(_definitions(account_id), account_id, id_).body, ensure_ascii=False, indent=2))


@automation.command("activate")
def automation_activate(id_: Id, account_id: AccountId) -> None:
    """Activate it: contacts enter from now on, nobody for what was before."""
    definitions = _definitions(account_id)
    found = _found(definitions, account_id, id_)
    _edit(definitions, account_id, id_, found.version, _activated(definitions, account_id, found.body))
    out.print(f"{id_} is active", markup=False)


@automation.command("pause")
def automation_pause(id_: Id, account_id: AccountId) -> None:
    """Pause it: nobody enters, and contacts inside leave at their next step."""
    definitions = _definitions(account_id)
    found = _found(definitions, account_id, id_)
    _edit(definitions, account_id, id_, found.version, paused(found.body))
    out.print(f"{id_} is paused", markup=False)


@automation.command("template")
def automation_template(
    which: Annotated[Template, typer.Argument(help="What to start from.")],
    endpoint: Annotated[str, typer.Option(help="Endpoint that gets the messages.")] = "",
    language: Annotated[str, typer.Option(help="es, pt or en.")] = "es",
) -> None:
    """Print a template as JSON, to be changed and created from."""
    if language not in ("es", "pt", "en"):
        raise failed(f"language {language!r}: es, pt or en")
    print(json.dumps(template(which, language, endpoint=endpoint), ensure_ascii=False, indent=2))


def _definitions(account_id: str) -> Accounts:
    settings = Settings()
    try:
        definitions = accounts_of(settings, codec_of(settings))
    except DefinitionsUnavailable as error:
        raise failed(str(error)) from None
    if account_id not in definitions.accounts:
        raise failed(f"there is no account {account_id}; `latido account list` shows them")
    return definitions


def _body(file: Path) -> dict[str, Any]:
    try:
        body = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise failed(f"{file} is neither JSON nor YAML: {error}") from None
    if not isinstance(body, dict):
        raise failed(f"{file}: an object with name, trigger and steps")
    return body


def _activated(definitions: Accounts, account_id: str, body: Mapping[str, Any]) -> dict[str, Any]:
    endpoints = {one.id for one in definitions.of_kind(ENDPOINT, account_id)}
    rules = {one.id for one in definitions.of_kind(RULE, account_id)}
    try:
        return activated(body, endpoints, rules)
    except InvalidAutomation as invalid:
        raise failed("\n".join(f"{p.path}: {p.advice}" for p in invalid.problems)) from None


def _found(definitions: Accounts, account_id: str, id_: str) -> Definition:
    found = definitions.get(account_id, AUTOMATION, id_)
    if found is None:
        raise failed(f"there is no automation {id_}; `latido automation list` shows them")
    return found


def _edit(definitions: Accounts, account_id: str, id_: str, base: int, body: dict[str, Any]) -> None:
    at_ms = time.time_ns() // 1_000_000
    try:
        definitions.edit(Edit(account_id, AUTOMATION, id_, base, AUTHOR, at_ms, body))
    except Conflict:
        raise failed(f"{id_} was changed meanwhile: look at it again") from None
    except DefinitionsUnavailable as error:
        raise failed(str(error)) from None
