"""What people did ends up in the table, once each."""

from pathlib import Path

from sinks.clickhouse.database import Database
from sinks.clickhouse.migrations import migrate
from sinks.monitor.audit import Action, AuditEvent, ClickHouseAudit, Outcome
from sinks.settings import SinkSettings
from tests.fixtures.monitor import START


def test_every_act_becomes_one_row(tmp_path: Path) -> None:
    database = Database(path=tmp_path / "clickhouse")
    migrate(database, SinkSettings().ddl_dir)
    trail = ClickHouseAudit(database)
    trail.record(
        AuditEvent(START, Action.SIGN_IN, "a@b.example", outcome=Outcome.REFUSED, address="192.0.2.1")
    )
    trail.record(AuditEvent(START, Action.EXPORT, "a@b.example", "alpha", "champions", detail={"rows": 12}))
    trail.stop()
    rows = database.rows("SELECT action, account_id, outcome, detail FROM audit ORDER BY account_id", {})
    database.close()
    assert [tuple(row.values()) for row in rows] == [
        ("sign_in", "", "refused", "{}"),
        ("export", "alpha", "done", '{"rows": 12}'),
    ]
