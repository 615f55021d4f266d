"""Days of an account's calendar. A day is counted from 1970-01-01; zones may skip or repeat hours."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
_MOST_DAYS = 100_000
_EPOCH = date(1970, 1, 1)


class Calendar:
    """Local days in one IANA zone."""

    def __init__(self, zone: str) -> None:
        """ZoneInfoNotFoundError (a KeyError) for an unknown zone."""
        self.zone = zone
        self._info = ZoneInfo(zone)
        self._offsets: dict[int, int | None] = {}
        self._starts: dict[int, int] = {}

    def day_of(self, instant_ms: int) -> int:
        """The local day of an instant."""
        utc_day = instant_ms // DAY_MS
        try:
            offset = self._offsets[utc_day]
        except KeyError:
            offset = self._remember(utc_day)
        if offset is None:
            offset = self._offset_ms(instant_ms)
        return (instant_ms + offset) // DAY_MS

    def _remember(self, utc_day: int) -> int | None:
        """The offset all through a UTC day; None where it changes within."""
        if len(self._offsets) == _MOST_DAYS:
            self._offsets.clear()
        first = self._offset_ms(utc_day * DAY_MS)
        # Two changes within a day that cancel each other out have never been.
        constant = first == self._offset_ms((utc_day + 1) * DAY_MS - 1)
        offset = self._offsets[utc_day] = first if constant else None
        return offset

    def start_of(self, day: int) -> int:
        """The first instant of a local day; where midnight is skipped, the instant after the gap."""
        start = self._starts.get(day)
        if start is None:
            start = self._starts[day] = self._find_start(day)
        return start

    def instant_of(self, day: int, hour: int) -> int:
        """A full hour of a local day: the first instant if it comes twice, the next one if it is skipped."""
        wanted = day * DAY_MS + hour * HOUR_MS
        naive = datetime.combine(to_date(day), time(hour), self._info)
        instant = round(naive.timestamp() * 1000)
        if instant + self._offset_ms(instant) == wanted:
            return instant
        # A zone that crosses the date line skips a whole day.
        low, high = instant - DAY_MS - 4 * HOUR_MS, instant + DAY_MS + 4 * HOUR_MS
        while high - low > 1:
            middle = (low + high) // 2
            if middle + self._offset_ms(middle) >= wanted:
                high = middle
            else:
                low = middle
        return high

    def _find_start(self, day: int) -> int:
        midnight = datetime.combine(to_date(day), datetime.min.time(), self._info)
        instant = round(midnight.timestamp() * 1000)
        if self.day_of(instant) == day and self.day_of(instant - 1) == day - 1:
            return instant
        return self._search_start(day, instant)

    def _search_start(self, day: int, near_ms: int) -> int:
        low, high = near_ms - DAY_MS, near_ms + DAY_MS
        while high - low > 1:
            middle = (low + high) // 2
            if self.day_of(middle) >= day:
                high = middle
            else:
                low = middle
        return high

    def _offset_ms(self, instant_ms: int) -> int:
        moment = datetime.fromtimestamp(instant_ms / 1000, UTC).astimezone(self._info)
        offset = moment.utcoffset() or timedelta()
        return round(offset.total_seconds() * 1000)


def to_date(day: int) -> date:
    """The calendar date of a day number."""
    return date.fromordinal(_EPOCH.toordinal() + day)


def to_day(value: date) -> int:
    """The day number of a calendar date."""
    return value.toordinal() - _EPOCH.toordinal()
