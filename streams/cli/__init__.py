"""The command `latido`: the composition root, the one place that sees streams and sinks."""

import typer
from pydantic_settings import BaseSettings

from sinks.monitor.settings import MonitorSettings
from sinks.settings import SinkSettings
from sinks.webhooks.settings import WebhookSettings
from streams.cli import benchmark, figures, importing, replaying, running
from streams.cli.accounts import account
from streams.cli.automations import automation
from streams.cli.dlq import dlq
from streams.cli.models import model
from streams.cli.sentiment import sentiment
from streams.cli.topics import topics
from streams.cli.users import user
from streams.cli.webhooks import endpoint, webhooks
from streams.settings import Settings


def _settings_help() -> str:
    lines: dict[str, str] = {}
    models: tuple[type[BaseSettings], ...] = (Settings, SinkSettings, MonitorSettings, WebhookSettings)
    for described in models:
        for name, info in described.model_fields.items():
            default = "" if info.default is None else f" Default: {info.default}."
            prefix = described.model_config.get("env_prefix", "")
            lines.setdefault(f"{prefix}{name}".upper(), f"{info.description}{default}")
    told = [f"{name}: {text}" for name, text in sorted(lines.items())]
    return "\n\n".join(["Settings come from the environment:", *told])


app = typer.Typer(
    help="Latido keeps the RFM profile of every contact current and says why it changes.",
    epilog=_settings_help(),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(topics, name="topics")
app.add_typer(account, name="account")
app.add_typer(model, name="model")
app.add_typer(user, name="user")
app.add_typer(sentiment, name="sentiment")
app.add_typer(automation, name="automation")
app.add_typer(endpoint, name="endpoint")
app.command()(running.worker)
app.command()(running.sink)
app.command()(webhooks)
app.command("import")(importing.import_orders)
app.command()(figures.report)
app.command()(figures.verify)
app.command()(replaying.replay)
app.add_typer(dlq, name="dlq")
app.command()(benchmark.bench)


def main() -> None:
    """Entry point of the console script."""
    app(prog_name="latido")
