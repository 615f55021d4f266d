"""An order on which the fold raises is reported and leaves no trace."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from streams.rfm.facts import facts_of
from streams.rfm.model import ScoringModel
from streams.rfm.orders import Order
from tests.properties.play import by_contact, play
from tests.properties.strategies import ORDERS_AND_DAYS, History, histories, only_orders

CURSED_MINOR = 77_777_777_777


@dataclass(frozen=True)
class CursedModel(ScoringModel):
    """Stands for a fault of ours that one order meets and the others do not."""

    def value_score(self, revenue_minor: int, orders: int) -> int:
        """Raise once a contact's revenue holds the cursed amount."""
        if revenue_minor >= CURSED_MINOR:
            raise ArithmeticError("cursed")
        return super().value_score(revenue_minor, orders)


def cursed(history: History, chosen: set[str]) -> History:
    """The history under a cursed model, the chosen events with the cursed amount."""
    model = history.account.model
    fields = ("value_cuts", "recency_cuts", "frequency_cuts", "cells", "value_of", "interaction_weight")
    account_fields = {name: getattr(model, name) for name in fields}
    account = history.account.__class__(
        history.account.id,
        history.account.calendar,
        history.account.currency,
        CursedModel(**account_fields),
        history.account.language,
    )
    events = [
        event._replace(total_minor=CURSED_MINOR, refunded_minor=0, placed=True)
        if isinstance(event, Order) and event.event_id in chosen
        else event
        for event in history.events
    ]
    return History(account, history.day, events)


@given(histories(ORDERS_AND_DAYS), st.data())
def test_an_order_that_raises_leaves_contact_and_neighbours_as_if_it_never_came(
    history: History, data: DataObject
) -> None:
    ids = sorted({order.event_id for order in only_orders(history.events)})
    chosen = data.draw(st.sets(st.sampled_from(ids), max_size=4)) if ids else set()
    bad = cursed(history, chosen)
    clean = bad._replace(
        events=[e for e in bad.events if not (isinstance(e, Order) and e.event_id in chosen)]
    )
    hurt, spared = play(bad), play(clean)
    assert facts_of(hurt.state) == facts_of(spared.state)
    assert by_contact(hurt.effects.changes) == by_contact(spared.effects.changes)
    assert len(hurt.effects.failed) <= sum(order.event_id in chosen for order in only_orders(bad.events))
    assert spared.effects.failed == []
    told = {(contact.id, order_id): order for (contact, order_id), order in hurt.effects.orders.items()}
    assert told == {(c.id, order_id): order for (c, order_id), order in spared.effects.orders.items()}


@given(histories(ORDERS_AND_DAYS))
def test_every_arrival_is_applied_superseded_or_failed(history: History) -> None:
    bad = cursed(history, {"e000", "e003"})
    player = play(bad)
    applied = len(only_orders(bad.events)) - player.effects.superseded - len(player.effects.failed)
    sequence = player.state.sequence
    assert applied >= len(player.effects.orders)
    assert sequence == player.effects.count
