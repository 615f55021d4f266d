"""When an action is tried again."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.webhooks.retrying import JITTER, STANDARD_SECONDS, QuietHours, Schedule, retry_after_seconds

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def test_the_schedule_is_that_of_the_standard() -> None:
    minutes, hours = 60, 3600
    assert Schedule().seconds == (
        0, 5, 5 * minutes, 30 * minutes, 2 * hours, 5 * hours, 10 * hours, 14 * hours, 20 * hours, 24 * hours
    )  # fmt: skip


@given(st.text("abcdef0123456789", min_size=1), st.integers(1, len(STANDARD_SECONDS) - 1))
def test_a_wait_is_the_schedule_s_give_or_take_a_tenth_and_the_same_after_a_restart(
    action_id: str, attempts: int
) -> None:
    at = Schedule().next_at(action_id, attempts, NOW_MS)
    assert at is not None
    wait_s = (at - NOW_MS) / 1000
    assert abs(wait_s - STANDARD_SECONDS[attempts]) <= STANDARD_SECONDS[attempts] * JITTER + 0.001
    assert Schedule().next_at(action_id, attempts, NOW_MS) == at


def test_actions_that_failed_together_are_not_tried_together() -> None:
    waits = {Schedule().next_at(f"act_{n}", 2, NOW_MS) for n in range(100)}
    assert len(waits) > 90


def test_after_the_last_attempt_there_is_none() -> None:
    assert Schedule((0, 1)).next_at("a", 2, NOW_MS) is None


def test_the_whole_schedule_fits_into_its_span() -> None:
    schedule, now = Schedule(), NOW_MS
    for attempts in range(1, len(STANDARD_SECONDS)):
        at = schedule.next_at("a", attempts, now)
        assert at is not None
        now = at
    assert now < NOW_MS + schedule.span_ms


def test_a_receiver_may_ask_for_more_time_never_for_less() -> None:
    schedule = Schedule()
    assert schedule.next_at("a", 1, NOW_MS, 60) == NOW_MS + 60_000
    assert schedule.next_at("a", 2, NOW_MS, 1) == schedule.next_at("a", 2, NOW_MS)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("7", 7),
        (" 7 ", 7),
        ("0", 0),
        ("99999999999999999999", 86_400),
        ("Sun, 22 Nov 2026 12:01:00 GMT", 60),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
        ("Sun, 22 Nov 2099 11:00:00 GMT", 86_400),
        ("-7", None),
        ("1.5", None),
        ("soon", None),
        ("٣", None),
        ("", None),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, NOW) == seconds


@pytest.mark.parametrize(
    ("local", "start", "end", "ends"),
    [
        ("2026-11-22T20:59", 1260, 540, None),
        ("2026-11-22T21:00", 1260, 540, "2026-11-23T09:00"),
        ("2026-11-23T03:00", 1260, 540, "2026-11-23T09:00"),
        ("2026-11-23T08:59", 1260, 540, "2026-11-23T09:00"),
        ("2026-11-23T09:00", 1260, 540, None),
        ("2026-11-23T13:30", 780, 840, "2026-11-23T14:00"),
        ("2026-11-23T14:00", 780, 840, None),
        ("2026-11-23T14:00", 600, 600, None),
        ("2026-11-23T23:00", 1320, 0, "2026-11-24T00:00"),
    ],
)
def test_quiet_hours(local: str, start: int, end: int, ends: str | None) -> None:
    at = datetime.fromisoformat(local).replace(tzinfo=SAO_PAULO)
    found = QuietHours(start, end, SAO_PAULO).end_ms(int(at.timestamp() * 1000))
    expected = datetime.fromisoformat(ends).replace(tzinfo=SAO_PAULO) if ends else None
    assert found == (int(expected.timestamp() * 1000) if expected else None)


@given(
    st.integers(0, 1439), st.integers(0, 1439), st.integers(1_577_836_800_000, 1_893_456_000_000),
    st.sampled_from(["America/Santiago", "America/Sao_Paulo", "Asia/Kathmandu", "UTC"]),
)  # fmt: skip
def test_quiet_hours_end_within_a_day_and_never_at_once(start: int, end: int, now_ms: int, zone: str) -> None:
    ends = QuietHours(start, end, ZoneInfo(zone)).end_ms(now_ms)
    assert ends is None or now_ms < ends <= now_ms + 26 * 3_600_000
