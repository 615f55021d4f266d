"""`latido account`."""

import time
from typing import Annotated

import typer

from schemas.definitions_topic import Conflict, DefinitionsUnavailable, Edit
from streams.cli.context import AUTHOR, AsJson, accounts_of, codec_of, failed, out, print_rows, whole_numbers
from streams.definitions.accounts import ACCOUNT, MILESTONE
from streams.rfm.account import Account
from streams.settings import Settings

MOST_MILESTONE_DAYS = 3650

account = typer.Typer(help="Accounts: whose contacts Latido keeps.", no_args_is_help=True)


@account.command("create")
def account_create(
    account_id: Annotated[str, typer.Argument(help="a-z, 0-9, - and _; it is for ever.")],
    time_zone: Annotated[
        str, typer.Option(help="IANA zone, such as America/Sao_Paulo; fixed after the first order.")
    ],
    currency: Annotated[str, typer.Option(help="ISO 4217 code; fixed after the first order.")],
    name: Annotated[str, typer.Option(help="Name for people.")] = "",
    language: Annotated[str, typer.Option(help="es, pt or en: language of the causes in words.")] = "es",
    recency_cuts: Annotated[str, typer.Option(help="Four days, such as 30,90,180,365.")] = "",
    frequency_cuts: Annotated[str, typer.Option(help="Four numbers of purchases, such as 1,2,4,7.")] = "",
    value_cuts: Annotated[
        str, typer.Option(help="Four amounts in minor units, such as 2500,5000,10000,20000.")
    ] = "",
) -> None:
    """Create an account. Time zone and currency have no default: they decide what a day and a value are."""
    settings = Settings()
    codec = codec_of(settings)
    try:
        stated = {
            "r": whole_numbers(recency_cuts),
            "f": whole_numbers(frequency_cuts),
            "m": whole_numbers(value_cuts),
        }
        body = {
            "name": name or account_id,
            "time_zone": time_zone,
            "currency": currency,
            "language": language,
            "cuts": {axis: cuts for axis, cuts in stated.items() if cuts} or None,
        }
        Account.from_body(account_id, body)
        at_ms = time.time_ns() // 1_000_000
        accounts_of(settings, codec).edit(Edit(account_id, ACCOUNT, account_id, 0, AUTHOR, at_ms, body))
    except Conflict:
        raise failed(f"the account {account_id} exists already; `latido account list` shows it") from None
    except (ValueError, DefinitionsUnavailable) as error:
        raise failed(str(error)) from None
    out.print(f"account {account_id}: {time_zone}, {currency}", markup=False)


@account.command("list")
def account_list(as_json: AsJson = False) -> None:
    """List accounts with zone, currency and cuts."""
    settings = Settings()
    accounts = sorted(accounts_of(settings, codec_of(settings)).accounts.values(), key=lambda a: a.id)
    rows = [
        {
            "id": a.id,
            "time_zone": a.calendar.zone,
            "currency": a.currency,
            "language": a.language,
            "recency_cuts": list(a.model.recency_cuts),
            "frequency_cuts": list(a.model.frequency_cuts),
            "value_cuts_minor": list(a.model.value_cuts),
        }
        for a in accounts
    ]
    print_rows(rows, as_json)


@account.command("milestones")
def account_milestones(
    account_id: Annotated[str, typer.Argument(help="Account id.")],
    days: Annotated[str, typer.Option(help="Days since the last purchase, such as 30,60,90.")],
) -> None:
    """Ask for milestones: an event on milestones.v1 when a contact's last purchase is so many days ago."""
    settings = Settings()
    accounts = accounts_of(settings, codec_of(settings))
    try:
        asked = whole_numbers(days) or []
        if not asked or not all(1 <= n <= MOST_MILESTONE_DAYS for n in asked):
            raise ValueError(f"{days!r}: days from 1 to {MOST_MILESTONE_DAYS}, with commas")
        if account_id not in accounts.accounts:
            raise ValueError(f"there is no account {account_id}")
        version = accounts.version(account_id, MILESTONE, AUTHOR)
        at_ms = time.time_ns() // 1_000_000
        accounts.edit(Edit(account_id, MILESTONE, AUTHOR, version, AUTHOR, at_ms, {"days": asked}))
    except (Conflict, ValueError, DefinitionsUnavailable) as error:
        raise failed(str(error)) from None
    out.print(f"milestones of {account_id}: {', '.join(map(str, asked))} days", markup=False)
