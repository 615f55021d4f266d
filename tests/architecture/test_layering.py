"""What may import what: the contracts of pyproject.toml, and the purity of the core."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter import api
from importlinter.application.use_cases import SUCCESS, lint_imports

PURE = ("streams/rfm", "streams/automations", "streams/sentiment")
IMPURE_STANDARD_MODULES = frozenset({
    "asyncio", "http", "logging", "multiprocessing", "random", "secrets", "socket", "sqlite3", "subprocess",
    "threading", "time", "urllib", "uuid",
})  # fmt: skip
READS_THE_CLOCK = frozenset({"now", "today", "utcnow", "time_ns", "monotonic"})
OF_THE_MODEL = {Path("streams/sentiment") / name for name in ("embedding.py", "model.py", "train.py")}
"""What runs a language model needs numbers and a lock."""

PURE_FILES = [
    path for folder in PURE for path in sorted(Path(folder).rglob("*.py")) if path not in OF_THE_MODEL
]


def imports(path: Path) -> Iterator[str]:
    """Absolute names that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield node.module or ""


def test_every_import_contract_is_kept() -> None:
    assert lint_imports(cache_dir=None, verbose=False) is SUCCESS


def test_the_contracts_are_there() -> None:
    contracts = api.read_configuration("pyproject.toml")["contracts_options"]
    ids = {"leaf", "ends", "deploy", "engine", "rfm", "automations", "sentiment", "layers"}
    assert {contract["id"] for contract in contracts} >= ids


@pytest.mark.parametrize("path", PURE_FILES, ids=str)
def test_the_core_imports_only_the_pure_part_of_the_standard_library(path: Path) -> None:
    allowed = sys.stdlib_module_names - IMPURE_STANDARD_MODULES
    own = ".".join(path.parts[:2])
    foreign = {name for name in imports(path) if name.split(".")[0] not in allowed}
    assert {name for name in foreign if name != own and not name.startswith(f"{own}.")} == set()


@pytest.mark.parametrize("path", PURE_FILES, ids=str)
def test_the_core_reads_no_clock(path: Path) -> None:
    calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    read = {call.attr for call in calls if isinstance(call, ast.Attribute) and call.attr in READS_THE_CLOCK}
    assert read == set()


def test_the_core_is_there_to_be_checked() -> None:
    assert PURE_FILES
