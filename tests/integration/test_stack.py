"""The local stack around its processes."""

import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from deploy.local.broker import BrokerOptions
from deploy.local.ports import free_port, is_free
from deploy.local.stack import Stack, StackOptions
from deploy.local.supervisor import ProcessSpec
from schemas import provision
from tests.fixtures.stack import StartStack
from tests.fixtures.waiting import alive, until


def test_a_stack_gives_its_processes_a_provisioned_broker_and_keeps_its_data(
    start_stack: StartStack, tmp_path: Path
) -> None:
    options = StackOptions(data_dir=tmp_path, workers=0, sink=False, partitions=2)
    stack = start_stack(options)
    assert provision.check(stack.env["LATIDO_BOOTSTRAP_SERVERS"], 2) == []
    stack.supervisor.start(
        ProcessSpec("client", (sys.executable, "-c", "import time; time.sleep(600)"), stack.env)
    )
    stack.stop()
    assert is_free(stack.broker.port)

    other = Stack(StackOptions(data_dir=tmp_path, workers=0, sink=False, partitions=3))
    with pytest.raises(RuntimeError, match=r"orders\.v1: 2 partitions, declared 3"):
        other.start()
    assert is_free(other.broker.port)


def test_a_stack_whose_broker_fails_leaves_nothing_running(tmp_path: Path) -> None:
    broken = BrokerOptions(properties={"node.id": "none"})
    stack = Stack(StackOptions(data_dir=tmp_path, workers=0, sink=False, broker=broken))
    with pytest.raises(RuntimeError, match="could not format"):
        stack.start()
    assert is_free(stack.broker.port)


def restarted(stack: Stack, name: str) -> bool:
    return stack.supervisor.restarts(name) == 1


def test_worker_and_sink_are_ready_again_after_being_killed_and_stop_with_the_stack(
    start_stack: StartStack, tmp_path: Path
) -> None:
    stack = start_stack(StackOptions(data_dir=tmp_path, partitions=1))
    stack.await_ready()
    for name in ("worker-1", "sink"):
        stack.supervisor.signal(name, signal.SIGKILL)
        until(partial(restarted, stack, name))
    stack.await_ready()
    running = [stack.supervisor.pid(name) for name in ("worker-1", "sink")] + [stack.broker.pid]
    assert all(alive(pid) for pid in running)
    stack.stop()
    assert not any(alive(pid) for pid in running)


def test_the_command_runs_until_it_is_interrupted_and_leaves_nothing(tmp_path: Path) -> None:
    broker_port, api_port = free_port(), free_port()
    command = [sys.executable, "-m", "deploy.local.stack", "--data-dir", str(tmp_path)]
    command += ["--port", str(broker_port), "--api-port", str(api_port), "--partitions", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as program:
        assert program.stdout is not None
        said = [program.stdout.readline()]
        while said[-1] and "Ctrl-C" not in said[-1]:
            said.append(program.stdout.readline())
        program.send_signal(signal.SIGINT)
        said += program.stdout.readlines()
        assert program.wait() == 0, "".join(said)
    assert f"  export LATIDO_BOOTSTRAP_SERVERS=127.0.0.1:{broker_port}\n" in said
    assert said[-1] == "Stopped.\n"
    assert is_free(broker_port)
    assert is_free(api_port)
