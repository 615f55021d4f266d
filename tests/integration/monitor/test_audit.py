"""What people did ends up in the table, once each."""

from sinks.clickhouse.database import Database
from sinks.monitor.audit import Action, AuditEvent, ClickHouseAudit, Outcome
from tests.fixtures.clickhouse import emptied
from tests.fixtures.monitor import START


def test_every_act_becomes_one_row(opened: Database) -> None:
    database = emptied(opened)
    trail = ClickHouseAudit(database)
    trail.record(
        AuditEvent(START, Action.SIGN_IN, "a@b.example", outcome=Outcome.REFUSED, address="192.0.2.1")
    )
    trail.record(AuditEvent(START, Action.EXPORT, "a@b.example", "alpha", "champions", detail={"rows": 12}))
    trail.stop()
    rows = database.rows("SELECT action, account_id, outcome, detail FROM audit ORDER BY account_id", {})
    assert [tuple(row.values()) for row in rows] == [
        ("sign_in", "", "refused", "{}"),
        ("export", "alpha", "done", '{"rows": 12}'),
    ]
