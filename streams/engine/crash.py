"""How a worker ends: at once, with one clear line, and where tests may end it on purpose."""

import logging
import os
import sys
import threading
from collections.abc import Callable, Collection
from enum import IntEnum, StrEnum
from typing import NoReturn

logger = logging.getLogger(__name__)


class ExitCode(IntEnum):
    """Why the process ended; a supervisor restarts it after each of them."""

    DRAINED = 0
    WRITER_FAILED = 70
    FENCED = 71
    GAP = 72
    STALLED = 73
    RESTORE_FAILED = 74
    TOPICS = 75
    FOLD_FAILED = 76
    SHELL_FAILED = 77
    DRAIN_TIMEOUT = 78
    CRASH_POINT = 137


class CrashPoint(StrEnum):
    """Where `LATIDO_CRASH_AT` may end the process. Tests walk all of them."""

    AFTER_FENCE = "after_fence"
    MID_RESTORE = "mid_restore"
    AFTER_RESTORE = "after_restore"
    AFTER_TRIAL = "after_trial"
    AFTER_FOLD = "after_fold"
    AFTER_PRODUCE = "after_produce"
    BEFORE_COMMIT = "before_commit"
    AFTER_COMMIT_BEFORE_ACK = "after_commit_before_ack"
    AFTER_STEP = "after_step"
    IN_REVOKE = "in_revoke"
    IN_ASSIGN = "in_assign"
    IN_DRAIN = "in_drain"


class CrashPoints:
    """The armed point, if any. ValueError for an unknown name.

    `name`, `name:n` for its n-th passing; `@topic` after it counts only transactions that write there.
    """

    def __init__(self, armed: str | None = None) -> None:
        where, _, self._topic = (armed or "").partition("@")
        name, _, nth = where.partition(":")
        self._point = CrashPoint(name) if name else None
        self._left = int(nth or 1)
        self._lock = threading.Lock()

    def reached(
        self,
        point: CrashPoint,
        before: Callable[[], object] | None = None,
        topics: Collection[str] = (),
    ) -> None:
        """End the process if `point` is armed and due, after calling `before`. `topics`: what is written."""
        if point is not self._point or (self._topic and self._topic not in topics):
            return
        with self._lock:
            self._left -= 1
            due = self._left == 0
        if due:
            if before is not None:
                before()
            end_process(ExitCode.CRASH_POINT, f"crash point {point}")


def end_process(code: ExitCode, why: str) -> NoReturn:
    """Log one line and end at once: no clean-up can write anything any more."""
    level = logging.INFO if code is ExitCode.DRAINED else logging.CRITICAL
    logger.log(level, "worker ends (%s, exit %d): %s", code.name, code, why)
    for handler in logging.getLogger().handlers:
        handler.flush()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
