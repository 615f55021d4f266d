"""Changes are a chain a subscriber can rely on, and say the truth about the moment they speak of."""

from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from streams.rfm.batch import contact_facts
from streams.rfm.facts import facts_of
from streams.rfm.orders import Order
from streams.rfm.segment_map import RANK
from streams.rfm.segments import Cause, Segment
from tests.properties.play import batch_of, by_contact, play
from tests.properties.strategies import History, Passing, histories, only_orders

BETTER = {**RANK, Segment.NO_PURCHASES: 0}


@given(histories())
def test_changes_of_a_contact_are_a_chain_that_ends_where_the_batch_stands(history: History) -> None:
    player = play(history)
    facts = batch_of(player, only_orders(history.events))
    changes = by_contact(player.effects.changes)
    for (_, contact_id), told in facts.items():
        chain = changes.pop(contact_id, [])
        assert [change.seq for change in chain] == list(range(1, len(chain) + 1))
        path = [Segment.NO_PURCHASES, *(change.to_segment for change in chain)]
        assert [change.from_segment for change in chain] == path[:-1]
        assert path[-1] is told.segment
    assert changes == {}


@given(histories())
def test_no_change_is_told_twice_and_none_goes_nowhere(history: History) -> None:
    changes = play(history).effects.changes
    assert len({change.event_id for change in changes}) == len(changes)
    assert all(change.from_segment is not change.to_segment for change in changes)
    assert all(change.why for change in changes)


@given(histories())
def test_a_change_carries_the_profile_of_its_moment(history: History) -> None:
    player = play(history)
    taken: dict[str, Order] = {order.event_id: order for order in only_orders(history.events)}
    for change in player.effects.changes:
        if change.cause is Cause.DECAY:
            assert change.cause_event_id is None
            assert change.occurred_at == history.account.calendar.start_of(change.effective_day)
            continue
        order = taken[change.cause_event_id or ""]
        assert (change.contact_id, change.cause_order_id) == (order.contact_id, order.order_id)
        assert change.occurred_at == order.arrived_at_ms
        late = order.arrived_at_ms - order.updated_at_ms > history.account.horizon_ms
        assert change.historical is (order.backfill or late)


@given(histories())
def test_the_snapshot_in_a_change_equals_the_batch_at_that_event(history: History) -> None:
    player, today, seen = play(history), history.day, []
    told = {
        (change.cause_event_id, change.effective_day): change
        for change in player.effects.changes
        if change.cause is not Cause.DECAY
    }
    for event in history.events:
        if isinstance(event, Passing):
            today += event.days
            continue
        again = event in seen
        seen.append(event)
        change = told.get((event.event_id, today))
        if change is None or again:
            continue
        orders = [order for order in seen if order.contact_id == event.contact_id]
        facts = contact_facts(history.account, orders, today)
        assert (change.orders, change.revenue_minor) == (facts.orders, facts.revenue_minor)
        assert (change.r, change.f, change.m) == (facts.r, facts.f, facts.m)
        assert (change.first_order_day, change.last_order_day) == (
            facts.first_order_day,
            facts.last_order_day,
        )
        assert (change.next_segment, change.next_segment_day) == (facts.next_segment, facts.next_segment_day)


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
