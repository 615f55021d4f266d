"""Contacts without purchases, removal and return, interactions that weigh, models that change."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from streams.rfm.facts import facts_of
from streams.rfm.interactions import Sentiment
from streams.rfm.model import ScoringModel
from streams.rfm.segments import Cause, Segment
from tests.properties.play import batch_of, by_contact, facts, play
from tests.properties.strategies import (
    COMING,
    ORDERS,
    Event,
    History,
    Passing,
    Remodelling,
    Removing,
    histories,
    models,
    only_coming,
    only_orders,
)

WITHOUT_REMOVAL = (*COMING, "days", "model")


def removals(history: History) -> list[Removing]:
    """Every contact of the history is removed."""
    names = sorted({event.contact_id for event in only_coming(history.events)})
    return [Removing(name, history.account.calendar.start_of(history.day)) for name in names]


@given(histories(), models(), st.integers(1, 400))
def test_who_was_removed_stays_away_whatever_time_and_models_do(
    history: History, model: ScoringModel, days: int
) -> None:
    player = play(history)
    events: list[Event] = [*removals(history), Remodelling(model), Passing(days)]
    for event in events:
        player.take(event)
    player.finish()
    assert facts_of(player.state) == {}
    assert batch_of(player, history.account) == {}
    assert all(contact.removed for contact in player.account.contacts.values())


@given(histories(WITHOUT_REMOVAL), histories((*COMING, "days")))
def test_who_returns_is_as_if_new_but_for_the_number_of_changes(history: History, again: History) -> None:
    player = play(history)
    for removal in removals(history):
        player.take(removal)
    first = len(player.effects.changes)
    for event in again.events:
        player.take(event)
    assert facts_of(player.state) == batch_of(player, history.account)
    chains = by_contact(player.effects.changes)
    for chain in chains.values():
        assert [change.seq for change in chain] == list(range(1, len(chain) + 1))
    for change in by_contact(player.effects.changes[first:]).values():
        assert change[0].from_segment is Segment.NO_PURCHASES


@given(histories(WITHOUT_REMOVAL))
def test_erasure_leads_to_no_purchases_and_nowhere_else(history: History) -> None:
    player = play(history)
    before = {key[1]: told for key, told in facts_of(player.state).items()}
    player.effects.changes.clear()
    for event in removals(history):
        player.take(event)
    erased = {change.contact_id: change for change in player.effects.changes}
    assert erased.keys() == {name for name, told in before.items() if told.orders}
    for name, change in erased.items():
        assert (change.cause, change.to_segment) == (Cause.ERASURE, Segment.NO_PURCHASES)
        assert change.from_segment is before[name].segment
        was = before[name]
        assert (change.r_before, change.f_before, change.m_before) == (was.r, was.f, was.m)
        assert (change.r, change.f, change.m, change.orders, change.revenue_minor) == (0, 0, 0, 0, 0)
        assert change.origin is None


@given(histories((*COMING, "days")))
def test_interactions_never_move_recency_and_never_classify_who_has_not_bought(history: History) -> None:
    with_talks = facts(history)
    silent = facts(history._replace(events=[e for e in history.events if e not in talks_of(history)]))
    for key, told in with_talks.items():
        other = silent.get(key)
        expected = (other.r, other.m, other.boundary_day) if other else (0, 0, None)
        assert (told.r, told.m, told.boundary_day) == expected
        assert told.f >= (other.f if other else 0)
        if not told.orders:
            assert (told.segment, told.f) == (Segment.NO_PURCHASES, 0)
        if not history.account.model.interaction_weight and other:
            assert told.segment is other.segment


@given(histories((*COMING, "days")))
def test_sentiment_is_the_mean_that_halves_in_ninety_days(history: History) -> None:
    for told in facts(history).values():
        rated = [talk for talk in told.talks if talk.sentiment is not None]
        if told.interactions != len(told.talks):
            continue
        if not rated:
            assert (told.sentiment, told.sentiment_weight) == (None, 0)
            continue
        latest = max(talk.day for talk in rated)
        weights = [2.0 ** ((talk.day - latest) / 90) for talk in rated]
        mean = sum(w * (t.sentiment or 0) for w, t in zip(weights, rated, strict=True)) / sum(weights)
        assert abs(mean - told.sentiment_sum / told.sentiment_weight) < 1e-6
        if abs(abs(mean) - 0.25) > 1e-6:
            rated_as = Sentiment.POSITIVE if mean > 0 else Sentiment.NEGATIVE
            assert told.sentiment is (Sentiment.NEUTRAL if abs(mean) < 0.25 else rated_as)


@given(histories(), models(), histories((*ORDERS, "person")), st.integers(1, 2))
def test_recalibrating_in_slices_with_orders_in_between_equals_at_once(
    history: History, model: ScoringModel, later: History, most: int
) -> None:
    events = [*history.events, Remodelling(model), *later.events]
    whole = history._replace(events=events)
    at_once, sliced = play(whole), play(whole, most)
    assert facts_of(sliced.state) == facts_of(at_once.state)
    assert by_contact(sliced.effects.changes) == by_contact(at_once.effects.changes)


@given(histories((*ORDERS, "talk")), models())
def test_a_new_model_is_as_if_it_had_always_been(history: History, model: ScoringModel) -> None:
    recalibrated = facts(history._replace(events=[*history.events, Remodelling(model)]))
    account = replace(history.account, model=replace(model, version=2))
    assert recalibrated == facts(history._replace(account=account))


@given(histories())
def test_recalibration_is_never_news_and_comes_once_a_contact_and_model(history: History) -> None:
    for chain in by_contact(play(history).effects.changes).values():
        recalibrated = [change for change in chain if change.cause is Cause.RECALIBRATION]
        assert all(change.historical for change in recalibrated)
        versions = [change.model_version for change in recalibrated]
        assert versions == sorted(set(versions))


def talks_of(history: History) -> list[object]:
    """The interactions among the events."""
    orders = only_orders(history.events)
    return [e for e in only_coming(history.events) if e not in orders and hasattr(e, "interaction_id")]
