"""What lies where, and what never gets into the tree."""

import re
import subprocess
from pathlib import Path

import pytest

TOP_LEVEL = frozenset({
    "schemas", "streams", "sinks", "deploy", "tests", "pyproject.toml", "docker-compose.yml", "README.md",
    "Makefile", "LICENSE",
})  # fmt: skip
FORBIDDEN_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "misc"})
TRACKED = [
    Path(name)
    for name in subprocess.run(
        ["git", "ls-files"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
]
LOCKS = sorted(Path("deploy").glob("requirements*.lock"))


def test_the_top_level_holds_only_what_the_design_names() -> None:
    seen = {path.parts[0] for path in TRACKED}
    assert {name for name in seen if not name.startswith(".")} <= TOP_LEVEL


def test_no_module_is_named_for_being_useful() -> None:
    assert [path for path in TRACKED if FORBIDDEN_NAMES & {Path(part).stem for part in path.parts}] == []


@pytest.mark.parametrize("lock", LOCKS, ids=str)
def test_locks_pin_every_package_by_hash_and_name_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE), "an option, of an index perhaps"
    requirements = re.split(r"\n(?=\S)", text.strip())
    assert all(re.match(r"[a-z0-9._-]+==\S+", one) and "--hash=sha256:" in one for one in requirements)


def test_the_lock_of_development_holds_the_versions_of_the_lock_of_production() -> None:
    def pins(lock: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9._-]+==[^\s;]+)", Path(f"deploy/{lock}").read_text(), re.MULTILINE))

    assert pins("requirements.lock") <= pins("requirements-dev.lock")


@pytest.mark.parametrize("pom", sorted(Path("deploy/local").glob("*pom.xml")), ids=str)
def test_maven_files_name_no_repository(pom: Path) -> None:
    assert "://" not in pom.read_text()
    assert "<repositor" not in pom.read_text()


def test_no_paths_of_one_machine_are_in_the_tree() -> None:
    texts = [
        path for path in TRACKED if path.suffix in {".py", ".toml", ".yml", ".yaml", ".sh", ".md", ".sql"}
    ]
    home = re.compile("/(?:root|home/[a-z]+|Users/[A-Za-z]+|work" + "/main)/")
    assert [path for path in texts if path.exists() and home.search(path.read_text())] == []
