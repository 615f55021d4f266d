"""The command `latido`: the composition root, the one module that sees streams and sinks."""

import csv
import gc
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from pydantic_settings import BaseSettings
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from schemas import provision
from schemas.codec import Codec
from schemas.definitions_topic import Conflict, DefinitionsUnavailable, Edit
from schemas.metrics import Metrics
from schemas.registry import RegistrySchemas
from sinks.clickhouse.service import run_sink
from sinks.client import ApiError, SinkClient
from sinks.gateway.csv_orders import Importer, NotOrders, RowError
from sinks.gateway.publish import OrderPublisher, PublishFailed
from sinks.settings import SinkSettings
from streams import dead_letters
from streams.agents.activity import activity
from streams.app import run_worker
from streams.definitions.accounts import ACCOUNT, Accounts
from streams.rfm.account import Account
from streams.settings import Settings
from streams.verify.drift import VerifyFailed
from streams.verify.run import VerifyOptions
from streams.verify.run import verify as run_verification

ERRORS_SHOWN = 10
COMMAND_LINE = "cli"

_out = Console()
_err = Console(stderr=True)


def _settings_help() -> str:
    lines = ["Settings come from the environment:\n"]
    seen: dict[str, str] = {}
    for model in (Settings, SinkSettings):
        fields: type[BaseSettings] = model
        for name, info in fields.model_fields.items():
            default = "" if info.default is None else f" Default: {info.default}."
            seen.setdefault(f"LATIDO_{name.upper()}", f"{info.description}{default}")
    return "\n\n".join(lines + [f"{name}: {text}" for name, text in sorted(seen.items())])


app = typer.Typer(
    help="Latido keeps the RFM profile of every contact current and says why it changes.",
    epilog=_settings_help(),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
topics = typer.Typer(help="Kafka topics, as schemas/topics.yaml declares them.", no_args_is_help=True)
account = typer.Typer(help="Accounts: whose contacts Latido keeps.", no_args_is_help=True)
dlq = typer.Typer(help="Dead letters: input that could not be used.", no_args_is_help=True)
app.add_typer(topics, name="topics")
app.add_typer(account, name="account")
app.add_typer(dlq, name="dlq")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
AccountId = Annotated[str, typer.Option("--account", help="Account id.")]


def _codec(settings: Settings) -> Codec:
    return Codec(RegistrySchemas.at(settings.registry_url) if settings.registry_url else None)


def _kafka(settings: Settings) -> dict[str, Any]:
    return {"bootstrap.servers": settings.bootstrap_servers}


def _accounts(settings: Settings, codec: Codec) -> Accounts:
    accounts = Accounts(codec, _kafka(settings))
    accounts.start()
    return accounts


def _fail(message: str) -> typer.Exit:
    _err.print(message, style="red", markup=False)
    return typer.Exit(1)


@topics.command("apply")
def topics_apply() -> None:
    """Create missing topics and bring settings in line. Safe to repeat."""
    settings = Settings()
    for line in provision.apply(settings.bootstrap_servers, settings.partitions):
        _out.print(line, markup=False)


@topics.command("check")
def topics_check() -> None:
    """Say where topics differ from what is declared; exit 1 if they do."""
    settings = Settings()
    drift = provision.check(settings.bootstrap_servers, settings.partitions)
    for line in drift:
        _err.print(line, markup=False)
    if drift:
        raise typer.Exit(1)
    _out.print("topics are as declared")


@app.command()
def worker() -> None:
    """Run the agent `activity`: events in, profiles and segment changes out."""
    # State is many small long-lived tuples: collecting them again and again would cost a third of the time.
    gc.set_threshold(100_000, 50, 100)
    settings = Settings()
    codec = _codec(settings)
    metrics = Metrics()
    accounts = _accounts(settings, codec)
    application = activity(codec, accounts, metrics, settings.dead_letter_share, settings.dead_letter_least)
    run_worker(application, settings, metrics)


@app.command()
def sink() -> None:
    """Run the sink: topics into ClickHouse, and the API that answers from it."""
    run_sink(SinkSettings())


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
    codec = _codec(settings)
    try:
        stated = {"r": _cuts(recency_cuts), "f": _cuts(frequency_cuts), "m": _cuts(value_cuts)}
        body = {
            "name": name or account_id,
            "time_zone": time_zone,
            "currency": currency,
            "language": language,
            "cuts": {axis: cuts for axis, cuts in stated.items() if cuts} or None,
        }
        Account.from_body(account_id, body)
        at_ms = time.time_ns() // 1_000_000
        _accounts(settings, codec).edit(Edit(account_id, ACCOUNT, account_id, 0, COMMAND_LINE, at_ms, body))
    except Conflict:
        raise _fail(f"the account {account_id} exists already; `latido account list` shows it") from None
    except (ValueError, DefinitionsUnavailable) as error:
        raise _fail(str(error)) from None
    _out.print(f"account {account_id}: {time_zone}, {currency}", markup=False)


@account.command("list")
def account_list(as_json: AsJson = False) -> None:
    """List accounts with zone, currency and cuts."""
    settings = Settings()
    accounts = sorted(_accounts(settings, _codec(settings)).accounts.values(), key=lambda a: a.id)
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
    _print_rows(rows, as_json)


@app.command("import")
def import_orders(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV file, see README.")],
    account_id: AccountId,
    live: Annotated[bool, typer.Option(help="News, not history: changes may fire automations.")] = False,
) -> None:
    """Publish the orders of a CSV file. Rows that cannot be used go to FILE.errors.csv; exit 1 if any."""
    settings = Settings()
    codec = _codec(settings)
    found = _accounts(settings, codec).accounts.get(account_id)
    if found is None:
        raise _fail(f"there is no account {account_id}; create it with `latido account create`")
    importer = Importer(account_id, ZoneInfo(found.calendar.zone), found.currency, backfill=not live)
    try:
        sent, errors = _publish(codec, settings, importer, file)
    except (NotOrders, PublishFailed, UnicodeDecodeError, csv.Error) as error:
        raise _fail(f"{file}: {error}") from None
    _out.print(f"{sent} orders published, {len(errors)} rows left out", markup=False)
    if errors:
        raise _fail(_report_errors(file, errors))


def _publish(codec: Codec, settings: Settings, importer: Importer, file: Path) -> tuple[int, list[RowError]]:
    sent, errors = 0, []
    with file.open("rb") as counted:
        total = max(0, sum(block.count(b"\n") for block in iter(lambda: counted.read(1 << 20), b"")) - 1)
    columns = (TextColumn("importing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        file.open(encoding="utf-8-sig", newline="") as lines,
        Progress(*columns, console=_err) as progress,
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


@app.command()
def report(
    account_id: AccountId,
    period: Annotated[str, typer.Option(help="yesterday, last_7_days, ..., last_90_days.")] = "last_30_days",
    first: Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day, YYYY-MM-DD.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print the monitor's figures of an account, from ClickHouse."""
    try:
        figures = SinkClient(SinkSettings()).report(account_id, period, first, last)
    except ApiError as error:
        raise _fail(str(error)) from None
    if as_json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    sales = figures.pop("sales")
    for section in (
        figures.pop("groups"),
        figures.pop("segments"),
        figures,
        {**sales.pop("period"), **sales},
    ):
        _out.print(_table(section))


@app.command()
def verify(as_json: AsJson = False) -> None:
    """Recompute everything from the log and compare; exit 1 unless nothing drifts."""
    settings, sink_settings = Settings(), SinkSettings()
    token = sink_settings.api_token.get_secret_value() if sink_settings.api_token else None
    address = f"http://{sink_settings.api_host}:{sink_settings.api_port}"
    try:
        drift = run_verification(
            _kafka(settings),
            _codec(settings),
            VerifyOptions(sink_url=address, sink_token=token),
            lambda line: _err.print(line, markup=False),
        )
    except (VerifyFailed, DefinitionsUnavailable) as error:
        raise _fail(str(error)) from None
    print(drift.to_json() if as_json else drift.to_text())
    if drift.total:
        raise typer.Exit(1)


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
    _print_rows(rows, as_json)


@dlq.command("redrive")
def dlq_redrive(
    account_id: Annotated[str | None, typer.Option("--account", help="Only of this account.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only with this reason.")] = None,
) -> None:
    """Send dead letters to their topics again, after the fix. Sending one twice changes nothing."""
    settings = Settings()
    sent = dead_letters.redrive(_kafka(settings), _chosen(settings, account_id, reason))
    _out.print(f"{sent} records sent again")


def _chosen(settings: Settings, account_id: str | None, reason: str | None) -> Iterator[dict[str, Any]]:
    for letter in dead_letters.letters(_codec(settings), _kafka(settings)):
        if account_id in (None, letter["account_id"]) and reason in (None, letter["reason"]):
            yield letter


def _cuts(text: str) -> list[int] | None:
    try:
        return [int(part) for part in text.split(",")] if text else None
    except ValueError:
        raise ValueError(f"{text!r}: four whole numbers with commas") from None


def _print_rows(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    if not rows:
        _out.print("none")
        return
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    _out.print(table)


def _table(section: dict[str, Any]) -> Table:
    table = Table(show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, value in section.items():
        table.add_row(name, "-" if value is None else str(value))
    return table


def main() -> None:
    """Entry point of the console script."""
    app(prog_name="latido")


if __name__ == "__main__":
    main()
