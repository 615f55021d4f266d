"""Which Java runs what: Kafka needs 17, the registry 21, and a machine may have several."""

import functools
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

_INSTALLED = Path("/usr/lib/jvm")
_VERSION = re.compile(r'version "(?:1\.)?(\d+)')


@functools.cache
def find_java(least: int) -> str:
    """A `java` of at least that major version; FileNotFoundError says what to install.

    Looked for in JAVA_HOME, on PATH and where Debian keeps its others.
    """
    for program in _candidates():
        if _major(program) >= least:
            return program
    raise FileNotFoundError(f"no Java {least} or newer found: apt-get install openjdk-{least}-jre-headless")


def _candidates() -> Iterator[str]:
    home = os.environ.get("JAVA_HOME")
    if home:
        yield str(Path(home) / "bin" / "java")
    on_path = shutil.which("java")
    if on_path:
        yield on_path
    yield from (str(program) for program in sorted(_INSTALLED.glob("*/bin/java")))


def _major(program: str) -> int:
    """Its major version; 0 if it does not run."""
    try:
        answer = subprocess.run(
            [program, "-version"], capture_output=True, text=True, check=False, timeout=30
        )
    except OSError:
        return 0
    found = _VERSION.search(answer.stderr)
    return int(found[1]) if found else 0
