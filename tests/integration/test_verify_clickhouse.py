"""The ClickHouse half of `latido verify`, against the real sink with its embedded database."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.rfm.calendar import DAY_MS
from streams.verify import Drift, Kind, VerifyOptions, verify
from tests.fixtures.kafka import Kafka
from tests.integration.pipeline import NOON_MS, Pipeline
from tests.integration.sink_process import SinkProcess

PARTITIONS = 2
_RUN = """
import sys
from pathlib import Path
from sinks.clickhouse.database import Database
database = Database(path=Path(sys.argv[1]))
for sql in sys.argv[2:]:
    database.command(sql)
database.close()
"""


@pytest.fixture
def pipeline(kafka: Kafka) -> Iterator[Pipeline]:
    """Orders, interactions, contacts, milestones, and one contact who was removed."""
    made = Pipeline(kafka.provision(PARTITIONS))
    made.account("acme")
    made.define("milestone", "silence", {"days": [30]})
    for number in range(30):
        made.order(f"c{number % 10}", f"o{number}", placed_at=NOON_MS - number * DAY_MS)
        made.interaction(f"c{number % 10}", f"i{number}", stars=1 + number % 5)
    made.contact("c1", personal={"name": "Ana"}, tags=["vip"])
    made.contact("c4", tags=["vip", "b2b"])
    made.contact(
        "c5",
        consent=[{"channel": "email", "granted": True, "at": NOON_MS}, {"channel": "sms", "granted": False}],
    )
    made.contact("c6", personal={"name": "Eva", "phone": "+55"})
    made.order("c2", "o2", version=2, status="cancelled")
    made.work()
    made.remove("c3")
    made.work(NOON_MS + 40 * DAY_MS)
    yield made
    made.close()


@pytest.fixture
def sink(pipeline: Pipeline, tmp_path: Path) -> Iterator[SinkProcess]:
    """A sink that reads the pipeline's topics."""
    made = SinkProcess(pipeline.kafka["bootstrap.servers"], tmp_path)
    made.start()
    made.until(lambda: made.get("/internal/positions") is not None, "the API answers")
    yield made
    made.stop()


def drift_of(pipeline: Pipeline, sink: SinkProcess) -> Drift:
    """What verify says with the sink."""
    options = VerifyOptions(sink_url=sink.address, settle_seconds=1.0, sink_seconds=60.0, log_seconds=30.0)
    return verify(pipeline.kafka, pipeline.codec, options)


def test_nothing_drifts_and_every_table_was_compared(pipeline: Pipeline, sink: SinkProcess) -> None:
    drift = drift_of(pipeline, sink)
    assert drift.total == 0, drift.to_text()
    standing = 9 + 27 + 27 + 26
    assert drift.milestones == 9
    assert drift.clickhouse_rows == standing + drift.changes + drift.milestones
    assert drift.moving == 0


def test_rows_that_are_altered_deleted_or_nobodys_are_found(
    pipeline: Pipeline, sink: SinkProcess, tmp_path: Path
) -> None:
    assert drift_of(pipeline, sink).total == 0
    sink.stop()
    damage = [
        _again("contact_profiles", "orders + 1 AS orders", "contact_id = 'c1'"),
        _again("contact_profiles", "'nobody' AS contact_id", "contact_id = 'c1'"),
        _again("contact_profiles", "['vip'] AS tags", "contact_id = 'c4'"),
        _again("contact_profiles", "arrayResize(consent, 1) AS consent", "contact_id = 'c5'"),
        _again("contact_profiles", "'Iva' AS personal_name", "contact_id = 'c6'"),
        _again("contact_orders", "1 AS is_deleted", "order_id = 'o11'"),
        _again(
            "contact_days", "revenue_minor + 1 AS revenue_minor", "contact_id = 'c2' AND prev_day IS NULL"
        ),
        _again("contact_interactions", "NULL AS sentiment", "interaction_id = 'i11'"),
        _again("milestones", "'lost' AS segment", "contact_id = 'c1'", "record_offset"),
        "ALTER TABLE segment_changes DELETE WHERE contact_id = 'c1' AND seq = 1 SETTINGS mutations_sync = 1",
    ]
    subprocess.run(
        [sys.executable, "-c", _RUN, str(tmp_path / "clickhouse"), *damage], check=True, timeout=60
    )
    sink.start()
    sink.until(lambda: sink.get("/internal/positions") is not None, "the API answers again")
    drift = drift_of(pipeline, sink)
    assert "Iva" not in drift.to_text(), "personal fields are not told"
    assert drift.counts == {
        Kind.CLICKHOUSE_PROFILE: 5,
        Kind.CLICKHOUSE_ORDER: 1,
        Kind.CLICKHOUSE_DAY: 1,
        Kind.CLICKHOUSE_INTERACTION: 1,
        Kind.CLICKHOUSE_CHANGE: 1,
        Kind.CLICKHOUSE_MILESTONE: 1,
    }


def _again(table: str, change: str, where: str, version: str = "sequence") -> str:
    """A row once more, later and not as it was."""
    row = f"(SELECT * FROM {table} FINAL WHERE {where})"  # noqa: S608 - ours
    later = f"{version} + 1000000 AS {version}, {change}"
    return f"INSERT INTO {table} SELECT * REPLACE ({later}) FROM {row}"  # noqa: S608 - ours
