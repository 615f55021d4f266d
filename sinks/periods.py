"""Periods of the sales section: whole days of the account's time zone, both ends included (A15)."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Preset(StrEnum):
    """Named periods; each ends yesterday."""

    YESTERDAY = "yesterday"
    LAST_7_DAYS = "last_7_days"
    LAST_15_DAYS = "last_15_days"
    LAST_30_DAYS = "last_30_days"
    LAST_45_DAYS = "last_45_days"
    LAST_60_DAYS = "last_60_days"
    LAST_90_DAYS = "last_90_days"

    @property
    def days(self) -> int:
        """Length in days."""
        return 1 if self is Preset.YESTERDAY else int(self.split("_")[1])


class PeriodError(ValueError):
    """The asked period does not exist; the text says what may be asked."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days `first` to `last`; `partial` if the last one is still running."""

    name: str
    first: date
    last: date
    partial: bool = False


def preset(which: Preset, today: date) -> Period:
    """A named period as of `today` in the account's time zone."""
    return Period(which.value, today - timedelta(days=which.days), today - timedelta(days=1))


def custom(first: date, last: date, today: date) -> Period:
    """Any days up to today, five years at most."""
    if first > last:
        raise PeriodError(f"from {first} lies after to {last}")
    if last > today:
        raise PeriodError(f"to {last} lies in the future; today is {today} in the account's time zone")
    if first < _five_years_before(last):
        raise PeriodError("a period has at most 5 years")
    return Period("custom", first, last, partial=last == today)


def _five_years_before(last: date) -> date:
    """The earliest `from`: five years end on the eve of their fifth anniversary."""
    following = last + timedelta(days=1)
    leap_day = (following.month, following.day) == (2, 29)
    return following.replace(year=following.year - 5, day=28 if leap_day else following.day)
