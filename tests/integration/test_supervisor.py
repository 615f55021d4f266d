"""The supervisor with real processes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.supervisor import Backoff, ProcessSpec, Supervisor, describe_exit
from tests.fixtures.waiting import alive, until

SLEEP = "import time; time.sleep(600)"
SLEEPER = (sys.executable, "-c", SLEEP)
PARENT_PROGRAM = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {SLEEP!r}])
print(child.pid, flush=True)
{SLEEP}
"""
PARENT = (sys.executable, "-c", PARENT_PROGRAM)
STUBBORN_PROGRAM = f"""
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
{SLEEP}
"""
STUBBORN = (sys.executable, "-c", STUBBORN_PROGRAM)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    supervisor = Supervisor(tmp_path / "logs", said.append, Backoff(first=0.05, longest=0.2))
    yield supervisor
    supervisor.stop()


def first_line(path: Path) -> str:
    until(lambda: path.exists() and "\n" in path.read_text())
    return path.read_text().splitlines()[0]


def test_a_killed_process_is_started_again_and_said_so(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.start(ProcessSpec("worker", SLEEPER))
    first = supervisor.pid("worker")
    supervisor.signal("worker", signal.SIGKILL)
    until(lambda: supervisor.restarts("worker") == 1)
    assert supervisor.pid("worker") != first
    assert alive(supervisor.pid("worker"))
    assert said == ["worker was ended by SIGKILL; starting it again in 0.05 s"]


def test_waits_grow_while_a_process_keeps_failing(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.start(ProcessSpec("worker", (sys.executable, "-c", "raise SystemExit(3)")))
    until(lambda: len(said) >= 4)
    waits = [line.removeprefix("worker exited with status 3; starting it again in ") for line in said[:4]]
    assert waits == ["0.05 s", "0.1 s", "0.2 s", "0.2 s"]


def test_a_process_that_ran_well_starts_over_with_the_shortest_wait(tmp_path: Path, said: list[str]) -> None:
    supervisor = Supervisor(tmp_path, said.append, Backoff(first=0.05, longest=10, healthy=0.0))
    supervisor.start(ProcessSpec("worker", (sys.executable, "-c", "raise SystemExit(3)")))
    until(lambda: len(said) >= 3)
    supervisor.stop()
    assert set(said) == {"worker exited with status 3; starting it again in 0.05 s"}


def test_what_a_dead_process_left_behind_is_ended_before_its_restart(supervisor: Supervisor) -> None:
    supervisor.start(ProcessSpec("worker", PARENT))
    orphan = int(first_line(supervisor.log_path("worker")))
    os.kill(supervisor.pid("worker"), signal.SIGKILL)
    until(lambda: supervisor.restarts("worker") == 1)
    until(lambda: not alive(orphan))


def test_stop_ends_every_process_and_its_children(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    for name in ("one", "two"):
        supervisor.start(ProcessSpec(name, PARENT))
    pids = [supervisor.pid(name) for name in supervisor.names()]
    pids += [int(first_line(supervisor.log_path(name))) for name in supervisor.names()]
    supervisor.stop()
    until(lambda: not any(alive(pid) for pid in pids))


def test_a_process_that_ignores_sigterm_is_killed_at_the_deadline(tmp_path: Path, said: list[str]) -> None:
    supervisor = Supervisor(tmp_path, said.append)
    supervisor.start(ProcessSpec("stubborn", STUBBORN))
    first_line(supervisor.log_path("stubborn"))
    supervisor.stop(deadline_seconds=0.2)
    assert not alive(supervisor.pid("stubborn"))
    assert said == ["stubborn did not stop in time and was killed"]


def test_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from deploy.local.supervisor import *\n"
        f"supervisor = Supervisor(Path({str(tmp_path)!r}))\n"
        f"supervisor.start(ProcessSpec('worker', {PARENT!r}))\n"
        "print(supervisor.pid('worker'), flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as main:
        assert main.stdout is not None
        worker = int(main.stdout.readline())
        grandchild = int(first_line(tmp_path / "worker.log"))
        main.kill()
    until(lambda: not alive(worker) and not alive(grandchild))


def test_two_processes_cannot_have_one_name(supervisor: Supervisor) -> None:
    supervisor.start(ProcessSpec("worker", SLEEPER))
    with pytest.raises(ValueError, match="worker runs already"):
        supervisor.start(ProcessSpec("worker", SLEEPER))


@pytest.mark.parametrize(
    ("status", "words"),
    [(1, "exited with status 1"), (0, "exited with status 0"), (-15, "was ended by SIGTERM")],
)
def test_exits_are_told_in_words(status: int, words: str) -> None:
    assert describe_exit(status) == words
