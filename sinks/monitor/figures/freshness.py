"""`Data up to`: the instant up to which everything that was accepted can be asked for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from schemas.records import Topic
from sinks.clickhouse.progress import Progress
from sinks.clickhouse.queries import Queries

_AMBER, _RED = timedelta(minutes=1), timedelta(minutes=15)


class Light(StrEnum):
    """How late the data is: amber after a minute, red after a quarter of an hour."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Freshness:
    """`data_up_to` is None until every partition has said so."""

    data_up_to: datetime | None
    behind: timedelta | None
    light: Light


def read_freshness(queries: Queries, progress: Progress, now: datetime) -> Freshness:
    """As of now; of all accounts, for they share the partitions."""
    rows = queries.of_no_account("all_freshness")
    owned = {partition for topic, partition in progress.positions() if topic == Topic.WATERMARKS}
    if not rows or not owned <= {row["partition"] for row in rows}:
        return Freshness(None, None, Light.UNKNOWN)
    up_to = min(row["data_up_to"] for row in rows)
    behind = max(now - up_to, timedelta(0))
    return Freshness(up_to, behind, _light(behind))


class LastFreshness:
    """Freshness, also while the database is away: then what it said last, growing older. Thread-safe."""

    def __init__(self) -> None:
        self._data_up_to: datetime | None = None

    def read(self, queries: Queries, progress: Progress, now: datetime) -> Freshness:
        """As of now."""
        try:
            found = read_freshness(queries, progress, now)
        except Exception:
            if self._data_up_to is None:
                raise
            behind = max(now - self._data_up_to, timedelta(0))
            return Freshness(self._data_up_to, behind, _light(behind))
        self._data_up_to = found.data_up_to
        return found


def _light(behind: timedelta) -> Light:
    if behind > _RED:
        return Light.RED
    return Light.AMBER if behind > _AMBER else Light.GREEN
