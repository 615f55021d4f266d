"""The monitor's figures with their memory; one a process, in `app.state.figures`."""

from dataclasses import dataclass

from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.base import Base, read_base
from sinks.monitor.figures.contacts import Order, Page, Selection, read_page
from sinks.monitor.figures.sales import Cells, read_cells
from sinks.monitor.figures.snapshots import Snapshot, Snapshots
from sinks.monitor.figures.versions import Versions

_MOST_ANSWERS = 2_000
_MOST_LARGE = 16


@dataclass(frozen=True, slots=True)
class Figures:
    """Answers, kept while their account does not change."""

    queries: Queries
    versions: Versions
    answers: Snapshots
    large: Snapshots

    @classmethod
    def over(cls, queries: Queries) -> "Figures":
        """With an empty memory."""
        versions = Versions(queries)
        return cls(queries, versions, Snapshots(versions, _MOST_ANSWERS), Snapshots(versions, _MOST_LARGE))

    def base(self, account_id: str) -> Snapshot[Base]:
        """The contact base as of now."""
        return self.answers.get(account_id, "base", lambda: read_base(self.queries, account_id))

    def cells(self, account_id: str, origin: str | None) -> Snapshot[Cells]:
        """All purchases by day."""
        return self.large.get(
            account_id, ("cells", origin), lambda: read_cells(self.queries, account_id, origin)
        )

    def first_page(self, account_id: str, selection: Selection, order: Order, limit: int) -> Snapshot[Page]:
        """The first page of a list."""
        return self.answers.get(
            account_id,
            ("page", selection, order, limit),
            lambda: read_page(self.queries, account_id, selection, order=order, limit=limit, cursor=None),
        )
