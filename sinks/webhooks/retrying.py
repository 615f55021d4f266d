"""When an action is tried again: the schedule of Standard Webhooks, Retry-After, quiet hours. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

STANDARD_SECONDS = (0.0, 5.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
"""Standard Webhooks 1.0, "Deliverability and reliability": each counted from the attempt before it."""
JITTER = 0.1
LONGEST_RETRY_AFTER_SECONDS = 86_400.0
STALE_MS = 20 * 86_400_000
"""Ended actions are remembered for 30 days: what was due longer ago might have been sent and forgotten."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Waits before each attempt, in seconds."""

    seconds: tuple[float, ...] = STANDARD_SECONDS

    @property
    def span_ms(self) -> int:
        """From acceptance until nothing is tried any more, whatever kept the attempts from being made."""
        return int(sum(self.seconds) * (1 + JITTER) * 1_000) + 3_600_000

    def first_at(self, now_ms: int) -> int:
        """When the first attempt is due."""
        return now_ms + int(self.seconds[0] * 1_000)

    def next_at(
        self, action_id: str, attempts: int, now_ms: int, retry_after_seconds: float | None = None
    ) -> int | None:
        """When the attempt after `attempts` failed ones is due; None when they were all."""
        if attempts >= len(self.seconds):
            return None
        wait = self.seconds[attempts] * (1 + JITTER * _share(action_id, attempts))
        if retry_after_seconds is not None:
            wait = max(wait, retry_after_seconds)
        return now_ms + int(wait * 1_000)


def _share(action_id: str, attempts: int) -> float:
    """Between -1 and 1, the same for the same attempt: a restart changes no date."""
    digest = hashlib.blake2b(f"{action_id}.{attempts}".encode(), digest_size=4).digest()
    return int.from_bytes(digest) / 0x7FFFFFFF - 1


def retry_after_seconds(header: str | None, now: datetime) -> float | None:
    """The header `Retry-After`, seconds or a date (RFC 9110), at most a day; None if it makes no sense."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_RETRY_AFTER_SECONDS)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((at - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER_SECONDS)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Minutes after local midnight; the end is exclusive and may lie below the start."""

    start_minute: int
    end_minute: int
    zone: ZoneInfo

    def end_ms(self, now_ms: int) -> int | None:
        """When they end, if they hold now."""
        local = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        over_midnight = self.end_minute <= self.start_minute
        inside = (
            minute >= self.start_minute or minute < self.end_minute
            if over_midnight
            else self.start_minute <= minute < self.end_minute
        )
        if not inside or self.start_minute == self.end_minute:
            return None
        day = local.date() + timedelta(days=int(over_midnight and minute >= self.start_minute))
        hour, rest = divmod(self.end_minute, 60)
        end = datetime(day.year, day.month, day.day, hour % 24, rest, tzinfo=self.zone)
        return max(int(end.timestamp() * 1000), now_ms + 1)
