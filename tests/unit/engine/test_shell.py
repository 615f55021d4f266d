"""The Faust shell ends the process where Faust would limp on."""

import subprocess
import sys

from streams.engine.crash import ExitCode

_CRASH = """
import asyncio
from schemas.metrics import Metrics
from streams.app import build_app
from streams.engine.shared import Shared
from streams.settings import Settings
from tests.faults.toy import toy_application

async def crash():
    app = build_app(Shared(toy_application(), Settings(), Metrics(), 4))
    await app.tables.crash(RuntimeError("a service below the app"))

asyncio.run(crash())
"""


def test_a_service_that_crashes_takes_the_process_with_it() -> None:
    ended = subprocess.run([sys.executable, "-c", _CRASH], check=False, capture_output=True, timeout=60)
    assert ended.returncode == ExitCode.SHELL_FAILED, ended.stderr.decode()
