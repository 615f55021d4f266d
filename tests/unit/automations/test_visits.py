"""What happens between entering and leaving."""

from typing import Any

import pytest

from schemas.keys import contact_key
from schemas.records import Topic
from streams.rfm.calendar import DAY_MS, HOUR_MS
from tests.unit.automations.desk import CODEC, DAY, NOON_MS, Came, Desk, entered, message, rule

CHAMPIONS = entered("champions")


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.profile(segment="loyal", orders=3, last_order_day=DAY - 10)
    return made


def enter(desk: Desk, contact_id: str = "ana", **fields: Any) -> None:
    """The contact becomes a champion."""
    desk.moved("loyal", "champions", contact_id, **{"orders": 4, "last_order_day": DAY, **fields})


def wait(**more: Any) -> list[dict[str, Any]]:
    """A wait before the message."""
    return [{"kind": "wait", **more}, message()]


def test_a_wait_survives_a_restart_and_ends_on_time(desk: Desk) -> None:
    desk.automate(trigger=CHAMPIONS, steps=wait(hours=2))
    enter(desk)
    desk = desk.restarted()
    desk.pass_to(NOON_MS + 2 * HOUR_MS - 1)
    assert desk.sent() == []
    desk.pass_to(NOON_MS + 2 * HOUR_MS)
    desk = desk.restarted()
    desk.pass_days(3)
    assert desk.told() == [("entered", None), ("webhook", None), ("exited", "completed")]


def test_a_purchase_during_a_wait_exits_unless_switched_off(desk: Desk) -> None:
    desk.automate("a", trigger=CHAMPIONS, steps=wait(days=2))
    desk.automate("b", trigger=CHAMPIONS, steps=wait(days=2), exit_on_purchase=False)
    enter(desk)
    desk.profile(segment="champions", orders=5, last_order_day=DAY)
    desk.pass_days(2)
    assert desk.sent() == [("b", "ana")]
    assert ("exited", "purchased") in desk.told()


def test_who_leaves_the_segment_leaves_the_automation_unless_it_keeps_them(desk: Desk) -> None:
    desk.automate("a", trigger=CHAMPIONS, steps=wait(days=2))
    desk.automate("b", trigger=CHAMPIONS, steps=wait(days=2), exit="never")
    enter(desk)
    desk.moved("champions", "loyal", cause="amendment", orders=4, last_order_day=DAY)
    desk.pass_days(2)
    assert desk.sent() == [("b", "ana")]
    assert ("exited", "condition_ended") in desk.told()


@pytest.mark.parametrize(("bought", "template"), [(True, "gracias"), (False, "te extrañamos")])
def test_waiting_for_a_purchase_has_two_ways(desk: Desk, bought: bool, template: str) -> None:
    step = {
        "kind": "wait_for_purchase",
        "days": 5,
        "bought": [message(template="gracias")],
        "silent": [message(template="te extrañamos")],
    }
    desk.automate(trigger=CHAMPIONS, steps=[step])
    enter(desk)
    desk.pass_days(2)
    if bought:
        desk.profile(segment="champions", orders=5, last_order_day=DAY + 2)
    desk.pass_days(9)
    assert [a["message_template"] for a in desk.actions() if a["kind"] == "webhook"] == [template]


def test_a_branch_reads_the_profile_at_the_moment_it_is_reached(desk: Desk) -> None:
    branch = {
        "kind": "branch",
        "paths": [{"when": rule("tags", "contains", "vip"), "steps": [message(template="vip")]}],
        "else": [message(template="other")],
    }
    desk.automate(trigger=CHAMPIONS, steps=[{"kind": "wait", "hours": 1}, branch])
    enter(desk)
    desk.profile(segment="champions", orders=4, last_order_day=DAY, tags=["vip"])
    desk.pass_to(NOON_MS + HOUR_MS)
    assert [(a["message_template"], a["step"]) for a in desk.actions() if a["kind"] == "webhook"] == [
        ("vip", "2.1.1")
    ]


def test_quiet_hours_defer_a_message_and_everything_is_asked_again(desk: Desk) -> None:
    desk.automate(trigger=CHAMPIONS)
    desk.pass_to(DAY * DAY_MS + 22 * HOUR_MS)
    for contact_id in ("ana", "eva", "leo", "mia"):
        enter(desk, contact_id)
    assert desk.told("deferred") == [("deferred", "quiet_hours")] * 4
    desk.profile("eva", segment="champions", orders=5, last_order_day=DAY)
    desk.moved("champions", "loyal", "leo", cause="amendment", orders=4, last_order_day=DAY)
    desk.profile("mia", segment="champions", orders=4, last_order_day=DAY, consent=[])
    desk = desk.restarted()
    desk.pass_to((DAY + 1) * DAY_MS + 9 * HOUR_MS - 1)
    assert desk.sent() == []
    desk.pass_to((DAY + 1) * DAY_MS + 9 * HOUR_MS)
    assert desk.sent() == [("a", "ana")]
    assert {("exited", "purchased"), ("exited", "condition_ended"), ("suppressed", "no_consent")} <= {
        *desk.told()
    }
    deferred, webhook = (
        next(a for a in desk.actions() if a["kind"] == kind and a["contact_id"] == "ana")
        for kind in ("deferred", "webhook")
    )
    assert deferred["action_id"] == webhook["action_id"]


def test_a_tag_is_sent_to_the_contact_s_events_under_the_action_s_id(desk: Desk) -> None:
    desk.automate(trigger=CHAMPIONS, steps=[{"kind": "tag", "tag": "vip"}])
    enter(desk)
    [(key, value)] = desk.records(Topic.CONTACTS)
    told = CODEC.decode_one("contact", value or b"")
    [action] = [one for one in desk.actions() if one["kind"] == "tag"]
    assert (key, told["event_id"]) == (contact_key("acme", "ana"), action["action_id"])
    assert (told["contact_id"], told["add_tags"], told["tags"]) == ("ana", ["vip"], None)


def test_a_tag_or_a_technical_webhook_is_not_held_back_at_night(desk: Desk) -> None:
    desk.automate(trigger=CHAMPIONS, steps=[{"kind": "tag", "tag": "vip"}, message(channel=None)])
    desk.pass_to(DAY * DAY_MS + 23 * HOUR_MS)
    enter(desk)
    assert desk.told() == [("entered", None), ("tag", None), ("webhook", None)]


def test_without_consent_the_reason_is_told_unless_there_is_a_legal_basis(desk: Desk) -> None:
    desk.automate(trigger=CHAMPIONS)
    enter(desk, "ana", consent=[])
    assert desk.told("suppressed", "webhook") == [("suppressed", "no_consent")]
    desk.define("settings", "messaging", {"legal_basis": "contract"})
    enter(desk, "eva", consent=[])
    assert desk.sent() == [("a", "eva")]


def test_a_contact_gets_three_messages_in_seven_days_over_all_automations(desk: Desk) -> None:
    for id_ in "abcde":
        desk.automate(id_, trigger=CHAMPIONS, reentry={"kind": "always"})
    enter(desk)
    assert desk.sent() == [("a", "ana"), ("b", "ana"), ("c", "ana")]
    assert desk.told("suppressed") == [("suppressed", "cap_contact")] * 2
    desk = desk.restarted()
    desk.pass_days(7)
    desk.moved("champions", "loyal", orders=4)
    enter(desk, orders=5)
    assert len(desk.sent()) == 6


def test_a_message_that_failed_counts_for_no_cap(desk: Desk) -> None:
    desk.define("settings", "messaging", {"contact_cap": 1})
    for id_ in "ab":
        desk.automate(id_, trigger=entered("champions" if id_ == "a" else "lost"))
    enter(desk)
    sent = next(a for a in desk.actions() if a["kind"] == "webhook")
    delivery = {"contact_id": "ana", "action_id": sent["action_id"], "state": "failed", "test": False}
    desk.take([Came("webhook-deliveries.v1", "ana", delivery)])
    desk.moved("champions", "lost", cause="decay")
    assert desk.sent() == [("a", "ana"), ("b", "ana")]


def test_an_accounts_cap_holds_for_a_local_day(desk: Desk) -> None:
    desk.define("settings", "messaging", {"account_cap": 2})
    desk.automate(trigger=CHAMPIONS)
    for contact_id in ("ana", "eva", "leo"):
        enter(desk, contact_id)
    assert desk.told("suppressed") == [("suppressed", "cap_account")]
    desk = desk.restarted()
    desk.pass_days(1)
    desk.settle()
    enter(desk, "mia")
    assert desk.sent()[-1] == ("a", "mia")


def test_the_holdout_is_the_same_contacts_each_time_and_gets_nothing(desk: Desk) -> None:
    desk.automate(trigger=CHAMPIONS, holdout_percent=20)
    names = [f"c{i}" for i in range(200)]
    for name in names:
        enter(desk, name)
    held = {a["contact_id"] for a in desk.actions() if a["kind"] == "nothing"}
    assert 20 < len(held) < 60
    assert {contact for _, contact in desk.sent()} == {*names} - held
    arms = {a["contact_id"]: a["arm"] for a in desk.actions() if a["kind"] == "entered"}
    assert {name for name, arm in arms.items() if arm == "holdout"} == held


@pytest.mark.parametrize(
    ("reentry", "times"),
    [({"kind": "never"}, 1), ({"kind": "after", "days": 30}, 2), ({"kind": "always"}, 3)],
)
def test_who_may_enter_again(desk: Desk, reentry: dict[str, Any], times: int) -> None:
    desk.automate(trigger=CHAMPIONS, reentry=reentry)
    for days in (0, 10, 40):
        desk.pass_to(NOON_MS + days * DAY_MS)
        enter(desk, orders=4 + days)
        desk.moved("champions", "loyal", cause="decay", orders=4 + days)
    assert len(desk.sent()) == times


def test_who_is_inside_does_not_enter_a_second_time(desk: Desk) -> None:
    desk.automate(trigger=CHAMPIONS, steps=wait(days=20), exit="never", reentry={"kind": "always"},
                  exit_on_purchase=False)  # fmt: skip
    enter(desk)
    desk.moved("champions", "loyal", cause="decay")
    enter(desk)
    assert desk.told("entered", "suppressed") == [("entered", None), ("suppressed", "inside")]


def test_whoever_is_inside_keeps_the_version_of_their_entry(desk: Desk) -> None:
    desk.automate(trigger=CHAMPIONS, steps=[{"kind": "wait", "hours": 1}, message(template="old")])
    enter(desk)
    desk.automate(trigger=CHAMPIONS, steps=[{"kind": "wait", "hours": 1}, message(template="new")])
    desk = desk.restarted()
    enter(desk, "eva")
    desk.pass_to(NOON_MS + HOUR_MS)
    told = [(a["contact_id"], a["automation_version"], a["message_template"]) for a in desk.actions()]
    assert {one for one in told if one[2]} == {("ana", 1, "old"), ("eva", 2, "new")}


def test_pausing_ends_what_waits_and_begins_nothing(desk: Desk) -> None:
    desk.automate(trigger=CHAMPIONS, steps=wait(hours=1))
    enter(desk)
    desk.automate(trigger=CHAMPIONS, steps=wait(hours=1), status="paused")
    enter(desk, "eva")
    desk.pass_to(NOON_MS + HOUR_MS)
    assert desk.told() == [("entered", None), ("exited", "paused")]


def test_an_erased_contact_leaves_everything_and_nothing_of_it_stays(desk: Desk) -> None:
    desk.automate(trigger=CHAMPIONS, steps=wait(days=1))
    enter(desk, personal={"name": "Ana", "email": None, "phone": None, "document": None})
    desk.remove()
    assert desk.told()[-1] == ("exited", "erased")
    assert list(desk.records("contact-automations.v1"))[-1] == (b"acme|ana", None)
    desk = desk.restarted()
    desk.pass_days(3)
    assert desk.sent() == []


def test_what_came_before_an_erasure_waits_for_nobody_who_comes_back(desk: Desk) -> None:
    """A transaction takes a topic after the other: all profiles, then all changes."""
    desk.automate(trigger=CHAMPIONS)
    change = desk.make_change("loyal", "champions")
    profile = desk.make_profile(segment="champions", orders=4, last_order_day=DAY)
    erased = desk.make_change("champions", "no_purchases", cause="erasure")
    desk.take([profile, desk.make_profile(removed=True, live=False)])
    desk.take([change, erased])
    desk = desk.restarted()
    desk.profile(segment="loyal", orders=1, last_order_day=DAY)
    assert desk.told() == []


def test_a_message_carries_what_it_needs_and_no_more(desk: Desk) -> None:
    desk.automate(trigger=CHAMPIONS)
    enter(desk, revenue_minor=900, personal={"name": "Ana", "email": None, "phone": "+1", "document": "7"})
    entry, webhook = desk.actions()
    assert entry["personal"] is None
    assert webhook["personal"] == {"name": "Ana", "email": None, "phone": "+1"}
    values = {one["variable"]: one["value"] for one in webhook["variables"]}
    assert (values["segment"], values["average_ticket"], values["days_since_last"]) == (
        "champions",
        "225",
        "0",
    )
    assert (webhook["currency"], webhook["time_zone"], webhook["quiet_start_minute"]) == ("USD", "UTC", 1260)
    assert webhook["cause_event_id"] == webhook["visit"] == "acme|ana|1"


def test_a_manual_send_reaches_who_matches_now_once_and_can_be_stopped(desk: Desk) -> None:
    desk.profile("eva", segment="champions")
    desk.profile("leo", segment="champions", consent=[])
    send = {"name": "oferta", "audience": {"of": "best_customers"}, "steps": [message()]}
    desk.define("send", "s1", send)
    desk.settle()
    desk.profile("mia", segment="champions")
    desk = desk.restarted()
    desk.settle()
    assert sorted(desk.sent()) == [("s1", "ana"), ("s1", "eva")]
    assert desk.told("suppressed") == [("suppressed", "no_consent")]
    desk.define("send", "s2", {**send, "steps": wait(hours=1)})
    desk.settle()
    desk.define("send", "s2", {**send, "steps": wait(hours=1), "status": "stopped"})
    desk.pass_to(NOON_MS + HOUR_MS)
    assert [one for one in desk.sent() if one[0] == "s2"] == []
    assert ("exited", "stopped") in desk.told()
