"""Reading a partition's changelogs for its fold: in the worker while they are short, else beside it.

What a restore does, it does under the interpreter's lock: two processes read two partitions in half the time,
and the worker stays awake meanwhile.
"""

import pickle
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from streams.engine.contract import Collector, RestoreFailed
from streams.engine.restore import ChangelogReader
from streams.settings import Settings

WORTH_A_PROCESS = 200_000
"""Records that take longer to read than a process to start."""


class Job(NamedTuple):
    """What to read; `starts` by topic, `deadline` in monotonic seconds of this machine."""

    settings: Settings
    partition: int
    starts: Mapping[str, int]
    deadline: float
    collector: Callable[[], Collector]


class Collected(NamedTuple):
    """The collector's result, and how many records of each topic it took."""

    content: Any
    records: Mapping[str, int]


def collect(job: Job, after_slice: Callable[[], object] = lambda: None) -> Collected:
    """Read here and now. RestoreFailed."""
    collector, records = job.collector(), Counter[str]()

    def take(topic: str, keys: Sequence[bytes | None], values: Sequence[bytes | None]) -> None:
        collector.take(topic, keys, values)
        records[topic] += len(keys)
        after_slice()

    with ChangelogReader(job.settings, job.partition, job.deadline) as reader:
        reader.read_all(job.starts, take)
    return Collected(collector.collected(), records)


def collect_apart(job: Job) -> Collected:
    """Read in another process, which ends with this one. RestoreFailed, also if it ends before it is done."""
    command = [sys.executable, "-m", "streams.engine.collecting_process"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        if process.stdin is None or process.stdout is None:
            raise RestoreFailed("no pipe to the reading process")
        try:
            pickle.dump(job, process.stdin)
            process.stdin.flush()
        except BrokenPipeError:
            raise RestoreFailed(f"partition {job.partition}: the reading process did not start") from None
        answer = process.stdout.read()
    if process.returncode or not answer:
        raise RestoreFailed(f"partition {job.partition}: the reading process ended: {process.returncode}")
    outcome: Collected | RestoreFailed = pickle.loads(answer)  # noqa: S301 - from our own child
    if isinstance(outcome, RestoreFailed):
        raise outcome
    return outcome
