"""Which Java is taken where there are several."""

from pathlib import Path

import pytest

from deploy.local.java import find_java


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    find_java.cache_clear()


def install(folder: Path, version: str) -> Path:
    """A program that answers `-version` as a Java of that version does."""
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-04-15' >&2\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(("version", "least"), [("17.0.15", 17), ("25", 21), ("1.8.0_402", 8)])
def test_java_home_is_taken_where_it_is_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, least: int
) -> None:
    program = install(tmp_path, version)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert find_java(least) == str(program)


def test_an_old_java_home_gives_way_to_a_newer_one_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "old", "1.8.0_402")
    newer = install(tmp_path / "new", "21.0.2")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "old"))
    monkeypatch.setenv("PATH", f"{newer.parent}:/bin:/usr/bin")
    assert find_java(21) == str(newer)


def test_without_one_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(FileNotFoundError, match="apt-get install openjdk-999-jre-headless"):
        find_java(999)
