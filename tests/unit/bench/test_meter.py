"""Rates between totals, and CPU between instants."""

import os
import time

import pytest

from deploy.local.bench.meter import Meter, Trail, cpu_seconds


def trail(*points: tuple[float, float]) -> Trail:
    made = Trail()
    for at_s, total in points:
        made.add(at_s, total)
    return made


def test_a_rate_leaves_out_what_the_first_commit_brought() -> None:
    assert trail((10, 100), (11, 300), (12, 500)).rate() == 200


def test_a_rate_may_begin_at_a_total() -> None:
    assert trail((10, 100), (11, 300), (13, 500)).rate(first=250) == 100


def test_what_is_idle_at_the_end_does_not_slow_the_rate() -> None:
    assert trail((10, 100), (11, 300), (60, 300)).rate() == 200


def test_totals_between_points_are_linear_and_level_outside() -> None:
    points = trail((10, 100), (20, 200))
    assert [points.total_at(at_s) for at_s in (0, 10, 15, 20, 99)] == [100, 100, 150, 200, 200]


def test_a_total_that_was_never_reached_is_said() -> None:
    with pytest.raises(ValueError, match="never reached"):
        trail((10, 100)).reached_at(101)


def test_an_empty_trail_has_no_total() -> None:
    with pytest.raises(ValueError, match="nothing was recorded"):
        Trail().total_at(1)


def test_points_that_come_out_of_order_do_not_turn_time_back() -> None:
    assert [point.at_s for point in trail((10, 1), (9, 2)).points] == [10, 10]


def test_a_meter_sees_the_cpu_this_process_spends() -> None:
    before = time.time()
    with Meter(os.getpid()) as meter:
        burnt = cpu_seconds(os.getpid()) + 0.3
        while cpu_seconds(os.getpid()) < burnt:
            pass
    assert meter.cpu_between(before, time.time()) >= 0.15
    assert meter.peak_mb > 1
