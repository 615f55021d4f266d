"""Periods end yesterday unless asked otherwise, and never in the future."""

from datetime import date

import pytest

from sinks.periods import PeriodError, Preset, custom, preset

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("which", "first"),
    [
        (Preset.YESTERDAY, date(2026, 11, 21)),
        (Preset.LAST_7_DAYS, date(2026, 11, 15)),
        (Preset.LAST_15_DAYS, date(2026, 11, 7)),
        (Preset.LAST_30_DAYS, date(2026, 10, 23)),
        (Preset.LAST_45_DAYS, date(2026, 10, 8)),
        (Preset.LAST_60_DAYS, date(2026, 9, 23)),
        (Preset.LAST_90_DAYS, date(2026, 8, 24)),
    ],
)
def test_a_preset_ends_yesterday(which: Preset, first: date) -> None:
    period = preset(which, TODAY)
    assert (period.first, period.last, period.partial) == (first, date(2026, 11, 21), False)


def test_a_custom_period_may_end_today_and_says_that_it_is_partial() -> None:
    assert custom(TODAY, TODAY, TODAY).partial
    assert not custom(date(2026, 11, 1), date(2026, 11, 21), TODAY).partial


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        (date(2026, 11, 1), date(2026, 11, 23), "lies in the future"),
        (date(2026, 11, 2), date(2026, 11, 1), "lies after"),
        (date(2021, 11, 22), date(2026, 11, 22), "at most 5 years"),
        (date(2019, 2, 27), date(2024, 2, 28), "at most 5 years"),
    ],
)
def test_an_impossible_period_is_refused_with_its_reason(first: date, last: date, why: str) -> None:
    with pytest.raises(PeriodError, match=why):
        custom(first, last, TODAY)


def test_five_whole_years_are_allowed() -> None:
    assert custom(date(2021, 11, 23), TODAY, TODAY).first == date(2021, 11, 23)
    assert custom(date(2019, 2, 28), date(2024, 2, 28), TODAY).last == date(2024, 2, 28)
