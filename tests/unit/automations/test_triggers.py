"""What begins a visit, and what does not."""

from typing import Any

import pytest

from streams.rfm.calendar import DAY_MS, HOUR_MS
from tests.unit.automations.desk import DAY, Desk, entered, message, rule


@pytest.fixture
def desk() -> Desk:
    return Desk()


def on_rule(*condition: Any) -> dict[str, Any]:
    return {"kind": "rule", "rule": rule(*condition)}


def test_who_enters_a_segment_gets_the_message_once(desk: Desk) -> None:
    desk.automate(trigger=entered("champions"))
    desk.profile()
    desk.moved("loyal", "champions", orders=9)
    desk.profile(segment="champions", orders=9, tags=["x"])
    assert desk.sent() == [("a", "ana")]
    assert desk.told() == [("entered", None), ("webhook", None)]


def test_the_profile_may_come_before_its_change(desk: Desk) -> None:
    desk.automate(trigger=entered("champions"))
    change = desk.make_change("loyal", "champions")
    desk.profile(segment="champions")
    desk.take([change])
    assert desk.sent() == [("a", "ana")]


@pytest.mark.parametrize(
    ("trigger", "fires"),
    [
        (entered("at_risk", "cant_lose"), False),
        (entered("cant_lose"), True),
        (entered("cant_lose", **{"from": ["at_risk"]}), True),
        (entered("cant_lose", **{"from": ["loyal"]}), False),
        (entered("cant_lose", causes=["decay"]), False),
        ({"kind": "segment_left", "segments": ["at_risk"]}, True),
        ({"kind": "segment_left", "segments": ["at_risk"], "to": ["loyal"]}, False),
        ({"kind": "segment_left", "segments": ["at_risk", "cant_lose"]}, False),
    ],
)
def test_from_to_and_cause_decide(desk: Desk, trigger: dict[str, Any], fires: bool) -> None:
    desk.automate(trigger=trigger)
    desk.profile(segment="at_risk")
    desk.moved("at_risk", "cant_lose")
    assert desk.sent() == ([("a", "ana")] if fires else [])


BEFORE: dict[str, Any] = {"segment": "loyal", "r": 3, "f": 3, "m": 3, "orders": 3, "revenue_minor": 900,
                          "first_order_day": DAY - 90, "last_order_day": DAY - 10,
                          "origin": "web"}  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "change"),
    [
        (("segment", "=", "champions"), {"segment": "champions"}),
        (("r", ">=", 4), {"r": 4}),
        (("f", ">=", 4), {"f": 5}),
        (("v", "<=", 2), {"m": 1}),
        (("orders", ">", 3), {"orders": 4}),
        (("revenue_minor", "between", [1000, 2000]), {"revenue_minor": 1500}),
        (("average_ticket_minor", "<", 300), {"revenue_minor": 600}),
        (("days_since_last", "<", 5), {"last_order_day": DAY}),
        (("days_since_first", ">", 90), {"first_order_day": DAY - 91}),
        (("sentiment", "=", "negative"), {"sentiment": "negative"}),
        (("origin", "in", "feria,shop"), {"origin": "feria"}),
        (("tags", "contains", "vip"), {"tags": ["new", "vip"]}),
        (("consent", "contains", "email"), {"consent": [{"channel": c, "granted": True, "at": None}
                                                        for c in ("email", "whatsapp")]}),
        (("email", "notNull"), {"personal": {"email": "a@b.c", "name": None, "phone": None,
                                                       "document": None}}),
        (("interactions", ">=", 2), {"interactions": 2}),
        (("next_segment", "=", "at_risk"), {"next_segment": "at_risk", "next_segment_day": DAY + 3}),
        (("days_until_next_segment", "<=", 7), {"next_segment": "at_risk", "next_segment_day": DAY + 7}),
    ],
)  # fmt: skip
def test_each_field_alone_makes_a_rule_true_once(
    desk: Desk, condition: tuple[Any, ...], change: dict[str, Any]
) -> None:
    desk.automate(trigger=on_rule(*condition), reentry={"kind": "always"})
    desk.profile(**BEFORE)
    assert desk.sent() == []
    desk.profile(**{**BEFORE, **change})
    desk.profile(**{**BEFORE, **change})
    assert desk.sent() == [("a", "ana")]


def test_time_alone_makes_a_rule_true_on_its_day_and_once(desk: Desk) -> None:
    desk.automate(trigger=on_rule("days_since_last", ">", 60))
    desk.profile(**BEFORE)
    desk.pass_to((DAY + 51) * DAY_MS - 1)
    assert desk.told() == []
    desk.pass_to((DAY + 51) * DAY_MS)
    assert desk.told() == [("entered", None), ("deferred", "quiet_hours")], "midnight is a quiet hour"
    desk.pass_to((DAY + 51) * DAY_MS + 9 * HOUR_MS)
    desk.pass_days(100)
    assert desk.sent() == [("a", "ana")]


def test_who_is_about_to_change_segment_is_found_by_time_alone(desk: Desk) -> None:
    desk.automate(trigger={"kind": "forecast", "segments": ["at_risk"], "days": 7})
    desk.profile("ana", next_segment="at_risk", next_segment_day=DAY + 20)
    desk.profile("eva", next_segment="lost", next_segment_day=DAY + 20)
    desk.pass_to((DAY + 13) * DAY_MS - 1)
    assert desk.told() == []
    desk.pass_days(20)
    assert desk.sent() == [("a", "ana")]


def test_sentiment_that_turns_negative_begins_a_visit(desk: Desk) -> None:
    desk.automate(trigger={"kind": "sentiment", "sentiment": "negative"})
    desk.profile(sentiment="neutral")
    desk.profile(sentiment="negative")
    assert desk.sent() == [("a", "ana")]


def test_thirty_days_of_silence_once_a_silence(desk: Desk) -> None:
    desk.automate(trigger={"kind": "silence", "days": 30})
    desk.profile(**BEFORE)
    milestone = desk.make_milestone(30, DAY - 10)
    desk.take([milestone])
    desk.take([milestone])
    assert desk.sent() == [("a", "ana")]
    desk.profile(**{**BEFORE, "last_order_day": DAY, "orders": 4})
    desk.take([desk.make_milestone(30, DAY)])
    assert desk.sent() == [("a", "ana")] * 2


def test_a_purchase_that_came_before_the_milestone_was_read_cancels_it(desk: Desk) -> None:
    desk.automate(trigger={"kind": "silence", "days": 30})
    desk.profile(**{**BEFORE, "last_order_day": DAY})
    desk.take([desk.make_milestone(30, DAY - 30)])
    assert desk.told() == []


def test_a_milestone_waits_for_the_profile_of_its_purchase(desk: Desk) -> None:
    desk.automate(trigger={"kind": "silence", "days": 30})
    desk.take([desk.make_milestone(30, DAY - 10)])
    desk = desk.restarted()
    assert desk.told() == []
    desk.profile(**BEFORE)
    assert desk.sent() == [("a", "ana")]


def test_a_change_waits_for_its_profile_over_a_restart(desk: Desk) -> None:
    desk.automate(trigger=entered("champions"))
    desk.take([desk.make_change("loyal", "champions")])
    desk = desk.restarted()
    assert desk.told() == []
    desk.profile(segment="champions")
    assert desk.sent() == [("a", "ana")]


def test_the_audience_is_asked_when_the_visit_begins(desk: Desk) -> None:
    desk.automate(trigger=entered("champions"), audience={"of": "best_customers", "origin": "web"})
    desk.profile("ana", origin="web")
    desk.profile("eva", origin="shop")
    desk.moved("loyal", "champions", "ana", origin="web")
    desk.moved("loyal", "champions", "eva", origin="shop")
    assert desk.sent() == [("a", "ana")]


def test_a_welcome_reaches_a_contact_who_was_not_known(desk: Desk) -> None:
    desk.automate(trigger=on_rule("segment", "=", "no_purchases"))
    desk.profile()
    assert desk.sent() == [("a", "ana")]


def test_a_saved_rule_is_a_trigger_and_its_edit_fires_nothing(desk: Desk) -> None:
    desk.define("rule", "big", {"name": "big", "rule": rule("orders", ">", 5)})
    desk.automate(trigger={"kind": "rule", "rule_id": "big"})
    desk.profile(orders=4)
    desk.define("rule", "big", {"name": "big", "rule": rule("orders", ">", 3)})
    desk.settle()
    desk.profile(orders=5)
    assert desk.sent() == []
    desk.profile("eva", orders=3)
    desk.profile("eva", orders=4)
    assert desk.sent() == [("a", "eva")]


def test_an_automation_without_consent_needs_a_webhook_without_channel(desk: Desk) -> None:
    desk.automate(trigger=entered("champions"), steps=[message(channel=None)])
    desk.profile(consent=[])
    desk.moved("loyal", "champions", consent=[])
    assert desk.sent() == [("a", "ana")]
