"""What cannot be used becomes exactly one dead letter each, and everything else flows on."""

import json
import os
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.reasons import Reason
from schemas.records import Topic
from streams.rfm.calendar import DAY_MS
from tests.faults.marked_worker import ENDS_MINOR, RAISES_MINOR
from tests.faults.plant import Plant
from tests.faults.shop import Shop
from tests.fixtures.kafka import StartBroker

pytestmark = pytest.mark.faults

_KEY = b"ipe|bad"
_STATIC = {"LATIDO_GROUP_INSTANCE_ID": "only"}
_MARKED = "tests.faults.marked_worker"


def _order(**fields: Any) -> Callable[[Shop], bytes]:
    return lambda shop: shop.codec.encode_one("order", shop.order(contact_id="bad", **fields))


def _ahead(shop: Shop) -> bytes:
    return _order(placed_at=shop.now_ms + 2 * DAY_MS)(shop)


BAD: list[tuple[str, Reason, bytes | None, Callable[[Shop], bytes | None]]] = [
    ("poison bytes", Reason.MALFORMED, _KEY, lambda _: b"\xff\xfe poison"),
    ("nothing at all", Reason.MALFORMED, _KEY, lambda _: b""),
    ("a null value", Reason.MALFORMED, _KEY, lambda _: None),
    ("unknown schema", Reason.UNKNOWN_SCHEMA, _KEY, lambda _: b"\0" + struct.pack(">I", 999_999) + b"x"),
    ("another schema", Reason.UNKNOWN_SCHEMA, _KEY, lambda s: s.codec.encode_one("interaction", _talk(s))),
    ("truncated", Reason.MALFORMED, _KEY, lambda s: _order()(s)[:-7]),
    ("trailing bytes", Reason.MALFORMED, _KEY, lambda s: _order()(s) + b"tail"),
    ("wrong currency", Reason.WRONG_CURRENCY, _KEY, _order(currency="USD")),
    ("negative total", Reason.NEGATIVE_AMOUNT, _KEY, _order(total_minor=-1)),
    ("refund over total", Reason.REFUND_EXCEEDS_TOTAL, _KEY, _order(refunded_minor=12_301)),
    ("no key", Reason.MISSING_KEY, None, _order()),
    ("future dated", Reason.FUTURE_DATED, _KEY, _ahead),
    ("before 1970", Reason.INVALID_VALUE, _KEY, _order(placed_at=-1)),
    ("control character", Reason.INVALID_ID, _KEY, _order(order_id="a\r\nb")),
    ("endless id", Reason.INVALID_ID, _KEY, _order(order_id="x" * 201)),
    ("unknown account", Reason.UNKNOWN_ACCOUNT, b"nobody|bad", _order(account_id="nobody")),
    ("2 MB", Reason.TOO_LARGE, _KEY, _order(channel="x" * 2_000_000)),
    ("the fold raises", Reason.FOLD_ERROR, b"ipe|raiser", lambda s: _alone(s, "raiser", RAISES_MINOR)),
    ("the process dies", Reason.KILLS_PROCESS, b"ipe|killer", lambda s: _alone(s, "killer", ENDS_MINOR)),
]


def test_each_bad_record_is_one_dead_letter_and_the_rest_flows_on(
    start_broker: StartBroker, tmp_path: Path
) -> None:
    broker = start_broker()
    with Plant(broker, tmp_path, module=_MARKED, LATIDO_CHUNK_RECORDS="4", LATIDO_POISON_DEATHS="1") as plant:
        plant.shop.open_accounts()
        plant.shop.send_orders(100)
        plant.shop.flush()
        plant.start_worker(**_STATIC)
        plant.start_sink()
        sent = [(key, make(plant.shop), reason) for _, reason, key, make in BAD]
        for key, value, _ in sent:
            plant.shop.send_orders(6)
            plant.shop.send(Topic.ORDERS, key, value)
        plant.shop.send_orders(100)
        plant.apply_all(120)
        letters = _letters(plant)
        found = Counter((one["key"], one["value"], one["reason"]) for one in letters)
        assert found == Counter((key, value, reason.value) for key, value, reason in sent)
        places = {(one["partition"], one["offset"]): (one["key"], one["value"]) for one in letters}
        logged = {(e.partition, e.offset): (e.key, e.value) for e in plant.log.read(Topic.ORDERS)}
        assert all(logged[place] == (key or b"", value or b"") for place, (key, value) in places.items())
        drift = plant.assert_exact(dead=list(places))
        assert drift.dead_lettered == len(BAD)
        assert drift.events == 200 + 7 * len(BAD)

        listed = json.loads(_latido(plant, "dlq", "list", "--json"))
        told = {f"orders.v1/{partition}/{offset}" for partition, offset in places}
        assert {one["position"] for one in listed} == told

        zone = ["--time-zone", "America/Lima", "--currency", "BRL"]
        _latido(plant, "account", "create", "nobody", *zone)
        assert "1 records" in _latido(plant, "dlq", "redrive", "--reason", "unknown_account")
        plant.apply_all()
        profiles = plant.decoded(Topic.CONTACT_PROFILES, "contact_profile")
        assert [p["orders"] for p in profiles if p["account_id"] == "nobody"] == [1]
        assert len(_letters(plant)) == len(BAD)
        assert plant.verify().total == 0


def test_a_flood_of_bad_records_stops_its_partition_only(start_broker: StartBroker, tmp_path: Path) -> None:
    with Plant(start_broker(), tmp_path, LATIDO_STALL_S="5") as plant:
        plant.shop.open_accounts()
        worker = plant.start_worker(**_STATIC)
        plant.shop.send_orders(400)
        plant.apply_all()
        for number in range(3_000):
            plant.shop.send(Topic.ORDERS, b"ipe|flood", b"bad %d" % number, partition=2)
        plant.shop.send_orders(2_000)
        plant.shop.flush()
        plant.until(lambda: plant.metric(0, "latido_blocked_partitions") == 1)
        plant.until(lambda: _behind(plant) == {2})
        plant.spend(8)
        assert _behind(plant) == {2}
        assert worker.exits == [], "the watchdog must spare a blocked partition"
        assert len(_letters(plant)) <= 600, "the flood was drained into dead letters"
        worker.stop()
        worker.environment = {**worker.environment, "LATIDO_DEAD_LETTER_SHARE": "1"}
        worker.start()
        plant.apply_all()
        assert len(_letters(plant)) == 3_000
        assert plant.verify().total == 0


def _talk(shop: Shop) -> dict[str, Any]:
    now = {"occurred_at": shop.now_ms, "updated_at": shop.now_ms}
    return {
        "event_id": "t",
        "account_id": "ipe",
        "contact_id": "bad",
        "interaction_id": "t",
        "version": 1,
        **now,
    }


def _alone(shop: Shop, contact_id: str, total_minor: int) -> bytes:
    return shop.codec.encode_one("order", shop.order(contact_id=contact_id, total_minor=total_minor))


def _letters(plant: Plant) -> list[dict[str, Any]]:
    return list(plant.decoded(Topic.DEAD_LETTERS, "dead_letter"))


def _behind(plant: Plant) -> set[int]:
    """Partitions whose orders are not applied to the end."""
    ends = plant.log.ends(Topic.ORDERS)
    marks = plant.log.watermarks("activity")
    return {n for n, end in ends.items() if marks[n][-1].positions[Topic.ORDERS] < end}


def _latido(plant: Plant, *arguments: str) -> str:
    """What the command printed."""
    own = {**os.environ, "LATIDO_BOOTSTRAP_SERVERS": plant.broker.bootstrap}
    command = [sys.executable, "-m", "streams.cli", *arguments]
    return subprocess.run(command, env=own, check=True, timeout=60, stdout=subprocess.PIPE, text=True).stdout
