"""An open loop: everything at its intended instant, whatever becomes of what was sent before."""

import time
from collections.abc import Callable, Iterable

SLICE_S = 0.01
"""A sender that woke for each of 2,000 events a second would take a third of a core from those it measures.
What waits for the slice counts as latency, for it is measured from the intended instant."""
LINGER_MS = 2
"""So that what a slice sends to a partition is one request."""


def send_on_time(
    begun_s: float, due: Iterable[float], send: Callable[[int], object], poll: Callable[[], object]
) -> None:
    """Call `send` with the number of each, `due` seconds (ascending) after `begun_s` (monotonic); `poll`
    between slices."""
    now_s = 0.0
    for number, after_s in enumerate(due):
        wait_s = begun_s + after_s - now_s
        if wait_s > 0:
            wait_s = begun_s + after_s - time.monotonic()
            if wait_s > 0:
                poll()
                time.sleep(max(wait_s, SLICE_S))
            now_s = time.monotonic()
        send(number)
