"""`latido bench`."""

from typing import Annotated

import typer

from streams.cli.context import failed, out

NAMES = "throughput, peers, latency, growth, restart, midnight, recalibration, automations, texts, all"


def bench(
    scenarios: Annotated[list[str] | None, typer.Argument(help=f"{NAMES}; all if none is named.")] = None,
    quick: Annotated[bool, typer.Option(help="Smaller samples: minutes, not an hour.")] = False,
) -> None:
    """Measure this machine: rates, latency, restart. Needs a checkout, and `make jars`."""
    from deploy.local.bench import command  # noqa: PLC0415 - what runs Latido is no part of a worker

    try:
        command.run([command.Scenario(name) for name in scenarios or []], quick, out)
    except (RuntimeError, OSError, ValueError) as error:
        raise failed(str(error)) from None
