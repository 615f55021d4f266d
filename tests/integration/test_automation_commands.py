"""`latido automation` and `latido endpoint` as an operator uses them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.kafka import Kafka


@pytest.fixture(autouse=True)
def broker(kafka: Kafka, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A broker with one account."""
    monkeypatch.setenv("LATIDO_BOOTSTRAP_SERVERS", kafka.provision(1))
    monkeypatch.setenv("LATIDO_WEBHOOKS_KEY_FILE", str(tmp_path / "key"))
    assert said("account", "create", "shop", "--time-zone", "UTC", "--currency", "USD").returncode == 0


def said(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """A command that has ended."""
    command = [sys.executable, "-m", "streams.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def of_shop(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """A command on the account."""
    return said(*arguments, "--account", "shop")


def listed() -> list[tuple[str, str, int]]:
    """Id, status and version of every automation."""
    rows: list[dict[str, Any]] = json.loads(of_shop("automation", "list", "--json").stdout)
    return [(row["id"], row["status"], row["version"]) for row in rows]


def test_an_automation_from_its_template_to_its_pause(tmp_path: Path) -> None:
    file = tmp_path / "offer.json"
    file.write_text(said("automation", "template", "champions_offer").stdout)
    created = of_shop("automation", "create", str(file), "--id", "offer")
    assert "before that: steps.0.endpoint: fill it in" in created.stdout
    assert of_shop("automation", "activate", "offer").returncode == 1
    file.write_text(said("automation", "template", "champions_offer", "--endpoint", "hook").stdout)
    again = of_shop("automation", "create", str(file), "--id", "offer")
    assert "exists already" in again.stderr
    assert of_shop("automation", "edit", "offer", str(file)).returncode == 0
    refused = of_shop("automation", "activate", "offer")
    assert "create the endpoint hook" in refused.stderr
    assert of_shop("endpoint", "create", "hook", "https://hooks.example.com/").stdout.startswith("whsec_")
    assert of_shop("automation", "activate", "offer").returncode == 0
    assert of_shop("automation", "edit", "offer", str(file)).returncode == 0
    assert listed() == [("offer", "active", 4)]
    file.write_text(said("automation", "template", "champions_offer", "--endpoint", "other").stdout)
    assert of_shop("automation", "edit", "offer", str(file)).returncode == 1
    assert of_shop("automation", "pause", "offer").returncode == 0
    assert listed() == [("offer", "paused", 5)]


def test_what_is_not_there_is_said_in_a_line(tmp_path: Path) -> None:
    file = tmp_path / "broken.json"
    file.write_text("{bad")
    for arguments, reason in (
        (("automation", "create", str(file)), "neither JSON nor YAML"),
        (("automation", "show", "nothing"), "there is no automation nothing"),
        (("endpoint", "test", "nothing"), "no endpoint nothing"),
        (("endpoint", "create", "inside", "https://127.0.0.1/"), "not on the public internet"),
    ):
        answer = of_shop(*arguments)
        assert (answer.returncode, reason in answer.stderr) == (1, True), answer.stderr
    elsewhere = said("endpoint", "create", "hook", "https://hooks.example.com/", "--account", "none")
    assert "there is no account none" in elsewhere.stderr
