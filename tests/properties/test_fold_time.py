"""Days: one by one or many at once, in slices, with orders in between; decay and its forecast."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from streams.rfm.changes import Change
from streams.rfm.facts import facts_of
from streams.rfm.segments import Cause, Segment
from tests.properties.play import EVERYONE, Player, by_contact, expected_paths, paths, play
from tests.properties.strategies import Event, History, Passing, histories


def day_by_day(events: Iterable[Event]) -> list[Event]:
    """The same history with every day passing by itself."""
    return [
        part
        for event in events
        for part in ([Passing(1)] * event.days if isinstance(event, Passing) else [event])
    ]


def undated(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """Changes without the flag that says whether they came too late to fire."""
    return by_contact(change._replace(historical=False) for change in changes)


@given(histories())
def test_days_one_by_one_equal_many_at_once(history: History) -> None:
    at_once = play(history)
    singly = play(history._replace(events=day_by_day(history.events)))
    assert facts_of(singly.state) == facts_of(at_once.state)
    assert undated(singly.effects.changes) == undated(at_once.effects.changes)


@given(histories(), st.integers(1, 3))
def test_settling_in_slices_with_orders_in_between_equals_settling_at_once(
    history: History, most: int
) -> None:
    at_once, sliced = play(history), play(history, most)
    assert facts_of(sliced.state) == facts_of(at_once.state)
    assert by_contact(sliced.effects.changes) == by_contact(at_once.effects.changes)


@given(histories())
def test_a_contact_nobody_settled_is_settled_by_its_next_order_or_at_the_end(history: History) -> None:
    at_once, never = play(history), play(history, most=None)
    assert facts_of(never.state) == facts_of(at_once.state)
    assert undated(never.effects.changes) == undated(at_once.effects.changes)


@given(histories())
def test_changes_are_those_of_recomputing_after_every_event_and_every_day(history: History) -> None:
    assert paths(play(history).effects.changes) == expected_paths(history)


@given(histories())
def test_the_forecast_is_what_happens_if_nothing_more_is_bought(history: History) -> None:
    player = play(history)
    today = player.account.day
    forecast = facts_of(player.state)
    for (account_id, contact_id), told in forecast.items():
        silent = play(history)
        silent.effects.changes.clear()
        for _ in range((told.next_segment_day or today + 1) - today):
            silent.take(Passing(1))
        changed = by_contact(silent.effects.changes).get(contact_id, [])
        if told.next_segment is None:
            assert changed == []
            continue
        assert [change.to_segment for change in changed] == [told.next_segment]
        assert [change.effective_day for change in changed] == [told.next_segment_day]
        assert changed[0].cause is Cause.DECAY
        assert facts_of(silent.state)[account_id, contact_id].segment is told.next_segment


@given(histories())
def test_without_a_forecast_no_silence_changes_the_segment(history: History) -> None:
    player = play(history)
    resting = {key[1] for key, told in facts_of(player.state).items() if told.next_segment is None}
    player.effects.changes.clear()
    player.take(Passing(1500))
    assert resting.isdisjoint(change.contact_id for change in player.effects.changes)


@given(histories())
def test_decay_only_ever_lowers_recency_and_touches_nothing_else(history: History) -> None:
    for change in play(history).effects.changes:
        if change.cause is Cause.DECAY:
            assert change.r < change.r_before
            assert (change.f, change.m) == (change.f_before, change.m_before)
            assert change.to_segment is not Segment.NO_PURCHASES


@given(histories(), st.integers(1, 40))
def test_a_day_that_has_been_cannot_come_again(history: History, back: int) -> None:
    player = play(history)
    before, steps = facts_of(player.state), len(player.effects.steps)
    player.state.advance(player.account, player.account.day - back, player.effects)
    player.state.settle(player.account, EVERYONE, player.effects)
    assert facts_of(player.state) == before
    assert len(player.effects.steps) == steps


@given(histories())
def test_after_settling_nobody_waits_behind_the_accounts_day(history: History) -> None:
    player = Player(history.account, history.day)
    for event in history.events:
        player.take(event)
        assert player.account.is_settled()
        for told in facts_of(player.state).values():
            assert told.boundary_day is None or told.boundary_day > player.account.day
