"""The monitor's parts, as the process that owns the database has them."""

from dataclasses import dataclass

from schemas.definitions_topic import Definitions
from schemas.metrics import Metrics
from schemas.rehearsal import Rehearsals
from sinks.clickhouse.database import Database
from sinks.clickhouse.progress import Progress
from sinks.clickhouse.queries import Queries
from sinks.clickhouse.report import Reports
from sinks.clock import Clock
from sinks.monitor.assets import Assets
from sinks.monitor.audit import ClickHouseAudit
from sinks.monitor.authenticator import LocalAuthenticator
from sinks.monitor.figures.latency import Latency
from sinks.monitor.parts import Models, Parts
from sinks.monitor.passwords import Passwords
from sinks.monitor.people import People
from sinks.monitor.sessions import SqliteSessions
from sinks.monitor.settings import MonitorSettings
from sinks.monitor.throttle import Throttle
from sinks.webhooks.addresses import Rules
from sinks.webhooks.book import EndpointBook
from sinks.webhooks.outbox import Outbox
from sinks.webhooks.sealing import Sealer
from sinks.webhooks.settings import WebhookSettings


@dataclass(frozen=True, slots=True)
class MonitorOptions:
    """What the composition root says about the monitor."""

    settings: MonitorSettings
    models: Models
    webhooks: WebhookSettings
    rehearsals: Rehearsals


def assemble(
    options: MonitorOptions,
    database: Database,
    definitions: Definitions,
    progress: Progress,
    metrics: Metrics,
    clock: Clock,
    outbox: Outbox,
) -> Parts:
    """Everything the routes use. AssetsMissing if `make assets` has not been run."""
    rules = Rules(options.webhooks.webhooks_allow_private)
    settings, queries, passwords = options.settings, Queries(database), Passwords()
    return Parts(
        settings=settings,
        definitions=definitions,
        queries=queries,
        reports=Reports(queries, clock),
        progress=progress,
        clock=clock,
        sessions=SqliteSessions(
            settings.session_file, idle=settings.session_idle, absolute=settings.session_absolute
        ),
        audit=ClickHouseAudit(database),
        authenticator=LocalAuthenticator(People(definitions), passwords, Throttle()),
        passwords=passwords,
        models=options.models,
        assets=Assets(settings.built_dir),
        latency=Latency(metrics.queryable_seconds),
        endpoints=EndpointBook(definitions, Sealer.of(options.webhooks), rules),
        outbox=outbox,
        rehearsals=options.rehearsals,
    )
