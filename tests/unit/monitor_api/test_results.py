"""What automations did, counted and listed from what is stored."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.actions import ActionKind, ActionReason, Arm, DeliveryState, Outcome
from sinks.clickhouse.database import Database
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.cursors import BadCursor
from sinks.monitor.figures.deliveries import Sought, read_deliveries, read_health
from sinks.monitor.figures.export import safety
from sinks.monitor.figures.results import Fate, Span, Tally, Wanted, read_log, read_results
from tests.fixtures.acted import decided, store, tried
from tests.unit.monitor_api.shop import store_profiles

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SPAN = Span(NOW - timedelta(days=30), NOW)
AT = NOW - timedelta(days=1)
ENTERED, WEBHOOK = ActionKind.ENTERED, ActionKind.WEBHOOK


def _count(tallies: list[Tally], fate: Fate) -> int:
    return sum(one.actions for one in tallies if one.fate is fate)


def test_a_webhook_is_counted_by_what_came_of_it_and_pending_before_any_attempt(
    database: Database, queries: Queries
) -> None:
    webhooks = [decided("shop", "a", f"c{n}", WEBHOOK, AT) for n in range(5)]
    delivered, failed, waiting, again, _untried = webhooks
    attempts = [
        tried(delivered, 1, DeliveryState.PENDING, Outcome.TIMEOUT),
        tried(delivered, 2, DeliveryState.DELIVERED, Outcome.DELIVERED),
        tried(failed, 1, DeliveryState.FAILED, Outcome.STATUS, status=500),
        tried(waiting, 1, DeliveryState.PENDING, Outcome.CONNECTION),
        tried(again, 3, DeliveryState.FAILED, Outcome.TIMEOUT),
        tried(again, 1, DeliveryState.DELIVERED, Outcome.DELIVERED, round=1),
    ]
    store(database, webhooks, attempts)
    store(database, [], attempts)  # the sink writes a batch again after a crash
    tallies = read_results(queries, "shop", ["a"], SPAN)
    counted = {fate: _count(tallies, fate) for fate in (Fate.DELIVERED, Fate.FAILED, Fate.PENDING)}
    assert counted == {Fate.DELIVERED: 2, Fate.FAILED: 1, Fate.PENDING: 2}


def test_a_deferred_message_that_went_out_is_no_longer_deferred(database: Database, queries: Queries) -> None:
    waited = decided("shop", "a", "c1", ActionKind.DEFERRED, AT, ActionReason.QUIET_HOURS)
    store(database, [waited, decided("shop", "a", "c1", WEBHOOK, AT)])
    assert [one.fate for one in read_results(queries, "shop", ["a"], SPAN)] == [Fate.PENDING]


def test_reasons_arms_and_versions_are_kept_apart(database: Database, queries: Queries) -> None:
    held: dict[str, Any] = {"arm": Arm.HOLDOUT.value}
    store(
        database,
        [
            decided("shop", "a", "c1", ENTERED, AT),
            decided("shop", "a", "c2", ENTERED, AT, **held),
            decided("shop", "a", "c2", ActionKind.NOTHING, AT, step="1", **held),
            decided("shop", "a", "c3", ENTERED, AT, automation_version=2),
            decided(
                "shop", "a", "c3", ActionKind.SUPPRESSED, AT, ActionReason.NO_CONSENT, automation_version=2
            ),
            decided("shop", "a", "c1", ActionKind.EXITED, AT, ActionReason.PURCHASED),
        ],
    )
    found = {
        (t.version, t.arm, t.fate, t.reason): t.actions for t in read_results(queries, "shop", ["a"], SPAN)
    }
    assert found == {
        (1, Arm.TREATED, Fate.ENTERED, ""): 1,
        (1, Arm.HOLDOUT, Fate.ENTERED, ""): 1,
        (1, Arm.HOLDOUT, Fate.NOTHING, ""): 1,
        (1, Arm.TREATED, Fate.EXITED, "purchased"): 1,
        (2, Arm.TREATED, Fate.ENTERED, ""): 1,
        (2, Arm.TREATED, Fate.SUPPRESSED, "no_consent"): 1,
    }


def test_only_visits_of_the_span_and_of_the_account_count_and_tests_never(
    database: Database, queries: Queries
) -> None:
    store(
        database,
        [
            decided("shop", "a", "old", ENTERED, SPAN.since - timedelta(seconds=1)),
            decided("shop", "a", "edge", ENTERED, SPAN.since),
            decided("shop", "a", "late", ENTERED, SPAN.until),
            decided("shop", "b", "other", ENTERED, AT),
            decided("rival", "a", "foreign", ENTERED, AT),
            decided("shop", "a", "latido-test", WEBHOOK, AT, test=True),
        ],
    )
    page = read_log(queries, "shop", Wanted(("a",)), SPAN, limit=10, cursor=None)
    assert [row["contact_id"] for row in page.rows] == ["edge"]


def test_pages_of_the_log_hold_everybody_once_with_names_and_the_change_behind(
    database: Database, queries: Queries
) -> None:
    store_profiles(database, [{"account_id": "shop", "contact_id": "c3", "personal_name": "Ana"}])
    store(
        database, [decided("shop", "a", f"c{n}", ENTERED, AT - timedelta(seconds=n // 3)) for n in range(7)]
    )
    seen, cursor = [], None
    while True:
        page = read_log(queries, "shop", Wanted(("a",), (Fate.ENTERED,)), SPAN, limit=2, cursor=cursor)
        seen += [(row["contact_id"], row["name"]) for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == [("c3", "Ana") if n == 3 else (f"c{n}", None) for n in range(7)]


@pytest.mark.parametrize(
    ("wanted", "contacts"),
    [
        (Wanted(("a",), (Fate.SUPPRESSED,)), ["c1", "c2"]),
        (Wanted(("a",), (Fate.SUPPRESSED,), "no_consent"), ["c1"]),
        (Wanted(("a",), arm=Arm.HOLDOUT), ["c3"]),
        (Wanted(("a",), version=2), ["c2"]),
        (Wanted(("a",), contact_id="c3"), ["c3"]),
        (Wanted(("a", "b"), (Fate.ENTERED,)), ["c3", "c4"]),
    ],
)
def test_a_figure_leads_to_the_decisions_behind_it(
    database: Database, queries: Queries, wanted: Wanted, contacts: list[str]
) -> None:
    refused = ActionKind.SUPPRESSED
    store(
        database,
        [
            decided("shop", "a", "c1", refused, AT, ActionReason.NO_CONSENT),
            decided("shop", "a", "c2", refused, AT, ActionReason.CAP_CONTACT, automation_version=2),
            decided("shop", "a", "c3", ENTERED, AT, arm=Arm.HOLDOUT.value),
            decided("shop", "b", "c4", ENTERED, AT),
        ],
    )
    page = read_log(queries, "shop", wanted, SPAN, limit=10, cursor=None)
    assert sorted(row["contact_id"] for row in page.rows) == contacts


@pytest.mark.parametrize("cursor", ["x", "W10", "WzEsMl0", "WzllOTksImEiXQ"])
def test_a_cursor_that_is_none_is_refused(queries: Queries, cursor: str) -> None:
    with pytest.raises(BadCursor):
        read_log(queries, "shop", Wanted(("a",)), SPAN, limit=2, cursor=cursor)


def test_the_log_of_deliveries_says_how_each_stands_and_every_attempt(
    database: Database, queries: Queries
) -> None:
    first, second = (decided("shop", "a", f"c{n}", WEBHOOK, AT + timedelta(minutes=n)) for n in (1, 2))
    store(
        database,
        [first, second],
        [
            tried(first, 1, DeliveryState.PENDING, Outcome.STATUS, status=503),
            tried(first, 2, DeliveryState.DELIVERED, Outcome.DELIVERED),
            tried(second, 0, DeliveryState.FAILED, Outcome.ENDPOINT_DISABLED),
        ],
    )
    page = read_deliveries(queries, "shop", Sought(SPAN), limit=10, cursor=None)
    stand = [(row["contact_id"], row["state"], row["tries"], row["outcome"]) for row in page.rows]
    assert stand == [("c2", "failed", 0, "endpoint_disabled"), ("c1", "delivered", 2, "delivered")]
    assert [(one["attempt"], one["status"]) for one in page.rows[1]["attempts"]] == [(1, 503), (2, 200)]
    only = Sought(SPAN, state=DeliveryState.FAILED)
    assert [r["contact_id"] for r in read_deliveries(queries, "shop", only, limit=9, cursor=None).rows] == [
        "c2"
    ]
    assert read_deliveries(queries, "rival", Sought(SPAN), limit=9, cursor=None).rows == []


def test_an_endpoint_counts_its_failures_since_it_last_took_something(
    database: Database, queries: Queries
) -> None:
    actions = [decided("shop", "a", f"c{n}", WEBHOOK, AT + timedelta(minutes=n)) for n in range(4)]
    good, *bad = actions
    attempts = [tried(one, 1, DeliveryState.PENDING, Outcome.TIMEOUT) for one in bad]
    store(database, actions, [tried(good, 1, DeliveryState.DELIVERED, Outcome.DELIVERED), *attempts])
    health = read_health(queries, "shop", SPAN.since)["crm"]
    assert (health.attempts, health.delivered, health.waiting, health.failures) == (4, 1, 3, 3)
    assert health.last_state is DeliveryState.PENDING


def test_the_log_as_a_file_runs_in_no_spreadsheet(database: Database, queries: Queries) -> None:
    action = decided("shop", "a", "=1+1", WEBHOOK, AT)
    store(
        database, [action], [tried(action, 1, DeliveryState.FAILED, Outcome.STATUS, status=500, detail="@x")]
    )
    bound = {**Sought(SPAN).parameters(), **safety(raw=False), "pattern": "%F %T", "zone": "America/Santiago"}
    text = b"".join(queries.csv_lines("deliveries_csv", "shop", ";", **bound)).decode()
    cells = [cell.strip('"') for cell in text.strip().split(";")]
    assert cells[1:9] == ["'=1+1", "a", "automation", "crm", "failed", "status", "500", "1"]
    assert cells[9:] == ["2026-11-21 09:00:01", "", "'@x"]
