"""Which days a period means: those of the account's zone, whatever the clock of the server says."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sinks.periods import Preset
from tests.fixtures.monitor import START
from tests.fixtures.shops import Lively

ZONES = ("UTC", "America/Sao_Paulo", "America/Santiago")


@pytest.fixture
def clock(lively: Lively) -> Iterator[Lively]:
    """The shop's monitor, whose clock the test turns, and is turned back."""
    yield lively
    lively.monitor.clock_file.write_text(START.isoformat(), encoding="utf-8")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 11, 22, 2, 30, tzinfo=UTC),
        datetime(2026, 11, 22, 3, 0, tzinfo=UTC),
        datetime(2026, 9, 6, 3, 59, 59, tzinfo=UTC),
        datetime(2026, 9, 6, 4, 0, tzinfo=UTC),
        datetime(2026, 4, 5, 3, 30, tzinfo=UTC),
    ],
    ids=["evening", "midnight", "before the skipped midnight", "after it", "in the repeated hour"],
)
def test_every_preset_ends_on_the_eve_of_the_accounts_day(
    clock: Lively, zone: str, instant: datetime
) -> None:
    account = clock.monitor.account(zone.rpartition("/")[2].lower().replace("_", "-"), time_zone=zone)
    clock.monitor.clock_file.write_text(instant.isoformat(), encoding="utf-8")
    reader = clock.monitor.signed_in(clock.monitor.person(**{account: "operator"}))
    today = instant.astimezone(ZoneInfo(zone)).date()
    for preset in Preset:
        answer = reader.get(f"/api/v1/sales?account={account}&period={preset.value}").json()
        period, previous = answer["period"], answer["previous"]
        assert answer["as_of"] == today.isoformat()
        assert date.fromisoformat(period["to"]) == today - timedelta(days=1)
        assert date.fromisoformat(period["from"]) == today - timedelta(days=preset.days)
        assert date.fromisoformat(previous["to"]) == today - timedelta(days=preset.days + 1)
        assert previous["days"] == period["days"] == preset.days
    custom = f"/api/v1/sales?account={account}&from={today}&to={today}"
    assert reader.get(custom).json()["period"]["partial"] is True
    ahead = f"/api/v1/sales?account={account}&from={today}&to={today + timedelta(days=1)}"
    assert reader.get(ahead).status_code == 422
