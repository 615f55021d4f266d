"""`Data up to` is said only when it is true."""

from sinks.clickhouse.freshness import Freshness

SOURCE = ("activity", 3)
A, B = ("contact-profiles.v1", 3), ("contact-days.v1", 3)


def test_a_watermark_holds_once_every_output_is_inserted_up_to_its_end() -> None:
    freshness = Freshness()
    freshness.claim(SOURCE, 1_000, {A: 10, B: 5})
    assert freshness.settle({A: 10, B: 4}) == {}
    assert freshness.settle({A: 10, B: 5}) == {SOURCE: 1_000}
    assert freshness.settle({A: 10, B: 5}) == {}


def test_under_a_steady_stream_the_oldest_claim_still_comes_true() -> None:
    freshness = Freshness()
    for tick in range(1, 100):
        freshness.claim(SOURCE, tick, {A: tick * 10})
    assert freshness.settle({A: 10}) == {SOURCE: 1}
    assert freshness.settle({A: 990}) == {SOURCE: 99}


def test_an_empty_output_holds_nothing_back() -> None:
    freshness = Freshness()
    freshness.claim(SOURCE, 7, {A: 0, B: 0})
    assert freshness.settle({}) == {SOURCE: 7}


def test_after_a_rebalance_old_claims_are_forgotten() -> None:
    freshness = Freshness()
    freshness.claim(SOURCE, 7, {A: 0})
    freshness.forget()
    assert freshness.settle({}) == {}
