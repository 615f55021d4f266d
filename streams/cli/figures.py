"""`latido report` and `latido verify`."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from schemas.definitions_topic import DefinitionsUnavailable
from sinks.client import ApiError, SinkClient
from sinks.settings import SinkSettings
from streams.cli.context import AccountId, AsJson, codec_of, err, failed, kafka_of, out
from streams.settings import Settings

if TYPE_CHECKING:
    from streams.verify import Drift


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
        raise failed(str(error)) from None
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
        out.print(_table(section))


def verify(as_json: AsJson = False) -> None:
    """Recompute everything from the log and compare; exit 1 unless nothing drifts."""
    from streams import verify as verification  # noqa: PLC0415 - no other process needs to load it

    settings, sink_settings = Settings(), SinkSettings()
    token = sink_settings.api_token.get_secret_value() if sink_settings.api_token else None
    address = f"http://{sink_settings.api_host}:{sink_settings.api_port}"
    try:
        drift = verification.verify(
            kafka_of(settings),
            codec_of(settings),
            verification.VerifyOptions(sink_url=address, sink_token=token),
            lambda line: err.print(line, markup=False),
        )
    except (verification.VerifyFailed, DefinitionsUnavailable) as error:
        raise failed(str(error)) from None
    print(drift.to_json() if as_json else drift.to_text())
    _leave(drift, sink_settings)
    if drift.total:
        raise typer.Exit(1)


def _leave(drift: "Drift", settings: SinkSettings) -> None:
    """Tell the sink, whose monitor shows it; the verdict stands without it."""
    try:
        SinkClient(settings).verified(
            drift=drift.total,
            events=drift.events,
            contacts=drift.contacts,
            clickhouse_rows=drift.clickhouse_rows,
        )
    except ApiError as error:
        err.print(f"the monitor does not learn of it: {error}", markup=False)


def _table(section: dict[str, Any]) -> Table:
    table = Table(show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, value in section.items():
        table.add_row(name, "-" if value is None else str(value))
    return table
