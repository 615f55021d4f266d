"""Splits: chance leads a contact to one of several arms, and always to the same."""

from collections import Counter
from typing import Any

import pytest

from streams.rfm.calendar import DAY_MS
from tests.unit.automations.desk import DAY, NOON_MS, Desk, entered, message

CHAMPIONS = entered("champions")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def split(name: str = "text", **weights: int) -> dict[str, Any]:
    """A split whose arms send their own names; A and B with equal weights unless told otherwise."""
    shares = weights or {"A": 50, "B": 50}
    arms = [
        {"name": arm, "weight": weight, "steps": [message(template=arm)]} for arm, weight in shares.items()
    ]
    return {"kind": "split", "name": name, "arms": arms}


def enter(desk: Desk, contacts: int, first: int = 0) -> None:
    """Contacts become champions."""
    for i in range(first, first + contacts):
        desk.profile(f"c{i}", segment="loyal", orders=1)
        desk.moved("loyal", "champions", f"c{i}", orders=2)


def arms_of(desk: Desk, split_name: str = "text") -> dict[str, str]:
    """The arm that each contact took last."""
    return {a["contact_id"]: a["split_arm"] for a in desk.actions() if a["split"] == split_name}


def test_every_contact_takes_one_arm_which_is_told_once_and_gets_what_stands_there(desk: Desk) -> None:
    desk.automate(trigger=CHAMPIONS, steps=[split(), {"kind": "tag", "tag": "done"}])
    enter(desk, 40)
    arms, sent = arms_of(desk), {}
    for one in desk.actions():
        if one["kind"] == "webhook":
            sent[one["contact_id"]] = one["message_template"]
    assert sent == arms
    assert {*arms.values()} == {"A", "B"}
    kinds = Counter(a["kind"] for a in desk.actions())
    assert kinds["assigned"] == kinds["entered"] == kinds["tag"] == 40
    assigned = next(a for a in desk.actions() if a["kind"] == "assigned")
    assert (assigned["step"], assigned["split"], assigned["due_at"]) == ("1", "text", NOON_MS)


def test_an_entry_is_told_at_once_with_its_arm_also_of_who_waits_or_is_held_back(desk: Desk) -> None:
    desk.automate(trigger=CHAMPIONS, steps=[{"kind": "wait", "days": 9}, message()], holdout_percent=50)
    enter(desk, 30)
    told = [(a["kind"], a["due_at"], a["triggered_at"]) for a in desk.actions()]
    assert told == [("entered", NOON_MS, NOON_MS)] * 30
    assert {a["arm"] for a in desk.actions()} == {"treated", "holdout"}
    desk = desk.restarted()
    desk.pass_days(10)
    assert sum(a["kind"] == "entered" for a in desk.actions()) == 30


def test_the_holdout_takes_arms_too_and_gets_nothing(desk: Desk) -> None:
    desk.automate(trigger=CHAMPIONS, steps=[split()], holdout_percent=50)
    enter(desk, 60)
    held = {a["contact_id"] for a in desk.actions() if a["kind"] == "entered" and a["arm"] == "holdout"}
    arms = arms_of(desk)
    assert len(arms) == 60
    assert {arms[one] for one in held} == {"A", "B"}
    assert {a["contact_id"] for a in desk.actions() if a["kind"] == "webhook"} == {*arms} - held


def test_a_new_version_leads_everybody_as_before_while_names_and_weights_stay(desk: Desk) -> None:
    always: dict[str, Any] = {"trigger": CHAMPIONS, "reentry": {"kind": "always"}}
    desk.automate(**always, steps=[split(A=30, B=70)])
    enter(desk, 60)
    before = arms_of(desk)
    turned = split(B=70, A=30)
    desk.automate(**always, steps=[{"kind": "tag", "tag": "x"}, turned])
    for contact_id in before:
        desk.moved("champions", "loyal", contact_id, cause="decay")
        desk.moved("loyal", "champions", contact_id)
    assert sum(a["kind"] == "assigned" for a in desk.actions()) == 120
    assert arms_of(desk) == before


def test_who_is_inside_keeps_the_arm_of_the_version_it_entered_with(desk: Desk) -> None:
    slow = split()
    for arm in slow["arms"]:
        arm["steps"].insert(0, {"kind": "wait", "days": 1})
    desk.automate(trigger=CHAMPIONS, steps=[slow])
    enter(desk, 30)
    before = arms_of(desk)
    desk.automate(trigger=CHAMPIONS, steps=[split(C=1, D=1)])
    desk = desk.restarted()
    desk.pass_to(NOON_MS + DAY_MS)
    told = {a["contact_id"]: a["message_template"] for a in desk.actions() if a["kind"] == "webhook"}
    assert told == before


def test_another_split_and_another_automation_deal_anew(desk: Desk) -> None:
    desk.automate("a", trigger=CHAMPIONS, steps=[split("text"), split("hour")])
    desk.automate("b", trigger=CHAMPIONS, steps=[split("text")])
    enter(desk, 200)
    taken: dict[tuple[str, str], dict[str, str]] = {}
    for one in desk.actions():
        if one["kind"] == "assigned":
            taken.setdefault((one["automation_id"], one["split"]), {})[one["contact_id"]] = one["split_arm"]
    assert {len(arms) for arms in taken.values()} == {200}
    ways = Counter(tuple(arms[f"c{i}"] for arms in taken.values()) for i in range(200))
    assert len(ways) == 8


def test_a_split_after_a_wait_is_decided_when_it_is_reached(desk: Desk) -> None:
    desk.automate(trigger=CHAMPIONS, steps=[{"kind": "wait", "days": 2}, split()])
    enter(desk, 3)
    assert arms_of(desk) == {}
    desk.pass_days(2)
    assert {a["due_at"] for a in desk.actions() if a["kind"] == "assigned"} == {
        (DAY + 2) * DAY_MS + DAY_MS // 2
    }
