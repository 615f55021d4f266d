"""The fold and the slow way agree, whatever comes in whatever order."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from streams.rfm.effects import Effects
from streams.rfm.facts import facts_of
from streams.rfm.fold import PartitionState
from streams.rfm.orders import Order
from tests.properties.play import EVERYONE, Player, batch, batch_of, facts, play
from tests.properties.strategies import History, Passing, days_passed, histories, only_orders


@given(histories())
def test_fold_equals_batch_at_every_prefix(history: History) -> None:
    player = Player(history.account, history.day)
    for count, event in enumerate(history.events, start=1):
        player.take(event)
        assert facts_of(player.state) == batch_of(player, only_orders(history.events[:count]))


@given(histories(passing=False), st.randoms(use_true_random=False))
def test_any_permutation_and_repetition_of_orders_gives_the_same_facts(
    history: History, random: Random
) -> None:
    shuffled = [*history.events, *random.choices(history.events, k=3)]
    random.shuffle(shuffled)
    assert facts(history._replace(events=shuffled)) == facts(history)


@given(histories(), st.randoms(use_true_random=False))
def test_when_days_pass_between_the_orders_does_not_matter_to_facts(history: History, random: Random) -> None:
    shuffled = random.sample(history.events, k=len(history.events))
    assert facts(history._replace(events=shuffled)) == facts(history)


@given(histories(), st.lists(st.integers(1, 5), min_size=14, max_size=14))
def test_rechunking_changes_neither_facts_nor_changes(history: History, sizes: list[int]) -> None:
    whole = play(history)
    player = Player(history.account, history.day)
    changes, touched, events = [], set(), list(history.events)
    while events:
        size = sizes.pop()
        player.effects = Effects()
        for event in events[:size]:
            player.take(event)
        del events[:size]
        changes += player.effects.changes
        touched |= {contact.id for contact in player.effects.contacts}
    assert facts_of(player.state) == facts_of(whole.state)
    assert changes == whole.effects.changes
    assert touched == {contact.id for contact in whole.effects.contacts}


@given(histories())
def test_amending_or_cancelling_any_past_order_equals_never_having_had_it_so(history: History) -> None:
    taken = only_orders(history.events)
    today = history.day + days_passed(history.events)
    for order in taken:
        cancelled = order._replace(version=9, event_id="x-cancel", placed=False)
        moved = order._replace(
            version=9, event_id="x-move", placed_at_ms=order.placed_at_ms - 40 * 86_400_000
        )
        for amendment in (cancelled, moved):
            amended = history._replace(events=[*history.events, amendment])
            others = [o for o in taken if (o.contact_id, o.order_id) != (order.contact_id, order.order_id)]
            assert facts(amended) == batch(history.account, [*others, amendment], today)


@given(histories("acme"), histories("zeta"), st.randoms(use_true_random=False))
def test_accounts_of_one_partition_do_not_touch_each_other(
    one: History, other: History, random: Random
) -> None:
    state, effects = PartitionState(), Effects()
    queues = [(history, iter(history.events)) for history in (one, other)]
    while queues:
        history, events = random.choice(queues)
        account = state.open(history.account, history.day, effects)
        event = next(events, None)
        if event is None:
            queues = [queue for queue in queues if queue[0] is not history]
        elif isinstance(event, Order):
            state.apply_order(account, event, effects)
        elif isinstance(event, Passing):
            state.advance(account, account.day + event.days, effects)
            state.settle(account, EVERYONE, effects)
    assert facts_of(state) == facts(one) | facts(other)


@given(histories())
def test_the_rows_reported_as_touched_are_exactly_those_that_differ(history: History) -> None:
    """Days as well: a row nobody reports would stay stale in ClickHouse for good."""
    player = Player(history.account, history.day)
    for event in history.events:
        before = facts_of(player.state)
        player.effects = Effects()
        player.take(event)
        after = facts_of(player.state)
        told = {contact.id for contact in player.effects.contacts}
        told_days = {(contact.id, day) for contact, day in player.effects.days}
        for key, now in after.items():
            was = before.get(key)
            assert was == now or key[1] in told
            rows_now = {row.day: row for row in now.days}
            rows_then = {row.day: row for row in was.days} if was else {}
            differ = {day for day in rows_now | rows_then if rows_now.get(day) != rows_then.get(day)}
            assert {(key[1], day) for day in differ} <= told_days
