"""`latido automation` and `latido endpoint` as an operator uses them."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from streams.cli import app
from tests.fixtures.kafka import Kafka


@pytest.fixture(autouse=True)
def broker(kafka: Kafka, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A broker with one account."""
    monkeypatch.setenv("LATIDO_BOOTSTRAP_SERVERS", kafka.provision(1))
    monkeypatch.setenv("LATIDO_WEBHOOKS_KEY_FILE", str(tmp_path / "key"))
    assert said("account", "create", "shop", "--time-zone", "UTC", "--currency", "USD").exit_code == 0


def said(*arguments: str) -> Result:
    """A command's exit code and output."""
    return CliRunner().invoke(app, arguments)


def of_shop(*arguments: str) -> Result:
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
    assert of_shop("automation", "activate", "offer").exit_code == 1
    file.write_text(said("automation", "template", "champions_offer", "--endpoint", "hook").stdout)
    assert of_shop("automation", "create", str(file), "--id", "offer").exit_code == 1
    assert of_shop("automation", "edit", "offer", str(file)).exit_code == 0
    refused = of_shop("automation", "activate", "offer")
    assert "create the endpoint hook" in refused.stderr
    assert of_shop("endpoint", "create", "hook", "https://hooks.example.com/").stdout.startswith("whsec_")
    assert of_shop("automation", "activate", "offer").exit_code == 0
    assert of_shop("automation", "edit", "offer", str(file)).exit_code == 0
    assert listed() == [("offer", "active", 4)]
    file.write_text(said("automation", "template", "champions_offer", "--endpoint", "other").stdout)
    assert of_shop("automation", "edit", "offer", str(file)).exit_code == 1
    assert of_shop("automation", "pause", "offer").exit_code == 0
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
        assert (answer.exit_code, reason in answer.stderr) == (1, True), answer.output
    elsewhere = said("endpoint", "create", "hook", "https://hooks.example.com/", "--account", "none")
    assert "there is no account none" in elsewhere.stderr
