"""What scenarios compute from what they saw, and which of them run."""

import io
import json
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from deploy.local.bench import machine
from deploy.local.bench.catchup import TooSlow
from deploy.local.bench.command import RUNS, Scenario, chosen, run
from deploy.local.bench.growth import BASES, Case, base, cases, purchases
from deploy.local.bench.latency import percentile
from deploy.local.bench.midnight import crossing
from deploy.local.bench.sender import flips
from deploy.local.bench.text_sender import instants, told
from deploy.local.bench.texts import SPAN_S, WARM_S, spans
from deploy.local.bench.workload import ACCOUNT, CURRENCY, NOON_MS, TODAY, ZONE, orders
from schemas.codec import default_codec
from streams.agents.interactions import read_interactions
from streams.engine.contract import Record
from streams.rfm.account import Account
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


def test_growth_is_of_the_base_alone_first_and_then_of_who_buys_too() -> None:
    assert cases((10, 100, 1000)) == [(10, 10), (100, 10), (1000, 10), (100, 100), (1000, 1000)]


def test_the_same_contacts_buy_the_same_whatever_the_base() -> None:
    smallest, *larger = (
        [list(orders(purchases(case, 300, turn=1, turns=2), part, 2)) for part in range(2)]
        for case in cases(BASES)[: len(BASES)]
    )
    assert all(one == smallest for one in larger)


def test_no_order_of_a_base_or_of_another_turn_comes_again() -> None:
    filled = base(BASES[-1])
    placed = [
        order["order_id"]
        for turn in range(2)
        for case in (Case(BASES[-1], BASES[0]), Case(BASES[-1], BASES[-1]))
        for order in orders(purchases(case, 300, turn, turns=2), 0, 1)
        if order["version"] == 1
    ]
    assert len(set(placed)) == len(placed)
    assert min(placed) > f"order-{filled.events - 1:010d}"


def test_every_crossing_contact_falls_on_the_next_day_and_not_before() -> None:
    states = []
    for order in crossing(20):
        state = meaning.new_state(order)
        meaning.apply(state, order)
        states.append(state)
    assert {state["r"] for state in states} == {5}
    assert {meaning.TODAY + 1 - state["days"][-1][0] for state in states} == {31}


def test_spans_with_and_without_texts_take_turns_after_the_warm_up() -> None:
    without, beside = spans(3)
    both = sorted([*without, *beside])
    assert both[0][0] == WARM_S
    assert all(last == first for (_, last), (first, _) in pairwise(both))
    assert both[::2] == without
    assert both[1::2] == beside
    assert len(list(instants(500, beside))) == 3 * SPAN_S * 500


def test_texts_that_are_sent_are_read_and_nobody_has_rated_them() -> None:
    codec = default_codec()
    values = [codec.encode_one("interaction", told(number)) for number in range(16)]
    records = [Record(number, NOON_MS, b"k", value, ()) for number, value in enumerate(values)]
    accounts = {ACCOUNT: Account.from_body(ACCOUNT, {"time_zone": ZONE, "currency": CURRENCY})}
    events = read_interactions(codec, records, accounts).events
    assert {event.sentiment for *_, event in events} == {None}
    assert len(events) == 16


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


def test_a_scenario_that_fails_is_named_and_the_others_are_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fails(_quick: bool, _say: object) -> tuple[dict[str, Any], list[Table]]:
        raise TooSlow("no progress")

    def works(quick: bool, _say: object) -> tuple[dict[str, Any], list[Table]]:
        return {"events": 3, "was_quick": quick}, [Table("events")]

    monkeypatch.setitem(RUNS, Scenario.PEERS, fails)
    monkeypatch.setitem(RUNS, Scenario.GROWTH, works)
    monkeypatch.setattr(machine, "RESULTS", tmp_path)
    screen = io.StringIO()
    with pytest.raises(RuntimeError, match="not measured: peers"):
        run([Scenario.PEERS, Scenario.GROWTH], True, Console(file=screen))
    [kept] = [json.loads(path.read_text()) for path in tmp_path.iterdir()]
    assert (kept["scenario"], kept["events"], kept["was_quick"]) == ("growth", 3, True)
    assert {"cores", "commit"} <= kept["machine"].keys()
    assert "peers failed: no progress" in screen.getvalue()
