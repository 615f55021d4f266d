"""Every metric of Latido, declared once: name, labels, unit, and what to do when it moves.

Labels never hold an account, contact or record id. A process makes one `Metrics` and hands it on; tests make
their own, so that none sees another's counts.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info

CHUNK_RECORDS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000)
STAGE_SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30)
LATENCY_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300, 900, 3_600)
BATCH_ROWS = (1, 10, 100, 500, 1_000, 5_000, 10_000, 50_000, 100_000, 500_000)


class Stage(StrEnum):
    """What a chunk goes through; values of the label `stage`."""

    DECODE = "decode"
    FOLD = "fold"
    ENCODE = "encode"
    PRODUCE = "produce"
    COMMIT = "commit"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class Declared:
    """A metric as it stands in the table below."""

    kind: type[Counter] | type[Gauge] | type[Histogram]
    name: str
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()

    def make(self, registry: CollectorRegistry) -> Counter | Gauge | Histogram:
        """The live metric in a registry."""
        if self.kind is Histogram:
            return Histogram(self.name, self.help, self.labels, registry=registry, buckets=self.buckets)
        return self.kind(self.name, self.help, self.labels, registry=registry)


def _counter(name: str, text: str, *labels: str) -> Declared:
    return Declared(Counter, name, text, labels)


def _gauge(name: str, text: str, *labels: str) -> Declared:
    return Declared(Gauge, name, text, labels)


def _histogram(name: str, buckets: tuple[float, ...], text: str, *labels: str) -> Declared:
    return Declared(Histogram, name, text, labels, buckets)


DECLARED: dict[str, Declared] = {
    "events_in": _counter(
        "latido_events_in_total",
        "Records read. Flat while producers send: see latido_lag_seconds and the broker.",
        "topic",
    ),
    "events_applied": _counter(
        "latido_events_applied_total",
        "Records that changed state. Falls behind events in: see deduplicated and dead-lettered.",
        "topic",
    ),
    "events_deduplicated": _counter(
        "latido_events_deduplicated_total",
        "Records already known or older than what is known. A jump: a sender repeats itself.",
        "topic",
    ),
    "events_too_late": _counter(
        "latido_events_too_late_total",
        "Interactions older than 90 days, left out. A jump: a channel delivers very late, or loads history.",
        "topic",
    ),
    "events_rerouted": _counter(
        "latido_events_rerouted_total",
        "Records on a partition that murmur2 would not choose, sent on. Set the producer's partitioner.",
        "topic",
    ),
    "events_dead_lettered": _counter(
        "latido_events_dead_lettered_total",
        "Records that could not be used. Look at them with `latido dlq list`, fix the sender, re-drive.",
        "topic",
        "reason",
    ),
    "chunk_records": _histogram(
        "latido_chunk_records",
        CHUNK_RECORDS,
        "Records a chunk. Large: the worker is catching up; always one: chunking does not work.",
        "topic",
    ),
    "stage_seconds": _histogram(
        "latido_stage_seconds",
        STAGE_SECONDS,
        "Time a chunk spends in a stage. The one that grew is the one to look at.",
        "stage",
    ),
    "transaction_seconds": _histogram(
        "latido_transaction_seconds",
        STAGE_SECONDS,
        "Begin to commit of a Kafka transaction. Rising: the broker is slow or transactions are too many.",
    ),
    "lag_seconds": _gauge(
        "latido_lag_seconds",
        "Age of the oldest record not yet applied, 0 if none. Rising on all: add workers; on one: a hot key.",
        "topic",
        "partition",
    ),
    "caught_up_age_seconds": _gauge(
        "latido_caught_up_age_seconds",
        "Seconds since nothing unread was left. Rising on one partition only: see its lag and blocked state.",
        "partition",
    ),
    "segment_changes": _counter(
        "latido_segment_changes_total",
        "Segment changes by cause. A burst of recalibration or amendment: somebody changed rules or data.",
        "cause",
    ),
    "automation_actions": _counter(
        "latido_automation_actions_total",
        "Decisions of automations by kind. Many suppressed or missed: see their reasons.",
        "kind",
    ),
    "texts_scored": _counter(
        "latido_texts_scored_total",
        "Texts of interactions judged, by sentiment. All alike after a release: look at the lexicon.",
        "kind",
    ),
    "restores": _counter(
        "latido_restores_total",
        "Partition states restored. Rising steadily: workers restart or rebalance; read their logs.",
    ),
    "restored_records": _counter(
        "latido_restored_records_total",
        "Changelog records read by restores. Far above the number of contacts and orders: compaction lags.",
        "topic",
    ),
    "stalls": _counter(
        "latido_stalls_total",
        "Partitions behind their end that made no progress; the process exits. Repeated: read the log.",
    ),
    "gaps": _counter(
        "latido_gaps_total",
        "Chunks that began beyond the watermark. One after a pause is normal; repeated: a truncated topic.",
        "topic",
    ),
    "blocked_partitions": _gauge(
        "latido_blocked_partitions",
        "Partitions paused, for most of their records are unusable. The deploy or a sender is wrong: fix it; "
        "they go on by themselves.",
    ),
    "rebalances": _counter(
        "latido_rebalances_total",
        "Changes of the assignment. Repeated without deploys: workers die or miss heartbeats.",
    ),
    "clock_day_age_seconds": _gauge(
        "latido_clock_day_age_seconds",
        "How long the most overdue local midnight has been waiting to be applied. Above an hour: see lag.",
    ),
    "contacts_held": _counter(
        "latido_contacts_held_total",
        "Contacts that no midnight or new model could be applied to; they stand still, the others go on. "
        "A fault of Latido: report the error in the log; a restart with the fix catches up.",
    ),
    "schema_registry_errors": _counter(
        "latido_schema_registry_errors_total",
        "Questions the schema registry did not answer. Consumers pause until it does: restore it.",
    ),
    "sink_rows": _counter(
        "latido_sink_rows_total",
        "Rows inserted into ClickHouse. Flat while changes flow: see errors and lag of the sink.",
        "table",
    ),
    "sink_batch_rows": _histogram(
        "latido_sink_batch_rows",
        BATCH_ROWS,
        "Rows an insert. Small under load: too many parts; raise the batch age.",
        "table",
    ),
    "sink_insert_seconds": _histogram(
        "latido_sink_insert_seconds",
        STAGE_SECONDS,
        "Time of an insert. Rising: ClickHouse merges or its disk are behind.",
        "table",
    ),
    "sink_errors": _counter(
        "latido_sink_errors_total",
        "Inserts that failed and are tried again. Rising: ClickHouse is away or refuses; nothing is lost.",
        "table",
    ),
    "sink_lag_records": _gauge(
        "latido_sink_lag_records",
        "Records the sink has not inserted yet. Rising: one sink is too few, or ClickHouse too slow.",
        "topic",
        "partition",
    ),
    "queryable_seconds": _histogram(
        "latido_event_to_queryable_seconds",
        LATENCY_SECONDS,
        "Arrival of an event to its row in ClickHouse. High: compare lag of the worker and of the sink.",
    ),
    "webhook_attempts": _counter(
        "latido_webhook_attempts_total",
        "Turns of webhooks by outcome. Many of one outcome but delivered: look at the delivery log.",
        "reason",
    ),
    "webhooks_ended": _counter(
        "latido_webhooks_ended_total",
        "Webhooks that ended, by how. Failed ones are dead letters: mend the endpoint, then re-drive.",
        "reason",
    ),
    "webhooks_repeated": _counter(
        "latido_webhooks_repeated_total",
        "Actions already known, not sent again. A jump: somebody replays actions; nothing is to be done.",
    ),
    "webhooks_pending": _gauge(
        "latido_webhooks_pending",
        "Webhooks that wait for an attempt. Rising: endpoints are down, or one is too slow.",
    ),
    "webhook_circuits_open": _gauge(
        "latido_webhook_circuits_open",
        "Endpoints that count as down. They are tried again by themselves; tell who runs them.",
    ),
    "webhook_attempt_seconds": _histogram(
        "latido_webhook_attempt_seconds",
        LATENCY_SECONDS,
        "Time of one request. High: endpoints answer slowly; their limits say how long they may.",
    ),
    "webhook_delivery_seconds": _histogram(
        "latido_webhook_delivery_seconds",
        LATENCY_SECONDS,
        "From when an action was due to its delivery. High at the low end: add dispatchers or CPU.",
    ),
}


@dataclass(slots=True)
class Metrics:
    """All metrics in one registry. Attributes are made from DECLARED; serve `registry` on /metrics."""

    registry: CollectorRegistry = field(default_factory=lambda: CollectorRegistry(auto_describe=True))
    events_in: Counter = field(init=False)
    events_applied: Counter = field(init=False)
    events_deduplicated: Counter = field(init=False)
    events_too_late: Counter = field(init=False)
    events_rerouted: Counter = field(init=False)
    events_dead_lettered: Counter = field(init=False)
    chunk_records: Histogram = field(init=False)
    stage_seconds: Histogram = field(init=False)
    transaction_seconds: Histogram = field(init=False)
    lag_seconds: Gauge = field(init=False)
    caught_up_age_seconds: Gauge = field(init=False)
    segment_changes: Counter = field(init=False)
    automation_actions: Counter = field(init=False)
    texts_scored: Counter = field(init=False)
    restores: Counter = field(init=False)
    restored_records: Counter = field(init=False)
    stalls: Counter = field(init=False)
    gaps: Counter = field(init=False)
    blocked_partitions: Gauge = field(init=False)
    rebalances: Counter = field(init=False)
    clock_day_age_seconds: Gauge = field(init=False)
    contacts_held: Counter = field(init=False)
    schema_registry_errors: Counter = field(init=False)
    sink_rows: Counter = field(init=False)
    sink_batch_rows: Histogram = field(init=False)
    sink_insert_seconds: Histogram = field(init=False)
    sink_errors: Counter = field(init=False)
    sink_lag_records: Gauge = field(init=False)
    queryable_seconds: Histogram = field(init=False)
    webhook_attempts: Counter = field(init=False)
    webhooks_ended: Counter = field(init=False)
    webhooks_repeated: Counter = field(init=False)
    webhooks_pending: Gauge = field(init=False)
    webhook_circuits_open: Gauge = field(init=False)
    webhook_attempt_seconds: Histogram = field(init=False)
    webhook_delivery_seconds: Histogram = field(init=False)
    build: Info = field(init=False)

    def __post_init__(self) -> None:
        for attribute, declared in DECLARED.items():
            setattr(self, attribute, declared.make(self.registry))
        self.build = Info("latido_build", "What runs here: version and job.", registry=self.registry)
