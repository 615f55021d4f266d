"""Rules of the fold, one scenario each: what the properties find only if they happen to draw it."""

from dataclasses import replace
from typing import Any

import pytest

from streams.rfm.account import Account
from streams.rfm.calendar import DAY_MS, HOUR_MS, Calendar
from streams.rfm.changes import Change
from streams.rfm.effects import Effects
from streams.rfm.facts import ContactFacts, facts_of
from streams.rfm.fold import PartitionState
from streams.rfm.interactions import Interaction, Sentiment
from streams.rfm.model import ScoringModel
from streams.rfm.orders import Order
from streams.rfm.people import Person
from streams.rfm.segments import Cause, Segment
from tests.properties.play import EVERYONE, Player, batch_of
from tests.properties.strategies import Event, Passing, Remodelling, Removing
from tests.properties.test_fold_failures import CURSED_MINOR, CursedModel

DAY = 20_000
MODEL = ScoringModel(value_cuts=(2500, 5000, 10_000, 20_000))
ACCOUNT = Account("acme", Calendar("UTC"), "USD", MODEL)
WEIGHTY = replace(ACCOUNT, model=replace(MODEL, interaction_weight=100))
_ids = iter(range(1_000_000))


def order(order_id: str = "1", day: int = DAY, at: int = DAY, late_ms: int = 0, **more: Any) -> Order:
    """Ana's order of 30.00, placed on a day, arriving on another."""
    arrived = at * DAY_MS + 12 * HOUR_MS
    fields = {
        "contact_id": "ana", "order_id": order_id, "version": 0, "updated_at_ms": arrived - late_ms,
        "event_id": f"e{next(_ids):06}", "placed_at_ms": day * DAY_MS + HOUR_MS, "total_minor": 3000,
        "refunded_minor": 0, "backfill": False, "arrived_at_ms": arrived,
    }  # fmt: skip
    return Order(**{**fields, **more})


def talk(talk_id: str = "x", day: int = DAY, at: int = DAY, late_ms: int = 0, **more: Any) -> Interaction:
    """Ana's interaction of a day, arriving on another."""
    arrived = at * DAY_MS + 12 * HOUR_MS
    fields = {
        "contact_id": "ana", "interaction_id": talk_id, "version": 0, "updated_at_ms": arrived - late_ms,
        "event_id": f"e{next(_ids):06}", "occurred_at_ms": day * DAY_MS + HOUR_MS, "sentiment": 1,
        "backfill": False, "arrived_at_ms": arrived,
    }  # fmt: skip
    return Interaction(**{**fields, **more})


def person(origin: str | None, version: int) -> Person:
    """A contact event of Ana's."""
    return Person("ana", version, DAY * DAY_MS, f"e{next(_ids):06}", origin, None, None, None, DAY * DAY_MS)


def played(*events: Event, account: Account = ACCOUNT) -> Player:
    """Events from DAY on; the batch agrees with the end."""
    player = Player(account, DAY)
    for event in events:
        player.effects = Effects()
        player.take(event)
    assert facts_of(player.state) == batch_of(player, account)
    return player


def ana(player: Player) -> ContactFacts:
    """Ana's facts."""
    return facts_of(player.state)["acme", "ana"]


def last(player: Player) -> Change:
    """The one change of the last event."""
    (change,) = player.effects.changes
    return change


@pytest.mark.parametrize(("age", "counted"), [(90, 1), (91, 0)])
def test_an_interaction_is_too_late_after_ninety_days(age: int, counted: int) -> None:
    player = played(order(), talk(day=DAY - age))
    assert ana(player).interactions == counted
    assert player.effects.too_late == 1 - counted


@pytest.mark.parametrize(("days", "remembered"), [(90, 1), (91, 0)])
def test_an_id_is_remembered_for_ninety_days(days: int, remembered: int) -> None:
    player = played(talk(), Passing(days))
    assert (len(ana(player).talks), ana(player).interactions) == (remembered, 1)


def test_a_forgotten_id_that_claims_another_day_is_another_interaction() -> None:
    moved = talk(day=DAY + 91, at=DAY + 91, version=1)
    assert ana(played(talk(), Passing(91), moved)).interactions == 2
    assert (
        ana(played(talk(), Passing(90), moved._replace(occurred_at_ms=(DAY + 90) * DAY_MS))).interactions == 1
    )


def test_a_version_of_an_interaction_replaces_the_mood_of_the_one_before() -> None:
    assert ana(played(talk(sentiment=-1))).sentiment is Sentiment.NEGATIVE
    assert ana(played(talk(sentiment=-1), talk(sentiment=1, version=1))).sentiment is Sentiment.POSITIVE
    unrated = ana(played(talk(sentiment=-1), talk(sentiment=None, version=1)))
    assert (unrated.sentiment, unrated.sentiment_weight, unrated.interactions) == (None, 0, 1)


@pytest.mark.parametrize(
    ("event", "historical"),
    [
        (talk(), False), (talk(late_ms=48 * HOUR_MS), False), (talk(late_ms=48 * HOUR_MS + 1), True),
        (talk(backfill=True), True), (order("2"), False), (order("2", late_ms=48 * HOUR_MS), False),
        (order("2", late_ms=48 * HOUR_MS + 1), True), (order("2", backfill=True), True),
    ],
)  # fmt: skip
def test_news_older_than_the_horizon_is_historical(event: Interaction | Order, historical: bool) -> None:
    account = replace(WEIGHTY, model=replace(WEIGHTY.model, frequency_cuts=(1, 20, 40, 70)))
    player = played(order(), event, account=account)
    assert last(player).historical is historical


def test_interactions_make_nobody_a_buyer() -> None:
    player = played(*(talk(str(i)) for i in range(9)), account=WEIGHTY)
    assert (ana(player).segment, ana(player).f, ana(player).interactions) == (Segment.NO_PURCHASES, 0, 9)
    assert ana(played(order(), *(talk(str(i)) for i in range(3)), account=WEIGHTY)).f == 3


def test_a_day_put_before_another_and_one_taken_away_report_the_row_behind_them() -> None:
    player = played(order("1"), order("2", day=DAY - 9))
    assert {day for _, day in player.effects.days} == {DAY - 9, DAY}
    player = played(order("1"), order("2", day=DAY - 9), order("2", day=DAY - 9, version=1, placed=False))
    assert {day for _, day in player.effects.days} == {DAY - 9, DAY}


def test_an_order_moved_to_another_day_takes_what_it_counted_for_along() -> None:
    player = played(order(), order("2"), order(day=DAY - 40, version=1, total_minor=700))
    assert [(row.day, row.orders, row.revenue_minor) for row in ana(player).days] == [
        (DAY - 40, 1, 700),
        (DAY, 1, 3000),
    ]


def test_a_purchase_dated_tomorrow_has_age_zero() -> None:
    far = replace(ACCOUNT, model=replace(MODEL, recency_cuts=(0, 90, 180, 365)))
    assert ana(played(order(day=DAY + 1), account=far)).r == 5


def test_zero_totals_count_and_full_refunds_do_not() -> None:
    assert ana(played(order(total_minor=0))).orders == 1
    assert ana(played(order(total_minor=5, refunded_minor=5))).orders == 0
    assert ana(played(order(total_minor=5, refunded_minor=4))).revenue_minor == 1


def test_recency_falls_on_the_day_after_its_cut_at_the_first_instant() -> None:
    assert ana(played(order(), Passing(30))).r == 5
    player = played(order(), Passing(31))
    assert ana(player).r == 4
    changes = played(order(), Passing(400)).effects.changes
    assert [change.effective_day - DAY for change in changes] == sorted(
        {c.effective_day - DAY for c in changes}
    )
    assert all(change.effective_day - DAY in (31, 91, 181, 366) for change in changes)
    assert [change.occurred_at for change in changes] == [change.effective_day * DAY_MS for change in changes]


def test_the_forecast_names_the_first_day_of_the_next_segment() -> None:
    told = ana(played(order()))
    change = played(order(), Passing((told.next_segment_day or 0) - DAY)).effects.changes[-1]
    assert (change.to_segment, change.effective_day) == (told.next_segment, told.next_segment_day)


def test_the_origin_is_of_the_latest_event_that_names_one() -> None:
    for events in ((person("shop", 1), person(None, 2)), (person(None, 2), person("shop", 1))):
        card = ana(played(*events)).card
        assert card is not None
        assert (card.origin, card.stamp[0]) == ("shop", 2)


def test_recalibration_changes_are_no_news() -> None:
    other = replace(MODEL, frequency_cuts=(0, 2, 4, 7), value_cuts=(1, 2, 3, 4))
    change = last(played(order(), Remodelling(other)))
    assert (change.cause, change.historical, change.model_version) == (Cause.RECALIBRATION, True, 2)


def test_removal_settles_first_and_takes_forgotten_interactions_along() -> None:
    gone = Removing("ana", (DAY + 100) * DAY_MS)
    player = played(order(), talk(), Passing(100), gone)
    assert [talk_id for _, talk_id in player.effects.lost_talks] == ["x"]
    assert [order_id for _, order_id in player.effects.lost_orders] == ["1"]
    behind = Player(ACCOUNT, DAY, most=None)
    for event in (order(), Passing(100), gone):
        behind.take(event)
    causes = [change.cause for change in behind.effects.changes]
    assert causes[-1] is Cause.ERASURE
    assert Cause.DECAY in causes


def test_a_score_that_comes_after_the_removal_brings_nobody_back() -> None:
    said, score = talk(sentiment=None), talk(is_score=True)
    player = played(said, Removing("ana", DAY * DAY_MS), score)
    assert facts_of(player.state) == {}
    assert player.effects.superseded == 1


def test_a_score_counts_for_the_interaction_that_came_before_it() -> None:
    player = played(talk(sentiment=None), talk(is_score=True))
    assert [life.sentiment for life in facts_of(player.state)["acme", "ana"].talks] == [1]


def test_silence_turns_no_mood_and_makes_what_is_said_after_it_weigh_more() -> None:
    praise = [talk(name) for name in "abc"]
    complaint = talk("d", day=DAY + 270, at=DAY + 270, sentiment=-1)
    assert last_mood(*praise, Passing(270)) is Sentiment.POSITIVE
    assert last_mood(*praise, talk("d", sentiment=-1), Passing(270)) is Sentiment.POSITIVE
    assert last_mood(*praise, Passing(270), complaint) is Sentiment.NEGATIVE


def last_mood(*events: Event) -> Sentiment | None:
    """Ana's, after events."""
    return facts_of(played(*events).state)["acme", "ana"].sentiment


def test_who_was_removed_is_not_revived_by_a_model() -> None:
    player = played(
        order(), Removing("ana", DAY * DAY_MS), Remodelling(replace(MODEL, frequency_cuts=(0, 1, 2, 3)))
    )
    assert facts_of(player.state) == {}


def test_an_order_that_cannot_be_folded_leaves_the_contact_as_it_was() -> None:
    player = played(order(), account=replace(ACCOUNT, model=CursedModel(MODEL.value_cuts)))
    before = facts_of(player.state)
    failing = (
        order("2", placed_at_ms=10**30),
        order("1", version=1, total_minor=CURSED_MINOR),
        order("2", total_minor=CURSED_MINOR),
        order("2", day=DAY - 3, total_minor=CURSED_MINOR),
    )
    for one in failing:
        player.state.apply_order(player.account, one, player.effects)
    assert facts_of(player.state) == before
    assert len(player.effects.failed) == 4


def test_what_comes_again_is_counted_and_touches_nobody() -> None:
    for event in (order(), talk(), person("shop", 1)):
        player = played(event, event)
        assert (player.state.sequence, player.effects.superseded) == (1, 1)


def test_changes_are_numbered_without_a_hole_and_decay_comes_before_the_order_that_ends_it() -> None:
    behind = Player(ACCOUNT, DAY, most=None)
    for event in (order(), Passing(400), order("2", day=DAY + 400, at=DAY + 400)):
        behind.take(event)
    changes = behind.effects.changes
    assert [change.seq for change in changes] == list(range(1, len(changes) + 1))
    assert [change.cause for change in changes[:2]] == [Cause.ORDER, Cause.DECAY]
    assert changes[-1].cause is Cause.ORDER


def test_a_restored_ledger_counts_no_cancelled_order() -> None:
    state, effects = PartitionState(), Effects()
    account = state.open(ACCOUNT, DAY, effects)
    for one in (order(), order("2", placed=False)):
        state.apply_order(account, one, effects)
    contact = account.contacts["ana"]
    contact.rebuild()
    assert (contact.orders, contact.revenue_minor, contact.day_orders) == (1, 3000, [1])
    state.settle(account, EVERYONE, effects)


def added(*tags: str) -> Person:
    """A contact event that adds tags to Ana's."""
    return person(None, 0)._replace(add_tags=list(tags))


def test_tags_that_were_added_stay_whatever_snapshots_say() -> None:
    club = person("shop", 1)._replace(tags=["club", "vip"])
    player = played(club, added("vip"), added("sleepy"), added("vip"))
    assert player.effects.superseded == 1
    assert (ana(player).card or club).tags == ["club", "sleepy", "vip"]
    told = ana(played(club, added("vip", "sleepy"), person("web", 2)))
    assert (told.card or club).tags == ["sleepy", "vip"]
    assert (told.card or club).origin == "web"


def test_tags_make_nobody_known_and_wait_for_who_is_not() -> None:
    player = played(added("vip"))
    assert facts_of(player.state) == {}
    assert ana(played(added("vip"), order())).added_tags == ["vip"]


def test_who_is_removed_loses_what_was_added_and_is_not_brought_back_by_tags() -> None:
    gone = Removing("ana", DAY * DAY_MS)
    assert facts_of(played(order(), added("vip"), gone, added("late")).state) == {}
    assert ana(played(order(), added("vip"), gone, order("2"))).added_tags is None
