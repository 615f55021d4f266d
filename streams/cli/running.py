"""`latido worker` and `latido sink`: the processes.

What they are made of is loaded when they run: it takes longer than most other commands take in all.
"""

from enum import StrEnum
from typing import Annotated

import typer

from streams.cli.context import codec_of
from streams.settings import Settings


class Agent(StrEnum):
    """What a worker may run; each is a consumer group of its own."""

    ACTIVITY = "activity"
    AUTOMATIONS = "automations"
    SENTIMENT = "sentiment"


def worker(
    agent: Annotated[
        Agent,
        typer.Option(
            envvar="LATIDO_AGENT",
            help="activity: events in, profiles and changes out; automations: changes in, actions out; "
            "sentiment: interactions with a text and no score in, the same with a score out.",
        ),
    ] = Agent.ACTIVITY,
) -> None:
    """Run one agent: profiles and changes out of events, actions out of changes, or scores out of texts."""
    from streams.cli import worker_process  # noqa: PLC0415 - see above

    worker_process.run(agent.value)


def sink() -> None:
    """Run the sink: topics into ClickHouse, and the API that answers from it."""
    from sinks.clickhouse.service import run_sink  # noqa: PLC0415 - see above
    from sinks.monitor.assembly import MonitorOptions  # noqa: PLC0415 - see above
    from sinks.monitor.settings import MonitorSettings  # noqa: PLC0415 - see above
    from sinks.settings import SinkSettings  # noqa: PLC0415 - see above
    from sinks.webhooks.settings import WebhookSettings  # noqa: PLC0415 - see above
    from streams.cli.monitor_models import AccountModels  # noqa: PLC0415 - see above
    from streams.rehearsal.living import Rehearsal  # noqa: PLC0415 - see above

    monitor = MonitorOptions(MonitorSettings(), AccountModels(), WebhookSettings(), Rehearsal())
    run_sink(SinkSettings(), codec_of(Settings()), monitor)
