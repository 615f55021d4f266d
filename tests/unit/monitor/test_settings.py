"""Settings refuse what would be unsafe."""

import pytest
from pydantic import ValidationError

from sinks.monitor.settings import MonitorSettings


@pytest.mark.parametrize(
    "origin", ["http://monitor.example", "https://m.example/path", "https://u@m.example", "m"]
)
def test_an_origin_that_is_no_safe_site_is_refused(origin: str) -> None:
    with pytest.raises(ValidationError):
        MonitorSettings(origin=origin)


def test_a_public_monitor_serves_its_own_name_only() -> None:
    settings = MonitorSettings(origin="https://m.example")
    assert settings.https
    assert [settings.serves(host) for host in ("m.example", "localhost", "evil.example", "")] == [
        True,
        False,
        False,
        False,
    ]


def test_on_loopback_any_port_is_served_and_no_other_name() -> None:
    settings = MonitorSettings()
    hosts = ("127.0.0.1:8321", "localhost:1", "[::1]:80", "evil.example", "127.0.0.1.evil.example")
    assert [settings.serves(host) for host in hosts] == [True, True, True, False, False]
