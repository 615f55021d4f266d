"""All partitions, one at a time, then ClickHouse."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from schemas.codec import Codec
from schemas.records import Topic
from streams.definitions.accounts import Accounts
from streams.rfm.account import Account
from streams.rfm.batch import contact_facts, is_known, local_day, taggings, talks_on_record
from streams.rfm.batch_talks import is_too_late
from streams.rfm.history import Logged, histories
from streams.rfm.interactions import Interaction
from streams.verify.clickhouse import ClickHouseCheck
from streams.verify.compare import compare
from streams.verify.drift import Drift, Finding
from streams.verify.inputs import InputReader, Inputs
from streams.verify.log import Log
from streams.verify.milestones import check_milestones
from streams.verify.pin import Pinned, Pinner
from streams.verify.removals import check_removals
from streams.verify.rerouting import Rerouting
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
            drift, rerouting = Drift(partitions=log.partitions(Topic.ORDERS)), Rerouting(log)
            for partition in range(drift.partitions):
                pinner = Pinner(log, codec, partition)
                work = _Partition(log, codec, definitions, pinner, drift.partitions)
                pinned, inputs, part = work.verify(options.settle_seconds)
                drift.include(part)
                rerouting.keep(pinned, inputs)
                if rows:
                    rows.keep(pinned)
                told(f"partition {partition}: {part.events} events, drift {part.total}")
            drift.add(rerouting.check())
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
    partitions: int

    def verify(self, settle_seconds: float) -> tuple[Pinned, Inputs, Drift]:
        """Pin, recompute and compare, again while a moving key disagrees."""
        attempts = _ATTEMPTS
        while True:
            pinned = self.pinner.pin(settle_seconds)
            self.definitions.catch_up()
            inputs, part, undecided = self._judge(pinned)
            attempts -= 1
            if not undecided or not attempts:
                part.add(undecided)
                return pinned, inputs, part

    def _judge(self, pinned: Pinned) -> tuple[Inputs, Drift, list[Finding]]:
        accounts = self.definitions.accounts
        inputs = InputReader(self.log, self.codec, accounts, pinned, self.partitions).read()
        known = histories(accounts, inputs.usable, pinned.steps, self.definitions.models)
        facts = {contact: contact_facts(*history) for contact, history in known.items()}
        facts = {contact: told for contact, told in facts.items() if is_known(told)}
        talks = {contact: talks_on_record(known[contact]) for contact in facts}
        too_late = _too_late(pinned, accounts, inputs.usable)
        in_force = sum(
            len(told.ledger) + (told.card is not None) + len(talks[contact]) + taggings(known[contact])
            for contact, told in facts.items()
        )
        part = Drift(
            contacts=len(facts),
            events=inputs.events,
            in_force=in_force,
            superseded=len(inputs.usable) + len(inputs.removals) - in_force - too_late,
            too_late=too_late,
            rerouted=len(inputs.away),
            dead_lettered=inputs.dead_lettered,
            changes=len(pinned.changes),
            milestones=len(pinned.milestones),
        )
        part.add(inputs.findings)
        part.add(check_removals(pinned, inputs))
        part.add(check_milestones(pinned, accounts, inputs.usable, self.definitions.models))
        undecided = []
        for finding, is_moving in compare(pinned, facts, talks, accounts):
            if is_moving:
                undecided.append(finding)
            else:
                part.add([finding])
        return inputs, part, undecided


def _too_late(pinned: Pinned, accounts: Mapping[str, Account], usable: Sequence[Logged]) -> int:
    calendars = pinned.calendars()
    return sum(
        is_too_late(
            local_day(ZoneInfo(accounts[account_id].calendar.zone), event.occurred_at_ms),
            calendars[account_id].day_at(topic, offset),
        )
        for account_id, topic, offset, event in usable
        if isinstance(event, Interaction)
    )
