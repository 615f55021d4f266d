"""The report's figures against a plain recomputation from the orders."""

import json
import random
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from schemas.records import Segment
from sinks.clickhouse.coltypes import column_types
from sinks.clickhouse.database import Database
from sinks.clickhouse.queries import Queries
from sinks.clickhouse.report import Reports, UnknownAccount
from sinks.clickhouse.tables import DAYS, DEFINITIONS, PROFILES
from sinks.clock import Clock
from sinks.periods import Period, Preset, custom, preset
from tests.unit.sinks.conftest import empty
from tests.unit.sinks.records import values, write

EPOCH = date(1970, 1, 1)
TODAY = date(2026, 3, 1)
Purchases = dict[str, dict[date, tuple[int, int]]]
"""Orders and revenue by contact and day."""


@pytest.fixture
def reports(database: Database, tmp_path: Path) -> Reports:
    clock = tmp_path / "clock"
    clock.write_text("2026-03-02T01:30:00+00:00")  # still the first of March in Sao Paulo
    for account in ("shop", "other"):
        _define(database, account)
    return Reports(Queries(database), Clock(clock))


def _define(database: Database, account: str) -> None:
    body = json.dumps({"time_zone": "America/Sao_Paulo", "currency": "BRL", "language": "pt", "cuts": None})
    place = {"account_id": account, "kind": "account", "id": account, "version": 1, "base_version": 0}
    edit = place | {"author": "x", "at": 0, "deleted": False, "body": body}
    write(database, values(DEFINITIONS, [edit], first_offset=0 if account == "shop" else 1))


def _purchases(seed: int) -> Purchases:
    draw = random.Random(seed)
    days = [TODAY - timedelta(days=n) for n in range(150)]
    return {
        f"c{contact}": {
            day: (draw.randint(1, 3), draw.choice([0, 1, 999, 10**12]))
            for day in draw.sample(days, draw.randint(0, 6))
        }
        for contact in range(draw.choice([1, 40]))
    }


def _store(database: Database, account: str, purchases: Purchases) -> None:
    rows: list[dict[str, Any]] = []
    for contact, days in purchases.items():
        ordered = sorted(days)
        for before, day in zip([None, *ordered], ordered, strict=False):
            orders, revenue = days[day]
            rows.append(
                {
                    "account_id": account,
                    "contact_id": contact,
                    "day": (day - EPOCH).days,
                    "prev_day": before and (before - EPOCH).days,
                    "orders": orders,
                    "revenue_minor": revenue,
                    "sequence": len(rows) + 1,
                }
            )
    write(database, values(DAYS, rows))


def _rounded(value: Fraction | None) -> int | None:
    return None if value is None else int(value + Fraction(1, 2))


def _mean(numbers: list[int]) -> float | None:
    hundredths = _rounded(Fraction(100 * sum(numbers), len(numbers)) if numbers else None)
    return None if hundredths is None else hundredths / 100


def _recomputed(purchases: Purchases, period: Period) -> dict[str, Any]:
    silent, silent_all, orders, revenue = [], [], 0, 0
    for days in purchases.values():
        until = [day for day in days if day <= period.last]
        inside = [day for day in until if day >= period.first]
        silent_all += [(period.last - max(until)).days] if until else []
        silent += [(period.last - max(inside)).days] if inside else []
        orders += sum(days[day][0] for day in inside)
        revenue += sum(days[day][1] for day in inside)
    return {
        "recency_days": _mean(silent),
        "recency_days_all": _mean(silent_all),
        "orders": orders,
        "average_ticket_minor": _rounded(Fraction(revenue, orders) if orders else None),
        "revenue_minor": revenue,
        "buyers": len(silent),
    }


def _periods(seed: int) -> list[Period]:
    draw = random.Random(seed)
    drawn = [sorted(TODAY - timedelta(days=draw.randint(0, 200)) for _ in range(2)) for _ in range(6)]
    return [preset(which, TODAY) for which in Preset] + [custom(a, b, TODAY) for a, b in drawn]


@pytest.mark.parametrize("seed", range(6))
def test_sales_equal_a_recomputation_for_every_preset_and_any_range(
    database: Database, reports: Reports, seed: int
) -> None:
    purchases = _purchases(seed)
    _store(database, "shop", purchases)
    _store(database, "other", _purchases(seed + 1_000))
    account = reports.account("shop")
    for period in _periods(seed):
        sales = reports.sales(account, period)
        sales.pop("period")
        assert sales == _recomputed(purchases, period), period


def test_cards_are_the_sums_of_their_rows(database: Database, reports: Reports) -> None:
    draw = random.Random(7)
    expected: dict[str, int] = defaultdict(int)
    profiles = []
    for number in range(300):
        segment = draw.choice(list(Segment))
        expected[segment.value] += 1
        profiles.append(
            dict.fromkeys(column_types(PROFILES.schema))
            | {"account_id": "shop", "contact_id": f"c{number}", "sequence": 1, "segment": segment.value}
        )
    write(database, values(PROFILES, [*profiles, profiles[0] | {"account_id": "other"}]))
    report = reports.report(reports.account("shop"), preset(Preset.LAST_30_DAYS, TODAY))
    assert report["segments"] == {segment.value: expected[segment.value] for segment in Segment}
    assert report["total_contacts"] == 300
    assert report["groups"] == {
        "best_customers": expected["champions"] + expected["loyal"],
        "have_potential": expected["potential_loyalist"] + expected["recent"],
        "priority_attention": expected["at_risk"] + expected["need_attention"] + expected["cant_lose"],
    }


def test_an_account_without_orders_has_zeros_and_no_means(reports: Reports) -> None:
    account = reports.account("shop")
    assert reports.report(account, custom(TODAY, TODAY, reports.today(account))) == {
        "account": "shop",
        "as_of": "2026-03-01",
        "currency": "BRL",
        "total_contacts": 0,
        "groups": {"best_customers": 0, "have_potential": 0, "priority_attention": 0},
        "segments": dict.fromkeys([segment.value for segment in Segment], 0),
        "sales": {
            "period": {"name": "custom", "from": "2026-03-01", "to": "2026-03-01", "partial": True},
            "recency_days": None,
            "recency_days_all": None,
            "orders": 0,
            "average_ticket_minor": None,
            "revenue_minor": 0,
            "buyers": 0,
        },
    }


def test_an_undefined_account_is_unknown(database: Database, reports: Reports) -> None:
    empty(database)
    with pytest.raises(UnknownAccount):
        reports.account("shop")
