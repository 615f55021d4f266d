"""docker-compose.yml runs the same processes as the local stack, under the same names."""

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from sinks.settings import SinkSettings
from sinks.webhooks.settings import WebhookSettings
from streams.settings import Settings
from tests.fixtures.containers import KAFKA_IMAGE

COMPOSE = Path("docker-compose.yml")
DOCKERFILE = Path("deploy/Dockerfile")
OURS = ("topics", "worker", "automations", "sentiment", "webhooks", "sink")


@cache
def services() -> dict[str, dict[str, Any]]:
    declared: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text())["services"]
    return declared


def test_it_has_the_services_of_the_local_stack() -> None:
    assert set(services()) == {"kafka", "registry", "clickhouse", *OURS}


def test_the_registry_starts_only_on_request() -> None:
    assert services()["registry"]["profiles"] == ["registry"]
    assert not [name for name, service in services().items() if name != "registry" and "profiles" in service]


def test_kafka_is_the_version_of_the_local_broker() -> None:
    version = re.search(
        r"<artifactId>kafka_2.13</artifactId>\s*<version>(.+?)<", Path("deploy/local/pom.xml").read_text()
    )
    assert version
    assert services()["kafka"]["image"] == f"apache/kafka:{version[1]}" == KAFKA_IMAGE


def test_every_process_waits_for_what_it_needs() -> None:
    for name, service in services().items():
        for needed in service.get("depends_on", {}):
            assert needed in services(), f"{name} waits for {needed}"
    assert "topics" in services()["worker"]["depends_on"]
    assert "clickhouse" in services()["sink"]["depends_on"]


@pytest.mark.parametrize("name", OURS)
def test_it_sets_only_settings_that_exist(name: str) -> None:
    fields = [*Settings.model_fields, *SinkSettings.model_fields, *WebhookSettings.model_fields]
    known = {f"LATIDO_{field.upper()}" for field in fields}
    assert set(services()[name]["environment"]) <= known | {"LATIDO_PARTITIONS"}


@pytest.mark.parametrize("name", [name for name in OURS if name != "topics"])
def test_a_crashed_process_is_started_again(name: str) -> None:
    assert services()[name]["restart"] == "always"


def test_ports_are_published_on_loopback_only() -> None:
    published = [port for service in services().values() for port in service.get("ports", [])]
    assert published
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_what_the_image_copies_is_in_the_tree() -> None:
    copies = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE.read_text(), re.MULTILINE)
    sources = [source for copy in copies for source in copy.split()]
    assert sources
    assert [source for source in sources if not Path(source).exists()] == []


def test_docker_compose_accepts_it() -> None:
    if (
        not shutil.which("docker")
        or subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode
    ):
        pytest.skip("docker compose is not installed here; the structure was checked without it")
    told = subprocess.run(
        ["docker", "compose", "--profile", "registry", "config", "--quiet"],
        env={**os.environ, "LATIDO_API_TOKEN": "test", "LATIDO_WEBHOOKS_KEY": "test"},
        capture_output=True,
        check=False,
        text=True,
    )
    assert told.returncode == 0, told.stderr
