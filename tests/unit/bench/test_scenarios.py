"""What scenarios compute from what they saw, and which of them run."""

from datetime import UTC, datetime

import pytest

from deploy.local.bench.command import RUNS, Scenario, chosen
from deploy.local.bench.latency import percentile
from deploy.local.bench.midnight import crossing
from deploy.local.bench.sender import flips
from deploy.local.bench.workload import NOON_MS, TODAY
from tests.benchmarks.peers import meaning


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (0.999, 100), (1, 100), (0.001, 1)])
def test_percentiles_are_samples_that_were_taken(share: float, value: int) -> None:
    assert percentile(range(1, 101), share) == value


def test_a_percentile_of_one_sample_is_that_sample() -> None:
    assert percentile([7.0], 0.5) == percentile([7.0], 0.999) == 7.0


def test_no_samples_have_no_percentile() -> None:
    with pytest.raises(ValueError, match="no samples"):
        percentile([], 0.5)


def test_every_event_of_the_open_loop_changes_a_segment() -> None:
    states: dict[str, meaning.State] = {}
    for order in flips(events=700, contacts=100):
        state = states.setdefault(order["contact_id"], meaning.new_state(order))
        assert meaning.apply(state, order) is not None


def test_every_crossing_contact_falls_on_the_next_day_and_not_before() -> None:
    states = []
    for order in crossing(20):
        state = meaning.new_state(order)
        meaning.apply(state, order)
        states.append(state)
    assert {state["r"] for state in states} == {5}
    assert {meaning.TODAY + 1 - state["last_day"] for state in states} == {31}


def test_noon_is_noon_of_the_fixed_day() -> None:
    noon = datetime.fromtimestamp(NOON_MS / 1000, UTC)
    assert (noon.date(), noon.hour) == (TODAY, 12)


def test_nothing_chosen_means_everything_in_order() -> None:
    assert chosen([]) == chosen([Scenario.ALL]) == list(RUNS)


def test_a_scenario_chosen_twice_runs_once_and_in_the_usual_order() -> None:
    wanted = [Scenario.MIDNIGHT, Scenario.THROUGHPUT, Scenario.MIDNIGHT]
    assert chosen(wanted) == [Scenario.THROUGHPUT, Scenario.MIDNIGHT]


def test_every_scenario_can_be_run() -> None:
    assert set(RUNS) | {Scenario.ALL} == set(Scenario)
