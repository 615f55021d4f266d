"""Time as tests and demos set it; crash points as they are armed."""

from pathlib import Path

import pytest

from streams.engine.clock import Clock
from streams.engine.crash import CrashPoint, CrashPoints


def test_the_file_is_now_and_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    clock = Clock(file)
    file.write_text("2026-03-01T00:00:00Z")
    assert clock.now_ms() == 1772323200000
    file.write_text("2026-03-01T03:00:00+03:00")
    assert clock.now_ms() == 1772323200000
    file.write_text("2026-03-01T00:00:01")
    assert clock.now_ms() == 1772323201000


def test_without_its_file_the_clock_is_real(tmp_path: Path) -> None:
    assert Clock(tmp_path / "absent").now_ms() > 1_700_000_000_000


def test_an_unknown_crash_point_is_refused() -> None:
    with pytest.raises(ValueError, match="nowhere"):
        CrashPoints("nowhere")


def test_points_that_are_not_armed_are_passed() -> None:
    points = CrashPoints(f"{CrashPoint.AFTER_FOLD}:3")
    points.reached(CrashPoint.BEFORE_COMMIT)
    points.reached(CrashPoint.AFTER_FOLD)
    points.reached(CrashPoint.AFTER_FOLD)


def test_a_point_armed_for_a_topic_lets_other_transactions_pass() -> None:
    points = CrashPoints(f"{CrashPoint.AFTER_FOLD}:2@actions")
    for topics in ((), ("states",), ("states", "actions"), ("states",)):
        points.reached(CrashPoint.AFTER_FOLD, None, topics)
