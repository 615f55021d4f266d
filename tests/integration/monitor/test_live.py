"""The live stream and the database: figures that move, streams that end, figures of before."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from sinks.clickhouse.database import Database
from sinks.clickhouse.verifications import Verification, keep
from sinks.monitor import app as monitors
from tests.fixtures.chromium import serve
from tests.fixtures.monitor import Browser
from tests.fixtures.shops import LIVELY, Lively


@pytest.fixture
def reader(lively: Lively) -> Browser:
    """An Operator of the shop."""
    return lively.monitor.signed_in(lively.monitor.person(**{LIVELY: "operator"}))


@pytest.fixture
def stream(lively: Lively, reader: Browser) -> Iterator[Iterator[str]]:
    """Lines of the live stream, over a real connection; the first one has arrived."""
    cookie = "; ".join(f"{name}={value}" for name, value in reader.cookies.items())
    with (
        serve(lively.monitor.app) as address,
        httpx2.Client(base_url=address.url, headers={"Cookie": cookie}, timeout=60) as client,
        client.stream("GET", "/api/v1/live", params={"account": LIVELY}) as answer,
    ):
        lines = answer.iter_lines()
        assert next(lines) == "retry: 2000"
        yield lines
        monitors.stop(lively.monitor.app)
    lively.monitor.app.state.stopping.clear()


def test_an_event_moves_the_stream(lively: Lively, stream: Iterator[str]) -> None:
    lively.street.take([lively.shop.live(lively.monitor.now)], lively.monitor.now)
    assert next(line for line in stream if line.startswith("event:")) == "event: moved"
    assert re.fullmatch(r"id: \d+", next(stream))


def test_an_answer_computed_beside_its_readers_moves_the_stream(
    lively: Lively, stream: Iterator[str]
) -> None:
    lively.monitor.app.state.figures.versions.renewed(LIVELY)
    assert next(line for line in stream if line.startswith("event:")) == "event: moved"


def test_streams_end_when_the_process_does(lively: Lively, stream: Iterator[str]) -> None:
    monitors.stop(lively.monitor.app)
    rest = [line for line in stream if line and not line.startswith((":", "event:", "id:", "data:"))]
    assert rest == []


def test_the_last_verification_is_shown_whatever_it_found(
    lively: Lively, opened: Database, reader: Browser
) -> None:
    def told(drift: int, after: int) -> tuple[Any, str]:
        at = lively.monitor.now + timedelta(minutes=after)
        keep(opened, Verification(at, drift, events=10, contacts=4, clickhouse_rows=None))
        answer = reader.get(f"/api/v1/freshness?account={LIVELY}").json()
        return answer["verification"]["drift"], reader.get(f"/monitor?account={LIVELY}").text

    drift, page = told(0, 1)
    assert drift == 0
    assert "no difference, " in page
    drift, page = told(3, 2)
    assert drift == 3
    assert "3 differences" in page


class TestWhileTheDatabaseIsAway:
    """Nobody listens where the database was."""

    @pytest.fixture
    def cut(self, reader: Browser, monkeypatch: pytest.MonkeyPatch) -> Browser:
        """The reader, who has seen the monitor before the line was cut."""
        assert reader.get(f"/monitor?account={LIVELY}").status_code == 200

        def refused(*_: Any) -> Any:
            raise ConnectionRefusedError("connection refused")

        monkeypatch.setattr(Database, "_client", refused)
        return reader

    def test_the_last_figures_stay_with_a_notice(self, lively: Lively, cut: Browser) -> None:
        figures = lively.monitor.app.state.figures
        for slot in [*figures.answers._slots.values(), *figures.large._slots.values()]:
            slot.kept = None if slot.kept is None else _aged(slot.kept)
        page = cut.get(f"/monitor?account={LIVELY}")
        assert page.status_code == 200
        assert "The database does not answer at the moment." in page.text
        assert re.search(r'data-k="all-contacts">\d', page.text)
        assert "data up to" in page.text
        answer = cut.get(f"/api/v1/monitor?account={LIVELY}").json()
        assert answer["stale"] is True
        assert answer["contacts"] > 0

    def test_what_was_never_asked_says_so_and_offers_another_try(self, cut: Browser) -> None:
        page = cut.get(f"/trend?account={LIVELY}&days=31")
        assert page.status_code == 200
        assert "Try again" in page.text
        assert f"/trend?account={LIVELY}&amp;days=31" in page.text

    @pytest.mark.parametrize("path", ["/contact?id=CLI-00001&", "/api/v1/contacts/CLI-00001?"])
    def test_what_cannot_be_shown_without_it_is_for_now_not_available(self, cut: Browser, path: str) -> None:
        assert cut.get(f"{path}account={LIVELY}").status_code == 503


def _aged(kept: Any) -> Any:
    """The same answer as of a while ago: it would be computed anew."""
    age = timedelta(minutes=5).total_seconds()
    version = type(kept.version)(kept.version.rows - 1, kept.version.seen_at)
    return type(kept)(kept.value, version, kept.begun_at - age, kept.cost)
