"""`latido dlq`."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from streams import dead_letters
from streams.cli.context import AsJson, codec_of, failed, kafka_of, out, print_rows
from streams.settings import Settings
from streams.verify.drift import VerifyFailed

dlq = typer.Typer(help="Dead letters: input that could not be used.", no_args_is_help=True)


@dlq.command("list")
def dlq_list(
    account_id: Annotated[str | None, typer.Option("--account", help="Only of this account.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only with this reason.")] = None,
    limit: Annotated[int, typer.Option(help="Show at most so many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List dead letters: position, reason, what to do."""
    settings = Settings()
    rows: list[dict[str, Any]] = []
    for letter in _chosen(settings, account_id, reason):
        if len(rows) == limit:
            break
        at = datetime.fromtimestamp(letter["timestamp"] / 1000, UTC)
        position = f"{letter['topic']}/{letter['partition']}/{letter['offset']}"
        rows.append(
            {
                "position": position,
                "at": at.isoformat(timespec="seconds"),
                "reason": letter["reason"],
                "account": letter["account_id"],
                "detail": letter["detail"],
            }
        )
    print_rows(rows, as_json)


@dlq.command("redrive")
def dlq_redrive(
    account_id: Annotated[str | None, typer.Option("--account", help="Only of this account.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only with this reason.")] = None,
) -> None:
    """Send dead letters to their topics again, after the fix. Sending one twice changes nothing."""
    settings = Settings()
    try:
        sent = dead_letters.redrive(kafka_of(settings), _chosen(settings, account_id, reason))
    except TimeoutError as error:
        raise failed(str(error)) from error
    out.print(f"{sent} records sent again")


def _chosen(settings: Settings, account_id: str | None, reason: str | None) -> Iterator[dict[str, Any]]:
    try:
        for letter in dead_letters.letters(codec_of(settings), kafka_of(settings)):
            if account_id in (None, letter["account_id"]) and reason in (None, letter["reason"]):
                yield letter
    except VerifyFailed as error:
        raise failed(f"the dead letters could not be read: {error}") from error
