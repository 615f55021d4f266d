"""Transactions within the budget."""

from itertools import pairwise

from streams.engine.pacing import TransactionBudget


class Seconds:
    """A clock set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_lone_partition_may_use_the_whole_budget() -> None:
    budget = TransactionBudget(100, Seconds())
    budget.started(0)
    assert budget.wait_s(0) == 0.01


def test_busy_partitions_share_it() -> None:
    budget = TransactionBudget(100, Seconds())
    for partition in range(50):
        budget.started(partition)
    assert budget.interval_s() == 0.5


def test_partitions_that_rest_give_their_share_back() -> None:
    seconds = Seconds()
    budget = TransactionBudget(100, seconds)
    for partition in range(50):
        budget.started(partition)
    seconds.now = 2.0
    budget.started(0)
    assert budget.interval_s() == 0.01


def test_the_first_transaction_of_a_partition_waits_for_nothing() -> None:
    budget = TransactionBudget(1, Seconds())
    budget.started(0)
    budget.forget(0)
    assert budget.wait_s(0) == 0


def test_what_begins_together_moves_apart() -> None:
    seconds = Seconds()
    budget = TransactionBudget(100, seconds)
    starts = _starts(budget, seconds, partitions=4, until_s=1.0)
    last_round = sorted(starts[-4:])
    assert {partition for _, partition in last_round} == {0, 1, 2, 3}
    assert all(after - before > 0.0059 for (before, _), (after, _) in pairwise(last_round))


def test_once_apart_each_has_its_whole_share() -> None:
    seconds = Seconds()
    starts = _starts(TransactionBudget(100, seconds), seconds, partitions=4, until_s=3.0)
    assert len([at for at, _ in starts if 1.0 <= at < 3.0]) >= 196


def _starts(
    budget: TransactionBudget, seconds: Seconds, partitions: int, until_s: float
) -> list[tuple[float, int]]:
    """Of partitions that always have something to do, all from the same instant on; in steps of 0.1 ms."""
    starts = []
    while seconds.now < until_s:
        for partition in range(partitions):
            if budget.wait_s(partition) <= 0:
                budget.started(partition)
                starts.append((seconds.now, partition))
        seconds.now += 0.0001
    return starts
