"""The local stack around its processes."""

import sys
from pathlib import Path

import pytest

from deploy.local.broker import BrokerOptions
from deploy.local.ports import is_free
from deploy.local.stack import Stack, StackOptions
from deploy.local.supervisor import ProcessSpec
from schemas import provision
from tests.fixtures.stack import StartStack


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
