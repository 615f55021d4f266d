"""Processes that may wait run when nothing else wants the processor."""

import os

_NICENESS = 10


def yield_to_others() -> None:
    """Low priority for this process; on Linux it also never takes the processor from who has it."""
    os.nice(_NICENESS)
    if hasattr(os, "SCHED_BATCH"):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
