"""The share of bad records above which a partition stops."""

import pytest

from streams.agents.limit import BadShare
from streams.engine.contract import Blocked


def test_a_few_bad_records_never_block() -> None:
    limit = BadShare(0.5, 100)
    for _ in range(100):
        limit.admit(1, 1)
    with pytest.raises(Blocked, match="101 of the last 101"):
        limit.admit(1, 1)


def test_many_bad_ones_among_more_good_ones_do_not_block() -> None:
    limit = BadShare(0.5, 100)
    for _ in range(50):
        limit.admit(490, 1000)


def test_what_was_refused_is_not_counted() -> None:
    limit = BadShare(0.5, 100)
    before = limit.pack()
    with pytest.raises(Blocked):
        limit.admit(1000, 1000)
    assert limit.pack() == before


def test_old_records_are_forgotten() -> None:
    limit = BadShare(0.5, 100)
    limit.admit(0, 100_000)
    limit.admit(500, 500)
    with pytest.raises(Blocked):
        limit.admit(500, 500)


def test_a_restart_remembers() -> None:
    limit, restarted = BadShare(0.5, 100), BadShare(0.5, 100)
    limit.admit(100, 150)
    restarted.unpack(limit.pack())
    with pytest.raises(Blocked):
        restarted.admit(60, 60)
