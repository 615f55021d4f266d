"""All partitions, one at a time, then ClickHouse."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any

from schemas.codec import Codec
from schemas.records import Topic
from streams.definitions.accounts import Accounts
from streams.rfm.batch import recompute
from streams.verify.clickhouse import ClickHouseCheck
from streams.verify.compare import compare
from streams.verify.drift import Drift, Finding
from streams.verify.inputs import read_inputs
from streams.verify.log import Log
from streams.verify.pin import Pinned, Pinner
from streams.verify.sink_client import SinkClient

_ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """`sink_url` None leaves ClickHouse out. `settle_seconds`: how long a midnight may take to be applied."""

    sink_url: str | None = None
    sink_token: str | None = None
    settle_seconds: float = 60.0
    sink_seconds: float = 120.0
    log_seconds: float = 60.0


def verify(
    kafka: Mapping[str, Any],
    codec: Codec,
    options: VerifyOptions,
    told: Callable[[str], None] = lambda _line: None,
) -> Drift:
    """Compare the whole pipeline with a recomputation; `told` hears of progress.

    `kafka`: client settings, `bootstrap.servers` at least. VerifyFailed, DefinitionsUnavailable: the
    comparison could not be made.
    """
    log, definitions = Log(kafka, options.log_seconds), Accounts(codec, kafka)
    definitions.start()
    try:
        with TemporaryDirectory(prefix="latido-verify-") as folder:
            rows = ClickHouseCheck(log, codec, folder) if options.sink_url else None
            drift = Drift(partitions=log.partitions(Topic.ORDERS))
            for partition in range(drift.partitions):
                work = _Partition(log, codec, definitions, Pinner(log, codec, partition))
                pinned, part = work.verify(options.settle_seconds)
                drift.include(part)
                if rows:
                    rows.keep(pinned)
                told(f"partition {partition}: {part.events} events, drift {part.total}")
            if rows and options.sink_url:
                _clickhouse(rows, definitions, options, drift)
                told(f"ClickHouse: {drift.clickhouse_rows} rows, drift {drift.total}")
            return drift
    finally:
        log.close()
        definitions.stop()


def _clickhouse(rows: ClickHouseCheck, definitions: Accounts, options: VerifyOptions, drift: Drift) -> None:
    sink = SinkClient(options.sink_url or "", options.sink_token)
    try:
        definitions.catch_up()
        rows.compare(sink, definitions.accounts, options.sink_seconds, drift)
    finally:
        sink.close()
        rows.close()


@dataclass(frozen=True, slots=True)
class _Partition:
    log: Log
    codec: Codec
    definitions: Accounts
    pinner: Pinner

    def verify(self, settle_seconds: float) -> tuple[Pinned, Drift]:
        """Pin, recompute and compare, again while a moving key disagrees."""
        attempts = _ATTEMPTS
        while True:
            pinned = self.pinner.pin(settle_seconds)
            self.definitions.catch_up()
            part, undecided = self._judge(pinned)
            attempts -= 1
            if not undecided or not attempts:
                part.add(undecided)
                return pinned, part

    def _judge(self, pinned: Pinned) -> tuple[Drift, list[Finding]]:
        accounts = self.definitions.accounts
        inputs = read_inputs(self.log, self.codec, accounts, pinned)
        facts = recompute(accounts, inputs.usable, pinned.steps)
        in_force = sum(len(told.ledger) for told in facts.values())
        part = Drift(
            contacts=len(facts),
            events=inputs.events,
            in_force=in_force,
            superseded=len(inputs.usable) - in_force,
            dead_lettered=inputs.dead_lettered,
            changes=len(pinned.changes),
        )
        part.add(inputs.findings)
        undecided = []
        for finding, is_moving in compare(pinned, facts, accounts):
            if is_moving:
                undecided.append(finding)
            else:
                part.add([finding])
        return part, undecided
