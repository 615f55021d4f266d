"""Cuts, money and the map: every cell, every currency, to the last minor unit."""

from fractions import Fraction
from itertools import product

import pytest
from babel.numbers import get_currency_precision
from hypothesis import given
from hypothesis import strategies as st

from streams.rfm.model import (
    CURRENCY_FACTORS,
    ScoringModel,
    ValueOf,
    average_minor,
    default_value_cuts,
    minor_units,
)
from streams.rfm.segment_map import (
    PRESETS,
    SCORES,
    read_map,
    require_complete,
    standard_map,
    warnings,
)
from streams.rfm.segments import Segment

CELLS = list(product(SCORES, repeat=3))


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_preset_covers_the_125_cells(name: str) -> None:
    assert sorted(PRESETS[name]()) == CELLS


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_the_linter_has_nothing_to_say_about_a_preset(name: str) -> None:
    assert list(warnings(PRESETS[name]())) == []


def test_the_linter_names_a_demotion_and_a_fresh_buyer_who_is_urgent() -> None:
    cells = {**standard_map(), (5, 5, 5): Segment.AT_RISK}
    found = list(warnings(cells))
    assert "(5, 5, 5) bought recently, yet is at_risk" in found
    assert sum("demotes" in line for line in found) == 3


def test_every_gap_double_and_stranger_in_a_map_is_named() -> None:
    cells = dict(standard_map())
    lines = ["r,f,m,segment", *(f"{r},{f},{m},{segment}" for (r, f, m), segment in cells.items())]
    assert read_map(lines) == cells
    with pytest.raises(ValueError, match=r"the cell \(1, 1, 1\) appears twice"):
        read_map([*lines, "1,1,1,lost"])
    for missing in CELLS:
        with pytest.raises(ValueError, match=r"1 cells have no segment, the first is "):
            require_complete({cell: segment for cell, segment in cells.items() if cell != missing})
    with pytest.raises(ValueError, match=r"\(6, 1, 1\) is no cell"):
        require_complete({**cells, (6, 1, 1): Segment.LOST})
    with pytest.raises(ValueError, match="outside the map"):
        require_complete({**cells, (1, 1, 1): Segment.NO_PURCHASES})
    with pytest.raises(ValueError, match="is not a valid Segment"):
        read_map([*lines[:-1], "5,5,5,platinum"])


@pytest.mark.parametrize("currency", sorted(CURRENCY_FACTORS))
def test_minor_units_and_cuts_follow_the_currency(currency: str) -> None:
    assert minor_units(currency) == 10 ** get_currency_precision(currency)
    factor = CURRENCY_FACTORS[currency] * minor_units(currency)
    assert default_value_cuts(currency) == (25 * factor, 50 * factor, 100 * factor, 200 * factor)


def test_a_currency_without_a_factor_wants_cuts() -> None:
    with pytest.raises(ValueError, match="CHF"):
        default_value_cuts("CHF")


CUTS = (2500, 5000, 10_000, 20_000)


@given(st.integers(0, 10**13), st.integers(1, 1000), st.sampled_from(CUTS), st.integers(-2, 2))
def test_the_value_score_counts_cuts_below_the_exact_average(
    revenue: int, orders: int, cut: int, near: int
) -> None:
    model = ScoringModel(CUTS)
    for total in (revenue, max(0, cut * orders + near)):
        exact = Fraction(total, orders)
        assert model.value_score(total, orders) == 1 + sum(1 for c in CUTS if exact > c)
        summed = ScoringModel(CUTS, value_of=ValueOf.SUM).value_score(total, orders)
        assert summed == 1 + sum(1 for c in CUTS if total > c)


@given(st.integers(0, 10**13), st.integers(1, 10**6))
def test_the_shown_average_is_rounded_half_up(revenue: int, orders: int) -> None:
    shown = average_minor(revenue, orders)
    assert shown is not None
    assert Fraction(revenue, orders) - shown < Fraction(1, 2)
    assert shown - Fraction(revenue, orders) <= Fraction(1, 2)
    assert average_minor(revenue, 0) is None


@given(st.integers(0, 20), st.integers(0, 50), st.integers(0, 300))
def test_interactions_weigh_in_hundredths_of_a_purchase(orders: int, interactions: int, weight: int) -> None:
    model = ScoringModel(CUTS, interaction_weight=weight)
    exact = orders + Fraction(weight, 100) * interactions
    assert model.frequency_score(orders, interactions) == 1 + sum(1 for c in (1, 2, 4, 7) if exact > c)


@pytest.mark.parametrize(
    ("days", "score"),
    [(0, 5), (30, 5), (31, 4), (90, 4), (91, 3), (180, 3), (181, 2), (365, 2), (366, 1), (9999, 1)],
)
def test_a_recency_cut_belongs_to_the_better_score(days: int, score: int) -> None:
    assert ScoringModel(CUTS).recency_score(days) == score


@pytest.mark.parametrize("cuts", [(1, 1, 2, 3), (4, 3, 2, 1), (-1, 2, 3, 4)])
def test_cuts_that_do_not_grow_from_zero_are_refused(cuts: tuple[int, int, int, int]) -> None:
    for value, recency, frequency in ((cuts, CUTS, CUTS), (CUTS, cuts, CUTS), (CUTS, CUTS, cuts)):
        with pytest.raises(ValueError, match="four cuts that grow"):
            ScoringModel(value, recency, frequency)
    with pytest.raises(ValueError, match="weight"):
        ScoringModel(CUTS, interaction_weight=-1)
