"""The API of the sink: who may ask, and what a wrong question gets."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr, ValidationError

from schemas.metrics import Metrics
from sinks.api.app import build_app
from sinks.clickhouse.coltypes import column_types
from sinks.clickhouse.database import Database
from sinks.clickhouse.progress import Progress
from sinks.clickhouse.queries import Queries
from sinks.clickhouse.tables import DEFINITIONS, PROFILES
from sinks.clickhouse.verifications import last
from sinks.client import ApiError, SinkClient
from sinks.clock import Clock
from sinks.settings import SinkSettings
from tests.fixtures.chromium import serve
from tests.unit.sinks.records import values, write

TOKEN = "t0ken-of-the-test"  # noqa: S105 - not a secret
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def progress() -> Progress:
    return Progress()


@pytest.fixture
def client(database: Database, progress: Progress) -> Iterator[TestClient]:
    body = json.dumps({"time_zone": "UTC", "currency": "USD", "language": "en", "cuts": None})
    place = {"account_id": "shop", "kind": "account", "id": "shop", "version": 1, "base_version": 0}
    edit = place | {"author": "x", "at": 0, "deleted": False, "body": body}
    write(database, values(DEFINITIONS, [edit]))
    app = build_app(database, progress, Metrics(), clock=Clock(), token=SecretStr(TOKEN))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


@pytest.mark.parametrize(
    "path",
    [
        "/internal/report?account=shop",
        "/internal/positions",
        "/internal/freshness",
        "/internal/refusals",
        "/internal/verification",
        "/internal/dump/contact_profiles?account=shop",
    ],
)
@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", "Bearer ñ"])
def test_without_the_token_nothing_is_told(client: TestClient, path: str, authorization: str) -> None:
    answer = client.get(path, headers={b"Authorization": authorization.encode("latin-1")})
    assert answer.status_code == 401
    assert client.get(path, headers=BEARER).status_code == 200


def test_what_a_verification_found_is_kept_and_the_last_one_told(client: TestClient) -> None:
    assert client.get("/internal/verification", headers=BEARER).json() is None
    for drift in (3, 0):
        found = {"drift": drift, "events": 10, "contacts": 4, "clickhouse_rows": None}
        assert client.post("/internal/verification", json=found, headers=BEARER).status_code == 204
    assert client.post("/internal/verification", json=found).status_code == 401
    wrong = {**found, "drift": -1}
    assert client.post("/internal/verification", json=wrong, headers=BEARER).status_code == 422
    told = client.get("/internal/verification", headers=BEARER).json()
    assert (told["drift"], told["events"], told["contacts"], told["clickhouse_rows"]) == (0, 10, 4, None)


def test_the_command_leaves_its_verdict_with_the_sink(database: Database, progress: Progress) -> None:
    app = build_app(database, progress, Metrics(), clock=Clock(), token=SecretStr(TOKEN))
    with serve(app) as address:
        settings = SinkSettings(api_port=int(address.url.rpartition(":")[2]), api_token=SecretStr(TOKEN))
        with closing(SinkClient(settings)) as client:
            client.verified(drift=2, events=9, contacts=3, clickhouse_rows=8)
        nobody = settings.model_copy(update={"api_token": None})
        with closing(SinkClient(nobody)) as stranger, pytest.raises(ApiError, match="bearer"):
            stranger.verified(drift=0, events=9, contacts=3, clickhouse_rows=8)
    found = last(Queries(database))
    assert found
    assert (found.drift, found.events, found.contacts, found.clickhouse_rows) == (2, 9, 3, 8)


def test_an_open_address_needs_a_token() -> None:
    with pytest.raises(ValidationError, match="LATIDO_API_TOKEN"):
        SinkSettings(api_host="0.0.0.0")  # noqa: S104 - what is refused
    assert SinkSettings(api_host="0.0.0.0", api_token=SecretStr("x")).api_port  # noqa: S104


@pytest.mark.parametrize(
    ("question", "status", "why"),
    [
        ("account=nobody", 404, "no account nobody"),
        ("account=shop&period=last_8_days", 422, "last_7_days"),
        ("account=shop&from=2026-01-01", 422, "both from and to"),
        ("account=shop&period=yesterday&from=2026-01-01&to=2026-01-02", 422, "either period"),
        ("account=shop&from=2026-01-01&to=2999-01-01", 422, "lies in the future"),
        ("account=shop&from=1990-01-01&to=2026-01-01", 422, "at most 5 years"),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(
    client: TestClient, question: str, status: int, why: str
) -> None:
    answer = client.get(f"/internal/report?{question}", headers=BEARER)
    assert answer.status_code == status
    assert why in answer.text


def test_a_dump_holds_the_rows_of_its_account_only(client: TestClient, database: Database) -> None:
    empty: dict[str, Any] = dict.fromkeys(column_types(PROFILES.schema))
    rows = [
        empty | {"account_id": account, "contact_id": f"c{number}", "sequence": 1, "segment": "loyal"}
        for account in ("shop", "other")
        for number in range(50)
    ]
    write(database, values(PROFILES, [*rows, rows[0] | {"last_order_day": 20_000, "sequence": 2}]))
    lines = client.get("/internal/dump/contact_profiles?account=shop", headers=BEARER).text.splitlines()
    dumped = {row["contact_id"]: row for row in map(json.loads, lines)}
    assert len(lines) == len(dumped) == 50
    assert {row["account_id"] for row in dumped.values()} == {"shop"}
    assert dumped["c0"]["last_order_day"] == "2024-10-04"
    assert dumped["c1"]["last_order_day"] is None


def test_readiness_follows_assignment_and_inserts(client: TestClient, progress: Progress) -> None:
    assert client.get("/readyz").status_code == 503
    progress.assign({("contact-days.v1", 0): None})
    assert client.get("/readyz").status_code == 200
    progress.failing(failing=True)
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200
    assert "latido_sink_rows_total" in client.get("/metrics").text


def test_positions_are_those_of_the_partitions_it_owns(client: TestClient, progress: Progress) -> None:
    progress.assign({("contact-days.v1", 0): 5, ("contact-days.v1", 10): None})
    progress.insert({("contact-days.v1", 0): 7, ("contact-days.v1", 1): 9})
    assert client.get("/internal/positions", headers=BEARER).json() == {"contact-days.v1": {"0": 7, "10": 0}}


def test_freshness_is_unknown_until_every_partition_has_spoken(
    client: TestClient, progress: Progress, database: Database
) -> None:
    progress.assign({("watermarks.v1", 0): 1, ("watermarks.v1", 1): 1})
    database.command("INSERT INTO freshness VALUES ('activity', 0, '1970-01-01 00:00:02')")
    database.command("INSERT INTO freshness VALUES ('activity', 0, '1970-01-01 00:00:01')")
    assert client.get("/internal/freshness", headers=BEARER).json()["data_up_to"] is None
    database.command("INSERT INTO freshness VALUES ('activity', 1, '1970-01-01 00:00:05')")
    up_to = client.get("/internal/freshness", headers=BEARER).json()["data_up_to"]
    assert datetime.fromisoformat(up_to) == datetime(1970, 1, 1, 0, 0, 2, tzinfo=UTC)


def test_without_a_token_a_foreign_host_name_is_refused(database: Database, progress: Progress) -> None:
    app = build_app(database, progress, Metrics(), clock=Clock(), token=None)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert client.get("/internal/positions").status_code == 200
        assert client.get("/internal/positions", headers={"host": "evil.example"}).status_code == 403
