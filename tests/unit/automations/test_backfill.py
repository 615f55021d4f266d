"""Traps of old news: nothing fires that should not, nothing twice."""

from typing import Any

import pytest

from streams.rfm.calendar import DAY_MS, HOUR_MS
from tests.unit.automations.desk import DAY, NOON_MS, Desk, entered, message, rule

RULE = {"kind": "rule", "rule": rule("orders", ">", 3)}
CHAMPIONS = entered("champions")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_new_automation_over_an_old_base_fires_for_nobody_in_it(desk: Desk) -> None:
    for i in range(50):
        desk.profile(f"c{i}", segment="champions", orders=4 + i, last_order_day=DAY - 61 - i)
    desk.automate("a", trigger=CHAMPIONS)
    desk.automate("b", trigger=RULE)
    desk.automate("c", trigger={"kind": "rule", "rule": rule("days_since_last", ">", 60)})
    desk.settle()
    for i in range(50):
        desk.profile(f"c{i}", segment="champions", orders=5 + i, last_order_day=DAY - 61 - i, tags=["x"])
    desk.pass_days(40)
    assert desk.told() == []


def test_what_happened_before_it_was_activated_fires_nothing_when_it_is_read_later(desk: Desk) -> None:
    desk.profile(segment="loyal", orders=3)
    change, at_ms = desk.make_change("loyal", "champions"), desk.now_ms
    profile = desk.make_profile(segment="champions", orders=9)
    desk.pass_to(at_ms + HOUR_MS)
    desk.automate("a", trigger=CHAMPIONS)
    desk.automate("b", trigger=RULE)
    desk.take([change])
    desk.take([profile])
    assert desk.told() == []


def test_an_edit_fires_for_nobody_whom_the_new_version_already_holds_for(desk: Desk) -> None:
    desk.automate(trigger=RULE)
    desk.profile(orders=3)
    desk.automate(trigger={"kind": "rule", "rule": rule("orders", ">", 2)})
    desk.profile(orders=4)
    desk.profile(orders=5, tags=["x"])
    assert desk.told() == []


def test_an_edit_lets_nobody_in_again_who_is_still_there(desk: Desk) -> None:
    desk.automate(trigger=CHAMPIONS, reentry={"kind": "always"})
    desk.profile(segment="loyal")
    desk.moved("loyal", "champions")
    desk.automate(trigger=entered("champions", "loyal"), reentry={"kind": "always"})
    desk.moved("champions", "loyal", cause="decay")
    desk.moved("loyal", "champions")
    assert desk.sent() == [("a", "ana")]


def test_replay_from_zero_repeats_ids_and_fires_nothing_that_is_old(desk: Desk) -> None:
    desk.automate(trigger=CHAMPIONS)
    desk.profile(segment="loyal")
    change = desk.make_change("loyal", "champions")
    profile = desk.make_profile(segment="champions")
    desk.take([change])
    desk.take([profile])
    again = Desk(desk.definitions, desk.now_ms)
    again.take([change])
    again.take([profile])
    assert [a["action_id"] for a in again.actions()] == [a["action_id"] for a in desk.actions()]
    later = Desk(desk.definitions, desk.now_ms + 3 * DAY_MS)
    later.take([change])
    later.take([profile])
    assert later.told() == [("missed", "too_late")]


def test_what_activity_replays_is_known_already(desk: Desk) -> None:
    desk.automate("a", trigger=CHAMPIONS, reentry={"kind": "always"})
    desk.automate("b", trigger=RULE, reentry={"kind": "always"})
    desk.profile(segment="loyal", orders=3)
    change = desk.make_change("loyal", "champions")
    desk.take([change])
    desk.profile(segment="champions", orders=9)
    desk.take([change])
    desk.profile(segment="champions", orders=9, live=False, sequence=(1 << 40) + 1)
    assert sorted(desk.sent()) == [("a", "ana"), ("b", "ana")]


def test_lost_local_state_comes_back_from_the_changelog(desk: Desk) -> None:
    desk.automate(trigger=CHAMPIONS, steps=[{"kind": "wait", "days": 2}, message()])
    desk.profile(segment="loyal")
    desk.moved("loyal", "champions")
    for compacted in (True, False):
        desk = desk.restarted(compacted=compacted)
    desk.pass_days(5)
    desk = desk.restarted()
    desk.moved("champions", "loyal", cause="decay")
    desk.pass_days(5)
    desk.moved("loyal", "champions")
    assert desk.sent() == [("a", "ana")]
    assert desk.told()[-1] == ("suppressed", "reentry")


def test_a_contact_dormant_for_a_year_wakes_without_old_messages(desk: Desk) -> None:
    desk.profile(segment="loyal", orders=3, last_order_day=DAY - 365)
    desk.automate("a", trigger={"kind": "rule", "rule": rule("days_since_last", ">", 60)})
    desk.automate("b", trigger=CHAMPIONS)
    desk.profile(segment="champions", orders=4, last_order_day=DAY)
    assert desk.told() == []
    desk.pass_days(61)
    assert desk.sent() == [("a", "ana")]


def test_days_that_passed_while_nobody_was_here_fire_within_the_horizon_only(desk: Desk) -> None:
    desk.automate(trigger={"kind": "rule", "rule": rule("days_since_last", ">", 60)})
    desk.profile("ana", orders=1, last_order_day=DAY - 57)
    desk.profile("eva", orders=1, last_order_day=DAY - 52)
    desk.now_ms = NOON_MS + 10 * DAY_MS
    desk.settle()
    assert desk.told("missed") == [("missed", "too_late")]
    assert desk.sent() == [("a", "eva")]


@pytest.mark.parametrize("cause", ["merge", "recalibration", "erasure"])
def test_what_nobody_did_fires_nothing(desk: Desk, cause: str) -> None:
    desk.automate("a", trigger=CHAMPIONS)
    desk.automate("b", trigger=RULE)
    desk.profile(segment="loyal", orders=3)
    desk.moved("loyal", "champions", cause=cause, orders=4, live=False)
    assert desk.told() == []


def test_loaded_history_fires_nothing_and_is_no_news_later(desk: Desk) -> None:
    desk.automate("a", trigger=CHAMPIONS)
    desk.automate("b", trigger=RULE)
    desk.profile(segment="loyal", orders=3)
    desk.take([desk.make_change("loyal", "champions", historical=True)])
    desk.profile(segment="champions", orders=9, live=False)
    desk.profile(segment="champions", orders=9, live=True, tags=["x"])
    assert desk.told() == []


def test_a_missed_milestone_is_logged_and_fires_nothing(desk: Desk) -> None:
    desk.automate(trigger={"kind": "silence", "days": 30})
    desk.profile(orders=1, last_order_day=DAY - 30)
    desk.take([desk.make_milestone(30, DAY - 30, missed=True)])
    assert desk.told() == [("missed", "too_late")]


def test_a_draft_or_one_that_cannot_run_does_nothing(desk: Desk) -> None:
    broken: dict[str, Any] = {"name": "x", "status": "active", "trigger": {"kind": "segment_entered"}}
    desk.define("automation", "x", broken)
    desk.automate("d", trigger=CHAMPIONS, status="draft")
    desk.profile(segment="loyal")
    desk.moved("loyal", "champions")
    assert desk.told() == []


def test_a_manual_send_older_than_the_horizon_reaches_nobody(desk: Desk) -> None:
    desk.profile(segment="champions")
    desk.define("send", "s", {"name": "s", "audience": {"of": "all"}, "steps": [message()]})
    desk.now_ms += 3 * DAY_MS
    desk.settle()
    assert desk.told() == []
