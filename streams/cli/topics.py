"""`latido topics`."""

import typer

from schemas import provision
from streams.cli.context import err, out
from streams.settings import Settings

topics = typer.Typer(help="Kafka topics, as schemas/topics.yaml declares them.", no_args_is_help=True)


@topics.command("apply")
def topics_apply() -> None:
    """Create missing topics and bring settings in line. Safe to repeat."""
    settings = Settings()
    for line in provision.apply(settings.bootstrap_servers, settings.partitions):
        out.print(line, markup=False)


@topics.command("check")
def topics_check() -> None:
    """Say where topics differ from what is declared; exit 1 if they do."""
    settings = Settings()
    drift = provision.check(settings.bootstrap_servers, settings.partitions)
    for line in drift:
        err.print(line, markup=False)
    if drift:
        raise typer.Exit(1)
    out.print("topics are as declared")
