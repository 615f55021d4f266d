"""`latido webhooks`, and `latido endpoint`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from schemas.definitions_topic import Conflict, Definitions, DefinitionsUnavailable
from schemas.endpoint import KIND, Endpoint
from sinks.webhooks.addresses import AddressRefused, Rules, UrlRefused
from sinks.webhooks.book import OVERLAP_SECONDS, EndpointBook, NoEndpoint, NotSent, resend, send_test
from sinks.webhooks.sealing import Sealer
from sinks.webhooks.service import run_webhooks
from sinks.webhooks.settings import WebhookSettings
from streams.cli.context import AUTHOR, AccountId, AsJson, codec_of, failed, kafka_of, out, print_rows
from streams.definitions.accounts import ACCOUNT
from streams.settings import Settings

endpoint = typer.Typer(help="Endpoints: where webhooks go.", no_args_is_help=True)
EndpointId = Annotated[str, typer.Argument(help="Endpoint id: a-z, 0-9, - and _.")]


def webhooks() -> None:
    """Run the dispatcher: actions of automations out, as signed webhooks."""
    try:
        run_webhooks(WebhookSettings(), codec_of(Settings()))
    except (DefinitionsUnavailable, ValueError) as error:
        raise failed(str(error)) from None


@endpoint.command("create")
def endpoint_create(
    endpoint_id: EndpointId,
    url: Annotated[str, typer.Argument(help="https://, port 443 or 8443.")],
    account_id: AccountId,
    description: Annotated[str, typer.Option(help="For people.")] = "",
) -> None:
    """Create an endpoint and print its signing secret, this once."""
    with _book(account_id) as book:
        print(book.create(account_id, endpoint_id, url, description, AUTHOR))


@endpoint.command("rotate")
def endpoint_rotate(
    endpoint_id: EndpointId,
    account_id: AccountId,
    overlap_seconds: Annotated[
        float, typer.Option(help="How long the present secret signs too.")
    ] = OVERLAP_SECONDS,
) -> None:
    """Make a new secret and print it, this once; the present one goes on signing for a while."""
    with _book(account_id) as book:
        print(book.rotate(account_id, endpoint_id, AUTHOR, overlap_seconds))


@endpoint.command("url")
def endpoint_url(endpoint_id: EndpointId, url: str, account_id: AccountId) -> None:
    """Send somewhere else."""
    with _book(account_id) as book:
        book.change_url(account_id, endpoint_id, url, AUTHOR)
    out.print(f"{endpoint_id} goes to {url}", markup=False)


@endpoint.command("enable")
def endpoint_enable(endpoint_id: EndpointId, account_id: AccountId) -> None:
    """Switch an endpoint on again."""
    with _book(account_id) as book:
        book.switch(account_id, endpoint_id, AUTHOR, on=True)
    out.print(f"{endpoint_id} is on", markup=False)


@endpoint.command("disable")
def endpoint_disable(endpoint_id: EndpointId, account_id: AccountId) -> None:
    """Switch an endpoint off: its webhooks become dead letters."""
    with _book(account_id) as book:
        book.switch(account_id, endpoint_id, AUTHOR, on=False)
    out.print(f"{endpoint_id} is off", markup=False)


@endpoint.command("list")
def endpoint_list(account_id: AccountId, as_json: AsJson = False) -> None:
    """List the endpoints of an account; never their secrets."""
    with _book(account_id) as book:
        found = [(one.id, Endpoint.of(one.body)) for one in book.definitions.of_kind(KIND, account_id)]
    rows = [
        {
            "id": id_,
            "url": one.url,
            "status": one.status.value,
            "reason": one.disabled_reason.value if one.disabled_reason else None,
            "secrets": len(one.secrets),
            "description": one.description,
        }
        for id_, one in found
    ]
    print_rows(rows, as_json)


@endpoint.command("test")
def endpoint_test(endpoint_id: EndpointId, account_id: AccountId) -> None:
    """Send a test event; prints its id, under which the delivery log shows what became of it."""
    with _book(account_id) as book:
        book.find(account_id, endpoint_id)
    settings = Settings()
    try:
        print(send_test(codec_of(settings), kafka_of(settings), account_id, endpoint_id))
    except NotSent as error:
        raise failed(str(error)) from None


@endpoint.command("resend")
def endpoint_resend(
    partition: Annotated[int, typer.Option(help="source_partition of the delivery.")],
    offset: Annotated[int, typer.Option(help="source_offset of the delivery.")],
    round_: Annotated[int, typer.Option("--round", help="Its round plus one; asking twice sends once.")] = 1,
) -> None:
    """Send an action again under the same id, whatever became of it."""
    try:
        resend(kafka_of(Settings()), partition, offset, round_)
    except NotSent as error:
        raise failed(str(error)) from None
    out.print("taken")


@contextmanager
def _book(account_id: str) -> Iterator[EndpointBook]:
    settings, mine = Settings(), WebhookSettings()
    definitions = Definitions(codec_of(settings), kafka_of(settings))
    try:
        definitions.start()
        if definitions.get(account_id, ACCOUNT, account_id) is None:
            raise NoEndpoint(f"there is no account {account_id}; `latido account list` shows them")
        yield EndpointBook(definitions, Sealer.of(mine), Rules(mine.webhooks_allow_private))
    except Conflict:
        raise failed("it exists already, or somebody changed it at the same time") from None
    except (UrlRefused, AddressRefused, NoEndpoint, DefinitionsUnavailable, ValueError) as error:
        raise failed(str(error)) from None
    finally:
        definitions.stop()
