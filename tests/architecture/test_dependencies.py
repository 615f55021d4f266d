"""What is imported is declared, and what is declared is imported."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

OURS = ("schemas", "streams", "sinks", "deploy")
PROJECT = tomllib.loads(Path("pyproject.toml").read_text())["project"]
# Used without an import of ours: each with what needs it.
INDIRECT = {
    "aiokafka": "faust's transport; pinned because the chunked transport subclasses it",
    "cramjam": "aiokafka decompresses with it",
    "chdb": "clickhouse-connect's in-process engine",
    "tzdata": "zoneinfo where the system has no time zones",
}


def name_of(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return canonical(found[0])


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported() -> Iterator[str]:
    """Distributions behind every import of a library in our packages."""
    providers = packages_distributions()
    for path in (path for folder in OURS for path in Path(folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                modules = [node.module]
            for top in {module.split(".")[0] for module in modules} - {*OURS, *sys.stdlib_module_names}:
                yield from (canonical(provider) for provider in providers.get(top, [f"{top} (of {path})"]))


EXTRAS = PROJECT["optional-dependencies"]
DECLARED = {name_of(requirement) for requirement in [*PROJECT["dependencies"], *EXTRAS["sentiment"]]}
IMPORTED = set(imported())


def test_every_imported_library_is_declared() -> None:
    assert not IMPORTED - DECLARED


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_every_declared_library_is_used(name: str) -> None:
    assert name in IMPORTED or name in INDIRECT
