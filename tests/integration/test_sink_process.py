"""The sink as a process, with a real broker and the embedded database."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas import provision
from schemas.codec import default_codec
from schemas.keys import contact_key, member_key
from tests.fixtures.kafka import StartBroker
from tests.integration.sink_process import SinkProcess, publish

CONTACTS = 200
KILLED = 137


@pytest.fixture
def bootstrap(start_broker: StartBroker) -> str:
    broker = start_broker()
    provision.apply(broker.bootstrap, 2)
    return broker.bootstrap


@pytest.fixture
def sink(bootstrap: str, tmp_path: Path) -> Iterator[SinkProcess]:
    process = SinkProcess(bootstrap, tmp_path)
    yield process
    process.stop()


def _define_account(bootstrap: str) -> None:
    body = json.dumps({"time_zone": "UTC", "currency": "USD", "language": "en", "cuts": None})
    edit = {
        "account_id": "shop",
        "kind": "account",
        "id": "shop",
        "author": "test",
        "at": 0,
        "deleted": False,
    }
    record = edit | {"body": body, "version": 1, "base_version": 0}
    stale = edit | {"body": "{}", "version": 1, "base_version": 0}
    values = [default_codec().encode_one("definition", r) for r in (record, stale)]
    publish(bootstrap, "definitions.v1", [(b"shop|account|shop", value, {}) for value in values])


def _profiles(
    first: int, last: int, segment: str, sequence: int
) -> list[tuple[bytes, bytes, dict[str, bytes]]]:
    numbers = range(first, last)
    columns: dict[str, list[Any]] = {
        "account_id": ["shop" for _ in numbers],
        "contact_id": [f"c{n}" for n in numbers],
        "sequence": [sequence + n for n in numbers],
        "segment": [segment for _ in numbers],
    }
    values = default_codec().encode_block("contact_profile", columns)
    return [(contact_key("shop", f"c{n}"), value, {}) for n, value in zip(numbers, values, strict=True)]


def _segments(sink: SinkProcess) -> dict[str, int]:
    report = sink.get("/internal/report", account="shop")
    return {} if report is None else {name: n for name, n in report["segments"].items() if n}


def _watermark(bootstrap: str, partition: int, at_ms: int) -> None:
    record = {"application": "activity", "partition": partition, "generation": 0, "positions": []}
    value = default_codec().encode_one("watermark", record | {"caught_up_at": at_ms, "memo": b""})
    key = f"activity|{partition}".encode()
    publish(bootstrap, "watermarks.v1", [(key, value, {})], partition=partition, transaction=f"w{partition}")


def test_what_is_committed_is_reported_and_what_is_aborted_is_not(bootstrap: str, sink: SinkProcess) -> None:
    _define_account(bootstrap)
    publish(bootstrap, "contact-profiles.v1", _profiles(0, 10, "loyal", 0), transaction="a")
    publish(bootstrap, "contact-profiles.v1", _profiles(0, 10, "lost", 100), transaction="a", abort=True)
    sink.start()
    sink.until(lambda: _segments(sink) == {"loyal": 10}, "ten loyal contacts")
    assert sink.stop() == 0


@pytest.mark.parametrize("point", ["sink_before_insert", "sink_after_insert"])
def test_killed_around_an_insert_it_loses_and_doubles_nothing(
    bootstrap: str, sink: SinkProcess, point: str
) -> None:
    _define_account(bootstrap)
    publish(bootstrap, "contact-profiles.v1", _profiles(0, CONTACTS, "loyal", 0))
    sink.start(LATIDO_CRASH_AT=point)
    assert sink.wait() == KILLED
    publish(bootstrap, "contact-profiles.v1", _profiles(0, CONTACTS // 2, "champions", CONTACTS))
    sink.start()
    expected = {"champions": CONTACTS // 2, "loyal": CONTACTS // 2}
    sink.until(lambda: _segments(sink) == expected, f"{expected}")
    dumped = sink.get("/internal/dump/contact_profiles", account="shop")
    assert len(dumped) == CONTACTS


def test_deletions_and_undecodable_records_leave_their_marks(bootstrap: str, sink: SinkProcess) -> None:
    _define_account(bootstrap)
    records = _profiles(0, 5, "loyal", 0)
    publish(bootstrap, "contact-profiles.v1", [*records, (b"shop|x", b"\x00junk", {})])
    publish(bootstrap, "contact-profiles.v1", [(contact_key("shop", "c1"), None, {"sequence": b"50"})])
    publish(bootstrap, "contact-days.v1", [(member_key("shop", "c1", "20000"), None, {})])
    sink.start()
    sink.until(lambda: _segments(sink) == {"loyal": 4}, "four contacts left")
    sink.until(lambda: len(sink.get("/internal/refusals") or ()) == 2, "two refusals")
    topics = {row["topic"]: row["records"] for row in sink.get("/internal/refusals")}
    assert topics == {"contact-profiles.v1": 1, "contact-days.v1": 1}


def test_data_up_to_is_the_oldest_partition_whose_outputs_are_inserted(
    bootstrap: str, sink: SinkProcess
) -> None:
    publish(bootstrap, "contact-profiles.v1", _profiles(0, 10, "loyal", 0), transaction="a")
    _watermark(bootstrap, 0, 2_000)
    sink.start()
    sink.until(
        lambda: bool((sink.get("/internal/freshness") or {}).get("partitions")), "partition 0 is fresh"
    )
    assert sink.get("/internal/freshness")["data_up_to"] is None
    _watermark(bootstrap, 1, 1_000)
    sink.until(
        lambda: sink.get("/internal/freshness")["data_up_to"] == "1970-01-01T00:00:01+00:00", "one second"
    )
    positions = sink.get("/internal/positions")
    assert positions["contact-profiles.v1"]["0"] >= 10
