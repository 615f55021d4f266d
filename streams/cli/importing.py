"""`latido import`."""

import csv
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from schemas.codec import Codec
from sinks.gateway.csv_orders import Importer, NotOrders, RowError
from sinks.gateway.publish import OrderPublisher, PublishFailed
from streams.cli.context import AccountId, accounts_of, codec_of, err, failed, out
from streams.settings import Settings

ERRORS_SHOWN = 10


def import_orders(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV file, see README.")],
    account_id: AccountId,
    live: Annotated[bool, typer.Option(help="News, not history: changes may fire automations.")] = False,
) -> None:
    """Publish the orders of a CSV file. Rows that cannot be used go to FILE.errors.csv; exit 1 if any."""
    settings = Settings()
    codec = codec_of(settings)
    found = accounts_of(settings, codec).accounts.get(account_id)
    if found is None:
        raise failed(f"there is no account {account_id}; create it with `latido account create`")
    importer = Importer(account_id, ZoneInfo(found.calendar.zone), found.currency, backfill=not live)
    try:
        sent, errors = _publish(codec, settings, importer, file)
    except (NotOrders, PublishFailed, UnicodeDecodeError, csv.Error) as error:
        raise failed(f"{file}: {error}") from None
    out.print(f"{sent} orders published, {len(errors)} rows left out", markup=False)
    if errors:
        raise failed(_report_errors(file, errors))


def _publish(codec: Codec, settings: Settings, importer: Importer, file: Path) -> tuple[int, list[RowError]]:
    sent, errors = 0, []
    with file.open("rb") as counted:
        total = max(0, sum(block.count(b"\n") for block in iter(lambda: counted.read(1 << 20), b"")) - 1)
    columns = (TextColumn("importing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        file.open(encoding="utf-8-sig", newline="") as lines,
        Progress(*columns, console=err) as progress,
        OrderPublisher(codec, settings.bootstrap_servers) as publisher,
    ):
        task = progress.add_task("import", total=total)
        for row in importer.read(lines):
            if isinstance(row, RowError):
                errors.append(row)
            else:
                publisher.send(row)
                sent += 1
            progress.advance(task)
    return sent, errors


def _report_errors(file: Path, errors: list[RowError]) -> str:
    report = file.with_name(f"{file.name}.errors.csv")
    with report.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("line", "column", "problem"))
        writer.writerows((error.line, error.column, error.problem) for error in errors)
    shown = [f"line {e.line}, {e.column or 'row'}: {e.problem}" for e in errors[:ERRORS_SHOWN]]
    more = len(errors) - len(shown)
    return "\n".join([*shown, f"and {more} more; " * bool(more) + f"all of them are in {report}"])
