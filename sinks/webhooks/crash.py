"""Named points at which a test may end the process, as a power cut would."""

import os
from enum import StrEnum
from typing import NoReturn

import structlog

FAILED = 70
_log = structlog.get_logger()


def fail(why: str) -> NoReturn:
    """End the process at once: a supervisor starts it anew, and nothing half done can be written any more."""
    _log.critical("dispatcher_ends", why=why)
    os._exit(FAILED)


class CrashPoint(StrEnum):
    """Values of LATIDO_CRASH_AT that belong to the dispatcher; tests walk all of them."""

    AFTER_FENCE = "webhooks_after_fence"
    MID_RESTORE = "webhooks_mid_restore"
    AFTER_ACCEPT = "webhooks_after_accept"
    BEFORE_POST = "webhooks_before_post"
    AFTER_POST = "webhooks_after_post"
    BEFORE_DISABLE = "webhooks_before_disable"
    AFTER_DISABLE = "webhooks_after_disable"
    AFTER_PRODUCE = "webhooks_after_produce"
    AFTER_COMMIT = "webhooks_after_commit"
    IN_REVOKE = "webhooks_in_revoke"


class CrashPoints:
    """The armed point, if any: `name` or `name:n` for its n-th passing. Unknown names are not ours."""

    def __init__(self, armed: str | None = None) -> None:
        name, _, nth = (armed or "").partition(":")
        self._point = CrashPoint(name) if name in set(CrashPoint) else None
        self._left = int(nth or 1)

    def armed(self, point: CrashPoint) -> bool:
        """Whether the process will end there."""
        return point is self._point

    def reached(self, point: CrashPoint) -> None:
        """End the process at once if `point` is armed and due."""
        if point is self._point:
            self._left -= 1
            if self._left == 0:
                os._exit(137)
