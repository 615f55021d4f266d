"""What all commands share: connections from settings, and how to speak to a person."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from schemas.codec import Codec
from schemas.registry import RegistrySchemas
from streams.definitions.accounts import Accounts
from streams.settings import Settings

AUTHOR = "cli"
"""Author of the definitions that commands write."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
AccountId = Annotated[str, typer.Option("--account", help="Account id.")]

out = Console()
err = Console(stderr=True)


def codec_of(settings: Settings) -> Codec:
    """Ids of the registry, if one is configured: our schemas are registered before anything is written.

    RegistryUnavailable; IncompatibleSchema if readers of what is stored would break.
    """
    if not settings.registry_url:
        return Codec()
    schemas = RegistrySchemas.at(settings.registry_url)
    schemas.register_all()
    return Codec(schemas)


def kafka_of(settings: Settings) -> dict[str, Any]:
    """Settings of a Kafka client."""
    return {"bootstrap.servers": settings.bootstrap_servers}


def accounts_of(settings: Settings, codec: Codec) -> Accounts:
    """Definitions, read to their present end. DefinitionsUnavailable."""
    accounts = Accounts(codec, kafka_of(settings))
    accounts.start()
    return accounts


def failed(message: str) -> typer.Exit:
    """Say what is wrong; raise the result."""
    err.print(message, style="red", markup=False)
    return typer.Exit(1)


def print_rows(rows: list[dict[str, Any]], as_json: bool) -> None:
    """A table, or JSON."""
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    if not rows:
        out.print("none")
        return
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    out.print(table)


def whole_numbers(text: str) -> list[int] | None:
    """`1,2,4,7` as a list; None for nothing. ValueError says what was expected."""
    try:
        return [int(part) for part in text.split(",")] if text else None
    except ValueError:
        raise ValueError(f"{text!r}: whole numbers with commas") from None
