"""`latido model`: the scoring model of an account, from proposal to publication."""

import json
import time
from typing import Annotated, Any

import typer

from schemas.definitions_topic import Conflict, DefinitionsUnavailable, Edit
from sinks.client import ApiError, SinkClient
from sinks.monitor.parts import ModelView
from sinks.settings import SinkSettings
from streams.cli.context import (
    AUTHOR,
    AccountId,
    AsJson,
    accounts_of,
    codec_of,
    failed,
    kafka_of,
    out,
    print_rows,
    whole_numbers,
)
from streams.cli.monitor_models import AccountModels
from streams.definitions.accounts import MODEL, MODEL_ID, Accounts
from streams.definitions.adoption import adopted_versions
from streams.rfm.account import Account
from streams.rfm.segment_map import PRESETS, STANDARD, warnings
from streams.settings import Settings

model = typer.Typer(help="Scoring models: cuts and segment map.", no_args_is_help=True)

Recency = Annotated[str, typer.Option("--recency-cuts", help="Four days, such as 30,90,180,365.")]
Frequency = Annotated[
    str, typer.Option("--frequency-cuts", help="Four numbers of purchases, such as 1,2,4,7.")
]
Value = Annotated[str, typer.Option("--value-cuts", help="Four amounts in minor units.")]
Preset = Annotated[str, typer.Option(help=f"Segment map: {' or '.join(PRESETS)}.")]
ValueOf = Annotated[str, typer.Option(help="average or sum: what the value score looks at.")]
Weight = Annotated[float, typer.Option(help="Purchases that one interaction counts for.")]


@model.command("show")
def model_show(account_id: AccountId) -> None:
    """The model in force, and which version every partition has adopted."""
    settings = Settings()
    accounts = accounts_of(settings, codec_of(settings))
    account = _account(accounts, account_id)
    scoring = account.model
    out.print(
        f"version {scoring.version}: recency {scoring.recency_cuts} days, frequency {scoring.frequency_cuts}"
    )
    out.print(
        f"value {scoring.value_cuts} minor units of {account.currency}, {scoring.value_of} of the purchases"
    )
    for line in warnings(scoring.cells):
        out.print(line, markup=False)
    adopted = adopted_versions(codec_of(settings), kafka_of(settings), account_id)
    print_rows(
        [{"partition": p, "version": version} for p, version in sorted(adopted.items())], as_json=False
    )
    if any(version != scoring.version for version in adopted.values()):
        out.print("recalibrating: some partitions have not adopted the model yet")


@model.command("propose")
def model_propose(account_id: AccountId, as_json: AsJson = False) -> None:
    """Cuts from the quintiles of the account's own buyers."""
    try:
        proposal = SinkClient(SinkSettings()).proposal(account_id)
    except ApiError as error:
        raise failed(str(error)) from None
    if as_json:
        print(json.dumps(proposal))
        return
    print_rows([{"figure": name, "value": value} for name, value in proposal.items()], as_json=False)
    if not proposal["is_sound"]:
        out.print("the base is too small or too young for cuts of its own: the fixed ones are better")


@model.command("preview")
def model_preview(
    account_id: AccountId,
    recency_cuts: Recency = "",
    frequency_cuts: Frequency = "",
    value_cuts: Value = "",
    preset: Preset = STANDARD,
    value_of: ValueOf = "average",
    interaction_weight: Weight = 0,
    as_json: AsJson = False,
) -> None:
    """Who would move, from where to where, and with how much revenue. Changes nothing."""
    settings = Settings()
    account = _account(accounts_of(settings, codec_of(settings)), account_id)
    body = _body(recency_cuts, frequency_cuts, value_cuts, preset, value_of, interaction_weight)
    try:
        view = _view(account, body)
        moves = SinkClient(SinkSettings()).preview(account_id, view)
    except (ApiError, ValueError) as error:
        raise failed(str(error)) from None
    print_rows(moves, as_json)


@model.command("publish")
def model_publish(
    account_id: AccountId,
    recency_cuts: Recency = "",
    frequency_cuts: Frequency = "",
    value_cuts: Value = "",
    preset: Preset = STANDARD,
    value_of: ValueOf = "average",
    interaction_weight: Weight = 0,
    base: Annotated[
        int | None, typer.Option(help="Version the edit is based on; default: the one in force.")
    ] = None,
) -> None:
    """Publish a model. Every contact is scored anew; changes say `recalibration` and fire nothing."""
    settings = Settings()
    accounts = accounts_of(settings, codec_of(settings))
    account = _account(accounts, account_id)
    body = _body(recency_cuts, frequency_cuts, value_cuts, preset, value_of, interaction_weight)
    try:
        _view(account, body)
        version = accounts.version(account_id, MODEL, MODEL_ID) if base is None else base - 1
        at_ms = time.time_ns() // 1_000_000
        done = accounts.edit(Edit(account_id, MODEL, MODEL_ID, version, AUTHOR, at_ms, body))
    except Conflict as conflict:
        raise failed(
            f"somebody published version {conflict.version + 1} meanwhile; look at it first"
        ) from None
    except (ValueError, DefinitionsUnavailable) as error:
        raise failed(str(error)) from None
    out.print(f"published version {done + 1}; `latido model show` tells which partitions have adopted it")


def _account(accounts: Accounts, account_id: str) -> Account:
    account = accounts.accounts.get(account_id)
    if account is None:
        raise failed(f"there is no account {account_id}")
    return account


def _body(
    recency_cuts: str, frequency_cuts: str, value_cuts: str, preset: str, value_of: str, weight: float
) -> dict[str, Any]:
    try:
        given = {"r": recency_cuts, "f": frequency_cuts, "m": value_cuts}
        cuts = {axis: whole_numbers(text) for axis, text in given.items() if text}
    except ValueError as error:
        raise failed(str(error)) from None
    return {"cuts": cuts or None, "preset": preset, "value_of": value_of, "interaction_weight": weight}


def _view(account: Account, body: dict[str, Any]) -> ModelView:
    """The model of a body, as the monitor sees it; ValueError for one that cannot be."""
    defined = {"currency": account.currency, "time_zone": account.calendar.zone}
    return AccountModels().of_account(account.id, defined, body)
