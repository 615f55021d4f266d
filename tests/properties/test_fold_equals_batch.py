"""The fold and the slow way agree, whatever comes in whatever order."""

from itertools import groupby
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streams.rfm.effects import Effects
from streams.rfm.facts import ContactFacts, facts_of
from streams.rfm.fold import PartitionState
from streams.rfm.interactions import Interaction
from streams.rfm.orders import Order
from streams.rfm.people import Person
from tests.properties.play import EVERYONE, Player, apply, batch, batch_of, facts, play
from tests.properties.strategies import (
    COMING,
    ORDERS_AND_DAYS,
    Event,
    History,
    Passing,
    Removing,
    days_passed,
    histories,
    only_orders,
)


@given(histories())
def test_fold_equals_batch_at_every_prefix(history: History) -> None:
    player = Player(history.account, history.day)
    for event in history.events:
        player.take(event)
        assert facts_of(player.state) == batch_of(player, history.account)


@given(histories(COMING), st.randoms(use_true_random=False))
def test_any_permutation_and_repetition_of_events_gives_the_same_facts(
    history: History, random: Random
) -> None:
    shuffled = [*history.events, *random.choices(history.events, k=3)]
    random.shuffle(shuffled)
    assert facts(history._replace(events=shuffled)) == facts(history)


@given(histories())
def test_what_comes_again_is_counted_as_superseded_and_touches_nobody(history: History) -> None:
    player = Player(history.account, history.day)
    for event in history.events:
        player.take(event)
        if not isinstance(event, Order | Interaction | Person):
            continue
        before = player.state.sequence, facts_of(player.state)
        player.effects = Effects()
        player.take(event)
        assert (player.state.sequence, facts_of(player.state)) == before
        assert player.effects.superseded + player.effects.too_late == 1
        assert [*player.effects.contacts, *player.effects.changes, *player.effects.days] == []


@given(histories(), st.randoms(use_true_random=False))
def test_what_comes_between_two_steps_of_the_clock_may_come_in_any_order(
    history: History, random: Random
) -> None:
    shuffled: list[Event] = []
    for comes, run in groupby(
        history.events, key=lambda event: isinstance(event, Order | Interaction | Person)
    ):
        events = list(run)
        shuffled += random.sample(events, k=len(events)) if comes else events
    assert facts(history._replace(events=shuffled)) == facts(history)


@given(histories((*ORDERS_AND_DAYS, "person")), st.randoms(use_true_random=False))
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


@given(histories(ORDERS_AND_DAYS))
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


@given(histories((*COMING, "days")), histories((*COMING, "days"), "zeta"), st.randoms(use_true_random=False))
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
        elif isinstance(event, Passing):
            state.advance(account, account.day + event.days, effects)
            state.settle(account, EVERYONE, effects)
        elif isinstance(event, Order | Interaction | Person):
            apply(state, account, event, effects)
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
        effects = player.effects
        told_members: dict[str, set[tuple[str, Any]]] = {
            "days": {(contact.id, day) for contact, day in effects.days},
            "ledger": {(c.id, order_id) for c, order_id in (*effects.orders, *effects.lost_orders)},
            "talks": {(c.id, talk_id) for c, talk_id in (*effects.talks, *effects.lost_talks)},
        }
        for key in after | before:
            was, now = before.get(key), after.get(key)
            assert was == now or key[1] in told or _but_for_talks(was) == _but_for_talks(now)
            for name, members in told_members.items():
                differ = _members(was, name) ^ _members(now, name)
                if name == "talks" and isinstance(event, Passing):
                    continue
                assert {(key[1], member[0]) for member in differ} <= members


@given(histories())
def test_nothing_of_a_removed_contact_is_left_in_any_topic(history: History) -> None:
    player = Player(history.account, history.day)
    standing: set[tuple[str, str | int, str]] = set()
    for event in history.events:
        player.effects = effects = Effects()
        player.take(event)
        standing |= {("ledger", order_id, contact.id) for contact, order_id in effects.orders}
        standing |= {("talks", talk_id, contact.id) for contact, talk_id in effects.talks}
        standing -= {("ledger", order_id, contact.id) for contact, order_id in effects.lost_orders}
        standing -= {("talks", talk_id, contact.id) for contact, talk_id in effects.lost_talks}
        for contact, day in effects.days:
            row = {("days", day, contact.id)}
            standing = standing - row if contact.day_row(day) is None else standing | row
        if isinstance(event, Removing):
            assert [member for member in standing if member[2] == event.contact_id] == []


def _comes(event: Event) -> bool:
    return isinstance(event, Order | Interaction | Person)


def _members(told: ContactFacts | None, name: str) -> set[Any]:
    return set(getattr(told, name)) if told else set()


def _but_for_talks(told: ContactFacts | None) -> ContactFacts | None:
    """Ids are forgotten without a word: their records stay."""
    return told and told._replace(talks=())
