"""A contact that time cannot be applied to stands still, is named and counted; nobody waits for it."""

import logging
from collections.abc import Callable

import pytest

from schemas.reasons import Reason
from streams.rfm.calendar import DAY_MS, HOUR_MS
from streams.rfm.model import ScoringModel
from streams.rfm.orders import Order
from tests.properties.partition import EVERYONE, METRICS, Partition, Unplugged
from tests.properties.strategies import Removing

DAY = 20_000
NEXT_YEAR = DAY + 400
CURSED_MINOR = 66_666
Break = Callable[[], None]


@pytest.fixture
def definitions() -> Unplugged:
    made = Unplugged()
    made.define("acme", "account", "acme", {"time_zone": "UTC", "currency": "USD"})
    return made


@pytest.fixture
def partition(definitions: Unplugged) -> Partition:
    """Ana, Bea and Cid have bought on DAY; Bea has spent the amount that will be cursed."""
    made = Partition(definitions)
    for contact_id, total_minor in (("ana", 1_000), ("bea", CURSED_MINOR), ("cid", 1_000)):
        made.take("acme", [_order(contact_id, "1", total_minor, DAY)], _noon_ms(DAY))
    return made


@pytest.fixture
def break_scores(monkeypatch: pytest.MonkeyPatch) -> Break:
    """From now on whoever has spent the cursed amount cannot be scored: stands for a fault of ours."""
    scores = ScoringModel.value_score

    def value_score(model: ScoringModel, revenue_minor: int, orders: int) -> int:
        if revenue_minor == CURSED_MINOR:
            raise ArithmeticError("cursed")
        return scores(model, revenue_minor, orders)

    return lambda: monkeypatch.setattr(ScoringModel, "value_score", value_score)


def _noon_ms(day: int) -> int:
    return day * DAY_MS + 12 * HOUR_MS


def _order(contact_id: str, order_id: str, total_minor: int, day: int) -> Order:
    at_ms = _noon_ms(day)
    event_id = f"{contact_id}-{order_id}"
    return Order(contact_id, order_id, 1, at_ms, event_id, at_ms, total_minor, 0, False, at_ms)


def _scored_days(partition: Partition) -> dict[str, int]:
    profiles = partition.decoded("contact-profiles.v1", "contact_profile")
    return {profile["contact_id"]: profile["scored_day"] for profile in profiles}


def _letters(partition: Partition) -> list[tuple[str, str]]:
    return [
        (letter["reason"], letter["detail"]) for letter in partition.decoded("dead-letters.v1", "dead_letter")
    ]


@pytest.mark.parametrize("slice_size", [1, 2, EVERYONE])
def test_midnights_pass_for_all_the_others(
    partition: Partition, break_scores: Break, caplog: pytest.LogCaptureFixture, slice_size: int
) -> None:
    before = METRICS.contacts_held._value.get()
    break_scores()
    with caplog.at_level(logging.ERROR):
        partition.pass_to(_noon_ms(NEXT_YEAR), slice_size)
    days = _scored_days(partition)
    assert days["bea"] == DAY
    assert days["ana"] == days["cid"] > DAY
    assert partition.fold.due_ms() == (NEXT_YEAR + 1) * DAY_MS
    assert METRICS.contacts_held._value.get() > before
    assert "acme|bea: ArithmeticError('cursed')" in caplog.text


def test_a_new_model_reaches_all_the_others(
    definitions: Unplugged, partition: Partition, break_scores: Break
) -> None:
    break_scores()
    definitions.define("acme", "model", "scoring", {"interaction_weight": 1})
    partition.pass_to(_noon_ms(DAY), EVERYONE)
    profiles = partition.decoded("contact-profiles.v1", "contact_profile")
    versions = {profile["contact_id"]: profile["model_version"] for profile in profiles}
    assert versions == {"ana": 2, "bea": 1, "cid": 2}


def test_what_comes_for_it_is_a_dead_letter_and_the_rest_of_the_chunk_counts(
    partition: Partition, break_scores: Break
) -> None:
    break_scores()
    partition.pass_to(_noon_ms(NEXT_YEAR), EVERYONE)
    orders = [_order(contact_id, "2", 500, NEXT_YEAR) for contact_id in ("ana", "bea", "cid")]
    partition.take("acme", orders, _noon_ms(NEXT_YEAR))
    partition.take("acme", [Removing("bea", _noon_ms(NEXT_YEAR))], _noon_ms(NEXT_YEAR))
    assert [reason for reason, _ in _letters(partition)] == [Reason.FOLD_ERROR] * 2
    assert all("acme|bea" in detail and "cursed" in detail for _, detail in _letters(partition))
    profiles = partition.decoded("contact-profiles.v1", "contact_profile")
    orders_by_contact = {profile["contact_id"]: profile["orders"] for profile in profiles}
    assert orders_by_contact == {"ana": 2, "bea": 1, "cid": 2}


def test_a_restart_with_the_fix_catches_up_as_if_nothing_had_been(
    definitions: Unplugged, partition: Partition, break_scores: Break, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_scores()
    partition.pass_to(_noon_ms(NEXT_YEAR), EVERYONE)
    monkeypatch.undo()
    mended = partition.restarted(definitions, compacted=True)
    mended.pass_to(_noon_ms(NEXT_YEAR), EVERYONE)
    days = _scored_days(mended)
    assert days["bea"] == days["ana"] == days["cid"]
    changes = mended.decoded("segment-changes.v1", "segment_change")
    told = {
        contact_id: [
            (change["seq"], change["cause"], change["to_segment"], change["effective_day"])
            for change in changes
            if change["contact_id"] == contact_id
        ]
        for contact_id in ("ana", "bea")
    }
    assert len(told["bea"]) > 1
    assert [one[::3] for one in told["bea"]] == [one[::3] for one in told["ana"]]
