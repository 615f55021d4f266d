"""The process that `streams.engine.collecting` starts: one job by stdin, its outcome by stdout."""

import os
import pickle
import sys
import threading

from streams.engine.collecting import collect
from streams.engine.contract import RestoreFailed


def main() -> None:
    """Read, answer, end. When stdin ends, so has the worker, and nobody waits for an answer any more."""
    answers = os.fdopen(os.dup(1), "wb")
    # Whatever prints must not get into the answer.
    os.dup2(2, 1)
    job = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the worker that started this process
    threading.Thread(target=_end_with_worker, daemon=True).start()
    try:
        outcome = collect(job)
    except RestoreFailed as failure:
        pickle.dump(failure, answers)
    else:
        pickle.dump(outcome, answers, protocol=pickle.HIGHEST_PROTOCOL)
    answers.flush()
    # The answer ends with the process, not before: the worker then lets go of stdin, as if it had died.
    os._exit(0)


def _end_with_worker() -> None:
    # Not through sys.stdin, whose lock would be held when this process ends by itself.
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    main()
