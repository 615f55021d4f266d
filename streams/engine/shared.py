"""What all partitions of a worker share."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from schemas.metrics import Metrics
from streams.engine.clock import Clock
from streams.engine.contract import Application
from streams.engine.crash import CrashPoints
from streams.engine.pacing import TransactionBudget
from streams.settings import Settings

_THREADS = 64
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
        self.restoring = threading.Semaphore(_RESTORES)
        self.threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="partition")
