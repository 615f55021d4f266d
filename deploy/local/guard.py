"""Nothing outlives the program that started it, however that program ends.

One guard process a program holds the reading end of a pipe. The program announces the process groups that it
starts and those that have ended; when the pipe closes, even because the program was killed, the guard ends
the groups that are left.
"""

import atexit
import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable

_GRACE_SECONDS = 5.0


def watch(group: int) -> None:
    """End process group `group` when this program ends."""
    _tell(f"+{group}")


def forget(group: int) -> None:
    """`group` has ended."""
    _tell(f"-{group}")


def signal_group(group: int, signum: int) -> bool:
    """Signal a process group; whether it still has members."""
    try:
        os.killpg(group, signum)
    except (ProcessLookupError, PermissionError):  # macOS refuses where only zombies are left
        return False
    return True


def end_groups(groups: Iterable[int], grace_seconds: float = _GRACE_SECONDS) -> None:
    """SIGTERM to each group; SIGKILL to those that are there after the grace."""
    left = [group for group in groups if signal_group(group, signal.SIGTERM)]
    deadline = time.monotonic() + grace_seconds
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = [group for group in left if signal_group(group, 0)]
    for group in left:
        signal_group(group, signal.SIGKILL)


def _tell(line: str) -> None:
    pipe = _guard(os.getpid()).stdin
    if pipe is not None and not pipe.closed:
        pipe.write(line.encode() + b"\n")
        pipe.flush()


@functools.cache
def _guard(_owner: int) -> subprocess.Popen[bytes]:
    """The guard of this process; a forked child asks under its own id and gets its own."""
    process = subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
    )
    atexit.register(process.communicate)  # closes the pipe and waits until nothing is left
    return process


def _main() -> None:
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        (groups.add if line[0] == "+" else groups.discard)(group)
    end_groups(groups)


if __name__ == "__main__":
    _main()
