"""`latido user`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from schemas.definitions_topic import Conflict, Definitions, DefinitionsUnavailable
from sinks.monitor.passwords import WeakPassword
from sinks.monitor.people import InvalidPerson, add_user
from streams.cli.context import AUTHOR, codec_of, failed, kafka_of, out
from streams.settings import Settings

user = typer.Typer(help="People who may open the monitor.", no_args_is_help=True)


@user.callback()
def users() -> None:
    """People who may open the monitor."""


@user.command("add")
def user_add(
    email: Annotated[str, typer.Argument(help="What the person signs in with.")],
    membership: Annotated[
        list[str], typer.Option("--account", help="ACCOUNT:PROFILE, such as shop:administrator; repeatable.")
    ],
    password: Annotated[
        str,
        typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, envvar="LATIDO_USER_PASSWORD"),
    ],
    name: Annotated[str, typer.Option(help="Name for people.")] = "",
    language: Annotated[str, typer.Option(help="es, pt or en.")] = "es",
) -> None:
    """Let a person sign in to accounts, as administrator or operator."""
    settings = Settings()
    definitions = Definitions(codec_of(settings), kafka_of(settings))
    try:
        definitions.start()
        person = add_user(
            definitions,
            email=email,
            name=name or email.partition("@")[0],
            password=password,
            language=language,
            memberships=dict(_membership(text) for text in membership),
            author=AUTHOR,
            at=datetime.now(UTC),
        )
    except Conflict:
        raise failed(f"{email} is there already") from None
    except (InvalidPerson, WeakPassword, DefinitionsUnavailable, ValueError) as error:
        raise failed(str(error)) from None
    out.print(f"{person.email}: {', '.join(membership)}", markup=False)


def _membership(text: str) -> tuple[str, str]:
    account_id, colon, profile = text.partition(":")
    if not colon:
        raise ValueError(f"{text!r}: ACCOUNT:PROFILE, such as shop:administrator")
    return account_id, profile
