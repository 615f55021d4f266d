"""The chain of changes goes on from what was told last, whatever the recomputation says."""

from streams.replay.reconcile import Standing, reconcile
from streams.replay.record import Told
from streams.rfm.account import Account
from streams.rfm.effects import Effects
from streams.rfm.fold import PartitionState
from streams.rfm.orders import Order
from streams.rfm.segments import Cause, Segment

ACCOUNT = Account.from_body("acme", {"time_zone": "UTC", "currency": "USD"})
TODAY = 20_000
AT_MS = TODAY * 86_400_000


def rebuilt(*contacts: str) -> PartitionState:
    """Contacts who each bought once today."""
    partition, effects = PartitionState(), Effects()
    state = partition.open(ACCOUNT, TODAY, effects)
    for contact_id in contacts:
        order = Order(
            contact_id=contact_id,
            order_id="1",
            version=1,
            updated_at_ms=AT_MS,
            event_id=contact_id,
            placed=True,
            placed_at_ms=AT_MS,
            total_minor=100,
            refunded_minor=0,
            backfill=False,
            arrived_at_ms=AT_MS,
        )
        partition.apply_order(state, order, effects)
    return partition


def test_who_stands_where_it_was_told_hears_nothing_and_goes_on_counting() -> None:
    partition = rebuilt("c")
    there = partition.accounts["acme"].contacts["c"]
    effects = reconcile(partition, {("acme", "c"): Told(7, there.segment, there.r, there.f, there.m)}, {})
    assert effects.changes == []
    assert there.changes == 7


def test_who_stands_elsewhere_gets_one_historical_change_in_the_chain() -> None:
    partition = rebuilt("c")
    there = partition.accounts["acme"].contacts["c"]
    segment = there.segment
    [change] = reconcile(partition, {("acme", "c"): Told(3, Segment.LOST, 1, 1, 1)}, {}).changes
    assert (change.seq, change.from_segment, change.to_segment) == (4, Segment.LOST, segment)
    assert (change.cause, change.historical) == (Cause.RECALIBRATION, True)
    assert (there.changes, there.segment) == (4, segment)


def test_who_was_told_of_and_is_no_more_leaves_its_segment_and_its_number() -> None:
    partition = rebuilt("c")
    told = {("acme", "gone"): Told(2, Segment.LOYAL, 3, 3, 3)}
    changes = [c for c in reconcile(partition, told, {}).changes if c.contact_id == "gone"]
    assert [(c.seq, c.to_segment) for c in changes] == [(3, Segment.NO_PURCHASES)]
    stub = partition.accounts["acme"].contacts["gone"]
    assert (stub.removed, stub.changes) == (True, 3)


def test_who_waits_for_a_midnight_keeps_waiting() -> None:
    partition = rebuilt("c")
    there = partition.accounts["acme"].contacts["c"]
    old = Standing(Segment.LOYAL, 4, 3, 3, TODAY, None, None, there.model_version, TODAY - 9, False)
    effects = reconcile(partition, {("acme", "c"): Told(5, Segment.LOYAL, 4, 3, 3)}, {("acme", "c"): old})
    assert effects.changes == []
    assert (there.segment, there.boundary_day, there.changes) == (Segment.LOYAL, TODAY, 5)
    assert partition.accounts["acme"].is_behind(there)
