"""Changes are a chain a subscriber can rely on, and say the truth about the moment they speak of."""

from collections.abc import Iterable, Iterator

from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from streams.rfm.effects import Effects
from streams.rfm.facts import facts_of
from streams.rfm.orders import Order
from streams.rfm.people import Person
from streams.rfm.segment_map import RANK
from streams.rfm.segments import Cause, Segment
from tests.properties.play import Player, batch_of, by_contact, play
from tests.properties.strategies import Event, History, Passing, Removing, histories, only_coming

BETTER = {**RANK, Segment.NO_PURCHASES: 0}


@given(histories())
def test_changes_of_a_contact_are_a_chain_that_ends_where_the_batch_stands(history: History) -> None:
    player = play(history)
    facts = batch_of(player, history.account)
    changes = by_contact(player.effects.changes)
    for (_, contact_id), told in facts.items():
        chain = changes.pop(contact_id, [])
        assert [change.seq for change in chain] == list(range(1, len(chain) + 1))
        path = [Segment.NO_PURCHASES, *(change.to_segment for change in chain)]
        assert [change.from_segment for change in chain] == path[:-1]
        assert path[-1] is told.segment
    for chain in changes.values():
        assert chain[-1].to_segment is Segment.NO_PURCHASES
        assert chain[-1].cause is Cause.ERASURE


@given(histories())
def test_no_change_is_told_twice_and_none_goes_nowhere(history: History) -> None:
    changes = play(history).effects.changes
    assert len({change.event_id for change in changes}) == len(changes)
    assert all(change.from_segment is not change.to_segment for change in changes)
    assert all(change.why for change in changes)


@given(histories())
def test_a_change_names_the_event_or_the_day_that_moved_it(history: History) -> None:
    player = play(history)
    came = {event.event_id: event for event in only_coming(history.events)}
    for change in player.effects.changes:
        if change.cause is Cause.DECAY:
            assert change.occurred_at == history.account.calendar.start_of(change.effective_day)
        if change.cause not in (Cause.ORDER, Cause.AMENDMENT, Cause.INTERACTION):
            assert change.cause_event_id is None
            continue
        event = came[change.cause_event_id or ""]
        assert change.contact_id == event.contact_id
        assert change.occurred_at == event.arrived_at_ms
        late = event.arrived_at_ms - event.updated_at_ms > history.account.horizon_ms
        assert not isinstance(event, Person)
        assert change.historical is (event.backfill or late)
        assert change.cause_order_id == getattr(event, "order_id", None)


def day_by_day(events: Iterable[Event]) -> Iterator[Event]:
    """The same events, every day passing by itself."""
    for event in events:
        yield from [event._replace(days=1)] * event.days if isinstance(event, Passing) else [event]


@given(histories())
def test_the_snapshot_in_a_change_equals_the_batch_at_that_moment(history: History) -> None:
    player = Player(history.account, history.day)
    for event in day_by_day(history.events):
        player.effects = Effects()
        player.take(event)
        facts = batch_of(player, history.account)
        last = {change.contact_id: change for change in player.effects.changes}
        for contact_id, change in last.items():
            told = facts.get((history.account.id, contact_id))
            if told is None:
                assert isinstance(event, Removing)
                continue
            for name in ("orders", "revenue_minor", "r", "f", "m", "first_order_day", "last_order_day",
                         "interactions", "next_segment", "next_segment_day", "model_version"):  # fmt: skip
                assert getattr(change, name) == getattr(told, name), name
            assert change.to_segment is told.segment
            assert change.origin == (told.card.origin if told.card else None)


@given(histories(), st.data())
def test_another_purchase_of_at_least_the_average_never_demotes(history: History, data: DataObject) -> None:
    player = play(history)
    before = facts_of(player.state)
    assume(before)
    (_, contact_id), told = data.draw(st.sampled_from(sorted(before.items())))
    average = -(-told.revenue_minor // told.orders) if told.orders else 0
    now_ms = history.account.calendar.start_of(player.account.day)
    purchase = Order(
        contact_id=contact_id,
        order_id="new",
        version=0,
        updated_at_ms=now_ms,
        event_id="z",
        placed_at_ms=now_ms,
        placed=True,
        total_minor=average + data.draw(st.integers(0, 9999)),
        refunded_minor=0,
        backfill=False,
        arrived_at_ms=now_ms,
    )
    player.take(purchase)
    after = facts_of(player.state)[history.account.id, contact_id]
    assert (after.r, after.f, after.m) >= (told.r, told.f, told.m)
    assert after.r >= told.r
    assert after.f >= told.f
    assert after.m >= told.m
    assert BETTER[after.segment] >= BETTER[told.segment]
