"""Who yields runs behind everybody else of the machine."""

import subprocess
import sys

YIELDING = """
import os
from streams.engine.priority import yield_to_others
before = os.nice(0)
yield_to_others()
print(os.nice(0) - before, not hasattr(os, "SCHED_BATCH") or os.sched_getscheduler(0) == os.SCHED_BATCH)
"""


def test_a_process_that_yields_is_nice_and_takes_the_processor_from_nobody() -> None:
    told = subprocess.run([sys.executable, "-c", YIELDING], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["10", "True"]
