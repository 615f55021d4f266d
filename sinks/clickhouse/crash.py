"""Named points at which a test may end the process, as a power cut would."""

import os
from enum import StrEnum


class CrashPoint(StrEnum):
    """Values of LATIDO_CRASH_AT that belong to the sink."""

    BEFORE_INSERT = "sink_before_insert"
    AFTER_INSERT = "sink_after_insert"


def reach(point: CrashPoint) -> None:
    """End the process at once if the environment names this point."""
    if os.environ.get("LATIDO_CRASH_AT") == point:
        os._exit(137)
