"""Transactions within the budget."""

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
