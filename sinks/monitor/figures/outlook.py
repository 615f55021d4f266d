"""Who changes segment if nothing happens, and when: from the day that every profile carries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.records import Segment
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.whose import EVERYBODY, Whose


@dataclass(frozen=True, slots=True)
class Window:
    """Changes after `after` and up to `until`, of some contacts."""

    after: date
    until: date
    whose: Whose = EVERYBODY

    def bound(self) -> dict[str, Any]:
        """As queries bind it."""
        return {"after": self.after, "until": self.until, **self.whose.bound()}


def read_forecast(queries: Queries, account_id: str, window: Window) -> list[dict[str, Any]]:
    """Contacts and their revenue by day, segment and next segment."""
    return queries.rows("forecast", account_id, **window.bound())


def read_forecast_contacts(
    queries: Queries,
    account_id: str,
    window: Window,
    *,
    sources: Sequence[Segment],
    targets: Sequence[Segment],
    after: tuple[date, str] | None,
    limit: int,
) -> list[Mapping[str, Any]]:
    """Profiles by day of change, after a place in that order."""
    day, contact_id = after or (window.after, "")
    found: list[Mapping[str, Any]] = list(
        queries.rows(
            "forecast_contacts",
            account_id,
            **window.bound(),
            from_segments=[segment.value for segment in sources],
            to_segments=[segment.value for segment in targets],
            from_start=after is None,
            day=day,
            contact_id=contact_id,
            limit=limit,
        )
    )
    return found
