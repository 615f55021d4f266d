"""The database away: figures of before, marked as such, and those of now once it is back."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from schemas.records import Segment
from sinks.clickhouse.database import Database
from sinks.clickhouse.progress import Progress
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.figures import Figures
from sinks.monitor.figures.freshness import LastFreshness, Light
from sinks.monitor.figures.snapshots import _AGAIN_SECONDS
from sinks.monitor.figures.warming import Warming
from sinks.monitor.figures.whose import EVERYBODY
from tests.unit.monitor_api.shop import store_profiles

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Line:
    """The way to the database, which can be cut."""

    def __init__(self, database: Database, patch: pytest.MonkeyPatch) -> None:
        self._patch, self._open, self.tries = patch, Database._client, 0

    @contextmanager
    def cut(self) -> Iterator[None]:
        """No client reaches the server, as when nothing listens there."""

        def refused(*_: Any) -> Any:
            self.tries += 1
            raise ConnectionRefusedError("connection refused")

        with self._patch.context() as patch:
            patch.setattr(Database, "_client", refused)
            yield


@pytest.fixture
def line(database: Database, monkeypatch: pytest.MonkeyPatch) -> Line:
    """That of this test's database."""
    return Line(database, monkeypatch)


def _contact(number: int) -> dict[str, Any]:
    return {"account_id": "shop", "contact_id": f"c{number}", "segment": Segment.LOST.value, "orders": 1}


def test_the_last_answer_stands_in_and_says_so(
    database: Database, queries: Queries, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_profiles(database, [_contact(0)])
    figures = Figures.over(queries)
    before = figures.base("shop")
    assert not before.stale
    with line.cut():
        monkeypatch.setattr("sinks.monitor.figures.snapshots._AT_MOST_SECONDS", 0.0)
        monkeypatch.setattr(type(before), "holds", lambda *_: False)
        monkeypatch.setattr(type(before), "age", property(lambda _: 60.0))
        away = figures.base("shop")
        assert away.stale
        assert away.value == before.value
        tries = line.tries
        assert figures.base("shop").stale
        assert line.tries == tries, f"not asked again for {_AGAIN_SECONDS} s"
        with pytest.raises(ConnectionRefusedError):
            figures.base("never-asked")
    monkeypatch.setattr("sinks.monitor.figures.snapshots._AGAIN_SECONDS", 0.0)
    store_profiles(database, [_contact(1)], 9)
    back = figures.base("shop")
    assert not back.stale
    assert back.value.everybody().contacts == 2


def test_the_badge_keeps_what_it_said_last_and_grows_older(
    database: Database, queries: Queries, line: Line
) -> None:
    row = {"application": ["activity"], "partition": [0], "data_up_to": [NOW]}
    database.insert("freshness", pl.DataFrame(row, schema_overrides={"partition": pl.Int32}))
    last, progress = LastFreshness(), Progress()
    assert last.read(queries, progress, NOW).light is Light.GREEN
    with line.cut():
        found = last.read(queries, progress, NOW + timedelta(minutes=16))
        with pytest.raises(ConnectionRefusedError):
            LastFreshness().read(queries, progress, NOW)
    assert (found.data_up_to, found.light) == (NOW, Light.RED)


def test_large_accounts_are_read_at_the_start(database: Database, queries: Queries, line: Line) -> None:
    store_profiles(database, [_contact(n) for n in range(20)])
    store_profiles(database, [_contact(n) | {"account_id": f"small-{n}"} for n in range(17)], 100)
    figures = Figures.over(queries)
    warming = Warming(figures, threading.Event())
    warming.start()
    warming.join()
    with line.cut():
        assert figures.base("shop").value.everybody().contacts == 20
        assert not figures.cells("shop", EVERYBODY).value.day.size
        with pytest.raises(ConnectionRefusedError):
            figures.base("small-9")


def test_the_start_reads_no_more_once_the_process_stops(
    database: Database, queries: Queries, line: Line
) -> None:
    store_profiles(database, [_contact(0)])
    stopping, figures = threading.Event(), Figures.over(queries)
    stopping.set()
    warming = Warming(figures, stopping)
    warming.join()
    warming.start()
    warming.join()
    with line.cut(), pytest.raises(ConnectionRefusedError):
        figures.base("shop")
