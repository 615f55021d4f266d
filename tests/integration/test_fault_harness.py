"""What the fault tests start ends with them, however they end."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.fixtures.waiting import alive, until

PROGRAM = """
import signal, sys, time
from pathlib import Path
from tests.faults.nemesis import Worker
from tests.integration.sink_process import SinkProcess

folder = Path(sys.argv[1])
workers = [Worker("http.server 0 --bind 127.0.0.1", folder / f"{name}.log", {}) for name in ("a", "b")]
for worker in workers:
    worker.start()
workers[1].send(signal.SIGSTOP)
sink = SinkProcess("127.0.0.1:9", folder)
sink.start()
print(*(one._process.pid for one in (*workers, sink)), flush=True)
time.sleep(600)
"""


def test_workers_and_sinks_end_with_a_test_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        started = [int(pid) for pid in program.stdout.readline().split()]
        assert len(started) == 3
        assert all(map(alive, started))
        program.send_signal(signal.SIGKILL)
    until(lambda: not any(map(alive, started)))
