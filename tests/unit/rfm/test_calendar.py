"""Local days, where the clocks of the world are odd."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from streams.rfm.batch import local_day
from streams.rfm.calendar import DAY_MS, Calendar, to_date, to_day

MINUTE_MS = 60_000


def instant(text: str) -> int:
    """Milliseconds of an ISO instant."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize(
    ("zone", "day", "start", "why"),
    [
        ("UTC", "2024-02-29", "2024-02-29T00:00:00+00:00", "a leap day"),
        (
            "America/Sao_Paulo",
            "2017-10-15",
            "2017-10-15T03:00:00+00:00",
            "midnight is skipped: 00:00 is 01:00",
        ),
        ("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00+00:00", "23:00 to 24:00 came twice before"),
        (
            "America/Santiago",
            "2023-09-03",
            "2023-09-03T04:00:00+00:00",
            "midnight is skipped: 00:00 is 01:00",
        ),
        ("America/Santiago", "2024-04-07", "2024-04-07T04:00:00+00:00", "23:00 to 24:00 came twice before"),
        (
            "America/Havana",
            "2023-11-05",
            "2023-11-05T04:00:00+00:00",
            "midnight comes twice: the first counts",
        ),
        ("America/St_Johns", "2006-10-29", "2006-10-29T02:30:00+00:00", "at 00:01 it becomes 23:01 again"),
        (
            "Pacific/Apia",
            "2011-12-30",
            "2011-12-30T10:00:00+00:00",
            "the day never was: the next one's start",
        ),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00+00:00", "24 h after the 29th"),
        ("Asia/Kathmandu", "1986-01-01", "1985-12-31T18:30:00+00:00", "00:00 becomes 00:15"),
        ("Africa/Casablanca", "2024-03-10", "2024-03-09T23:00:00+00:00", "winter time for Ramadan at 03:00"),
    ],
)
def test_a_day_starts_at_its_first_instant(zone: str, day: str, start: str, why: str) -> None:
    assert Calendar(zone).start_of(to_day(date.fromisoformat(day))) == instant(start), why


@pytest.mark.parametrize(
    ("zone", "day", "hour", "at", "why"),
    [
        ("America/Santiago", "2023-09-03", 0, "2023-09-03T04:00:00+00:00", "midnight is skipped"),
        ("America/Santiago", "2024-04-06", 23, "2024-04-07T02:00:00+00:00", "23:00 comes twice: the first"),
        ("America/Santiago", "2024-04-07", 0, "2024-04-07T04:00:00+00:00", "after both"),
        ("America/New_York", "2024-03-10", 2, "2024-03-10T07:00:00+00:00", "02:00 is skipped"),
        ("America/New_York", "2024-03-10", 3, "2024-03-10T07:00:00+00:00", "03:00 is that same instant"),
        ("America/New_York", "2024-11-03", 1, "2024-11-03T05:00:00+00:00", "01:00 comes twice: the first"),
        ("America/New_York", "2024-11-03", 2, "2024-11-03T07:00:00+00:00", "after both"),
        ("Australia/Lord_Howe", "2024-10-06", 2, "2024-10-05T15:30:00+00:00", "02:00 becomes 02:30"),
        ("Australia/Lord_Howe", "2024-04-07", 1, "2024-04-06T14:00:00+00:00", "before 01:30 comes again"),
        (
            "Australia/Lord_Howe",
            "2024-04-07",
            2,
            "2024-04-06T15:30:00+00:00",
            "02:00 became 01:30 once",
        ),
        ("Pacific/Apia", "2011-12-30", 10, "2011-12-30T10:00:00+00:00", "the day never was"),
        ("UTC", "2024-02-29", 23, "2024-02-29T23:00:00+00:00", "nothing odd"),
    ],
)
def test_a_full_hour_is_its_first_instant_or_the_next_one(
    zone: str, day: str, hour: int, at: str, why: str
) -> None:
    assert Calendar(zone).instant_of(to_day(date.fromisoformat(day)), hour) == instant(at), why


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("America/Sao_Paulo", "2017-10-15T02:59:59.999+00:00", "2017-10-14"),
        ("America/Sao_Paulo", "2017-10-15T03:00:00+00:00", "2017-10-15"),
        ("America/Santiago", "2023-09-03T03:59:59.999+00:00", "2023-09-02"),
        ("Pacific/Apia", "2011-12-30T09:59:59.999+00:00", "2011-12-29"),
        ("Pacific/Apia", "2011-12-30T10:00:00+00:00", "2011-12-31"),
        ("America/St_Johns", "2006-10-29T02:30:59.999+00:00", "2006-10-29"),
        ("America/St_Johns", "2006-10-29T02:31:00+00:00", "2006-10-28"),
        ("America/St_Johns", "2006-10-29T03:30:00+00:00", "2006-10-29"),
        ("UTC", "1969-12-31T23:59:59.999+00:00", "1969-12-31"),
    ],
)
def test_an_instant_belongs_to_one_local_day(zone: str, at: str, day: str) -> None:
    assert to_date(Calendar(zone).day_of(instant(at))) == date.fromisoformat(day)


@pytest.mark.parametrize("zone", ["America/St_Johns", "America/Santiago", "Australia/Lord_Howe", "Asia/Gaza"])
def test_every_minute_around_a_transition_agrees_with_the_standard_library(zone: str) -> None:
    calendar, info = Calendar(zone), ZoneInfo(zone)
    for near in transitions(info, 1987, 2012):
        for minute in range(-16, 17):
            for at in (near + minute * MINUTE_MS, near + minute * MINUTE_MS - 1):
                assert calendar.day_of(at) == local_day(info, at)


def test_days_and_dates_are_the_same_thing() -> None:
    for day in (-1, 0, 1, 19_782, 100_000):
        assert to_day(to_date(day)) == day
    assert to_day(date(1970, 1, 1)) == 0


def test_a_zone_that_does_not_exist_is_refused() -> None:
    with pytest.raises(KeyError):
        Calendar("America/Atlantis")


def transitions(info: ZoneInfo, first: int, last: int) -> list[int]:
    """Instants, to the minute, at which the zone's offset changed between two years."""
    found, low = [], datetime(first, 1, 1, tzinfo=UTC)
    while low.year < last:
        high = low + timedelta(milliseconds=DAY_MS)
        if low.astimezone(info).utcoffset() != high.astimezone(info).utcoffset():
            a, b = low, high
            while b - a > timedelta(minutes=1):
                middle = a + (b - a) // 2
                same = middle.astimezone(info).utcoffset() == low.astimezone(info).utcoffset()
                a, b = (middle, b) if same else (a, middle)
            found.append(round(b.timestamp() * 1000) // MINUTE_MS * MINUTE_MS)
        low = high
    return found
