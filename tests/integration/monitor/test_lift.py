"""What an automation achieves, as a program asks and as a person reads it."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from schemas.actions import ActionKind, Arm
from schemas.automation import AUTOMATION
from schemas.definitions_topic import Definitions, Edit
from sinks.clickhouse.database import Database
from tests.fixtures.acted import decided, store
from tests.fixtures.clickhouse import emptied
from tests.fixtures.monitor import Browser, Monitor, build

SHOP = "lifting"
TREATED, HELD = 900, 120
LIFT = "/api/v1/automations/winback/lift"


@pytest.fixture(scope="module")
def shop(
    definitions: Definitions, opened: Database, built_assets: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Monitor]:
    """Forty days ago 900 contacts were treated and 120 held back; half of the former bought 10.00 since, and
    a tenth of the latter. Ten more entered yesterday, with the second version."""
    made = build(definitions, emptied(opened), built_assets, tmp_path_factory.mktemp("lift"))
    made.account(SHOP)
    body = {"name": "Back", "status": "active", "trigger": {"kind": "silence", "days": 30}}
    made.parts.definitions.edit(Edit(SHOP, AUTOMATION, "winback", 0, "test", 0, body))
    then = made.now - timedelta(days=40)
    arms = {f"c{n}": Arm.TREATED if n < TREATED else Arm.HOLDOUT for n in range(TREATED + HELD)}
    entries = [
        decided(SHOP, "winback", contact, ActionKind.ENTERED, then, arm=arm.value)
        for contact, arm in arms.items()
    ]
    entries += [
        decided(
            SHOP,
            "winback",
            f"new{n}",
            ActionKind.ENTERED,
            made.now - timedelta(days=1),
            automation_version=2,
        )
        for n in range(10)
    ]
    store(opened, entries)
    buyers = [f"c{n}" for n in range(TREATED // 2)] + [f"c{TREATED + n}" for n in range(HELD // 10)]
    orders = {
        "account_id": SHOP,
        "contact_id": buyers,
        "order_id": [f"o-{one}" for one in buyers],
        "sequence": pl.Series(range(1, len(buyers) + 1), dtype=pl.UInt64),
        "placed_at": then + timedelta(days=5),
        "counted": True,
        "net_minor": 1_000,
    }
    opened.insert("contact_orders", pl.DataFrame(orders).cast({"placed_at": pl.Datetime("ms", "UTC")}))
    yield made
    made.parts.sessions.close()


@pytest.fixture
def operator(shop: Monitor) -> Browser:
    """An Operator, signed in."""
    return shop.signed_in(shop.person(**{SHOP: "operator"}))


def ask(browser: Browser, **more: Any) -> dict[str, Any]:
    """The answer to a program."""
    answer = browser.get(LIFT, params={"account": SHOP, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_both_arms_and_their_difference_are_told_with_its_interval(operator: Browser) -> None:
    found = ask(operator)
    [whole] = found["parts"]
    treated, held = whole["sides"]
    assert (treated["arm"], treated["contacts"], treated["running"], treated["buyers"]) == (
        "treated",
        TREATED,
        10,
        450,
    )
    assert (held["contacts"], held["buyers"], held["revenue_minor"]) == (HELD, 12, 12_000)
    assert (treated["repurchase_rate"], treated["revenue_per_contact_minor"]) == (0.5, 500.0)
    [one] = whole["comparisons"]
    bought, spent = one["repurchase"], one["revenue_minor"]
    assert (round(bought["difference"], 9), round(bought["relative"], 9), one["level"]) == (0.4, 4.0, 0.95)
    assert bought["low"] < 0.4 < bought["high"]
    assert 0 < spent["low"] < 400 < spent["high"]
    assert {bought["verdict"], spent["verdict"]} == {"more"}


def test_a_version_a_day_and_a_window_narrow_it(operator: Browser, shop: Monitor) -> None:
    def contacts(**more: Any) -> list[tuple[int, int]]:
        return [
            (s["contacts"], s["running"]) for part in ask(operator, **more)["parts"] for s in part["sides"]
        ]

    assert contacts(version=2) == [(0, 10)]
    assert contacts(since=(shop.now - timedelta(days=3)).date()) == [(0, 10)]
    assert contacts(window=1) == [(TREATED + 10, 0), (HELD, 0)]
    assert contacts(window=60) == [(0, TREATED + 10), (0, HELD)]
    assert ask(operator, window=4)["parts"][0]["sides"][0]["buyers"] == 0


@pytest.mark.parametrize(("day", "parts"), [(date.min, 1), (date(1969, 12, 31), 1), (date.max, 0)])
def test_any_day_may_be_asked_for(operator: Browser, day: date, parts: int) -> None:
    assert len(ask(operator, since=day)["parts"]) == parts


@pytest.mark.parametrize("more", [{"window": 0}, {"window": 91}, {"version": 0}, {"since": "yesterday"}])
def test_what_makes_no_sense_is_refused(operator: Browser, more: dict[str, Any]) -> None:
    assert operator.get(LIFT, params={"account": SHOP, **more}).status_code == 422


def test_the_page_says_it_in_words(operator: Browser) -> None:
    page = operator.see(f"/automations/lift?account={SHOP}&id=winback").text
    assert "+40.0 points" in page
    assert "The interval leaves zero out." in page
    new = operator.see(f"/automations/lift?account={SHOP}&id=winback&version=2").text
    assert "There is nobody to compare with." in new
    assert operator.see(f"/automations/lift?account={SHOP}&id=winback&version=x").status_code == 422
