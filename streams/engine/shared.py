"""What all partitions of a worker share."""

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from schemas.metrics import Metrics
from streams.engine.clock import Clock
from streams.engine.contract import Application
from streams.engine.crash import CrashPoints
from streams.engine.pacing import TransactionBudget
from streams.settings import Settings

_THREADS = 64
_PATIENCE_S = 1.0
"""A fold may wait for something outside (a schema registry); others are not to wait for that."""
_RESTORES = 2
"""At once: one fetches while another decodes; each holds its changelogs' last values meanwhile."""


class Shared:
    """One a worker. `partitions` is the number of partitions of every topic of the application.

    `trial` is held by the partition that folds a chunk which may end the process: were two folded at
    once, the death of one would count against both.
    """

    def __init__(
        self, application: Application, settings: Settings, metrics: Metrics, partitions: int
    ) -> None:
        self.application = application
        self.settings = settings
        self.metrics = metrics
        self.partitions = partitions
        self.clock = Clock(settings.clock_file)
        self.crash_points = CrashPoints(settings.crash_at)
        self.budget = TransactionBudget(settings.transactions_per_s, time.monotonic)
        self.trial = asyncio.Lock()
        self._folding = threading.Lock()
        self.restoring = threading.Semaphore(_RESTORES)
        self.threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="partition")

    @contextmanager
    def folding(self) -> Iterator[None]:
        """One at a time, where that takes no longer than a second.

        Threads that take the interpreter from each other in the middle of a chunk find their data in no cache
        of the processor any more: four that fold at once cost a seventh more than one after the other.
        """
        alone = self._folding.acquire(timeout=_PATIENCE_S)
        try:
            yield
        finally:
            if alone:
                self._folding.release()
