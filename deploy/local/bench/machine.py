"""What was measured, where and on which commit: results as JSON under .cache/bench."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

TREE = Path(__file__).parents[3]
RESULTS = Path(".cache") / "bench"


def describe() -> dict[str, Any]:
    """Processor, cores, memory, system, Python and commit."""
    return {
        "processor": _first("/proc/cpuinfo", "model name") or platform.processor(),
        "cores": os.cpu_count(),
        "memory": _first("/proc/meminfo", "MemTotal"),
        "system": platform.platform(),
        "python": platform.python_version(),
        "commit": _commit(),
    }


def load() -> float:
    """The load average of the last minute: what else ran."""
    return round(os.getloadavg()[0], 2)


def store(scenario: str, figures: Mapping[str, Any]) -> Path:
    """Write one scenario's figures beside earlier ones; the file."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    at = datetime.now(UTC)
    path = RESULTS / f"{scenario}-{at:%Y%m%dT%H%M%SZ}.json"
    content = {"scenario": scenario, "at": at.isoformat(), "machine": describe(), **figures}
    path.write_text(json.dumps(content, indent=1, default=str) + "\n")
    return path


def _commit() -> str:
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=TREE, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or os.environ.get("LATIDO_BENCH_COMMIT", "unknown")


def _first(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
