"""The monitor's figures with their memory; one a process, in `app.state.figures`."""

import threading
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date

from schemas.records import Segment
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.base import Base, read_base
from sinks.monitor.figures.contacts import Order, Page, Selection, read_page
from sinks.monitor.figures.freshness import LastFreshness
from sinks.monitor.figures.model import cells, cuts
from sinks.monitor.figures.months import MonthCells
from sinks.monitor.figures.movement import (
    Matrix,
    Scope,
    read_known_transitions,
    read_transitions,
    read_trend,
)
from sinks.monitor.figures.sales import Cells, read_cells
from sinks.monitor.figures.sets import ContactSet, SetPage, read_set
from sinks.monitor.figures.snapshots import Snapshot, Snapshots
from sinks.monitor.figures.versions import Versions
from sinks.monitor.figures.whose import EVERYBODY, Whose
from sinks.monitor.parts import ModelView

_MOST_ANSWERS = 2_000
_MOST_LARGE = 16
_MOST_PAGES = 200


@dataclass(frozen=True, slots=True)
class Figures:
    """Answers, kept while their account does not change."""

    queries: Queries
    versions: Versions
    answers: Snapshots
    large: Snapshots
    pages: Snapshots
    months: MonthCells
    freshness: LastFreshness
    rehearsing: threading.Lock = field(default_factory=threading.Lock)
    """Held by the one rehearsal that is being computed."""

    @classmethod
    def over(cls, queries: Queries) -> "Figures":
        """With an empty memory."""
        versions = Versions(queries)
        return cls(
            queries,
            versions,
            Snapshots(versions, _MOST_ANSWERS),
            Snapshots(versions, _MOST_LARGE),
            Snapshots(versions, _MOST_PAGES),
            MonthCells(queries),
            LastFreshness(),
        )

    def base(self, account_id: str, whose: Whose = EVERYBODY) -> Snapshot[Base]:
        """The contact base as of now; that of all contacts, unless it does not tell these apart."""
        whole = self.answers.get(account_id, "base", lambda: read_base(self.queries, account_id))
        if whole.value.knows(whose):
            return whole
        alone = Whose(whose.origin)
        return self.answers.get(
            account_id, ("base", alone), lambda: read_base(self.queries, account_id, alone)
        )

    def cells(self, account_id: str, whose: Whose) -> Snapshot[Cells]:
        """All purchases by day."""
        return self.large.get(
            account_id,
            ("cells", whose),
            lambda: (
                self.months.of(account_id) if whose.everybody else read_cells(self.queries, account_id, whose)
            ),
        )

    def transitions(self, scope: Scope, first: date, last: date, *, as_known: bool) -> Snapshot[Matrix]:
        """Movement between the ends of two days."""
        read = read_known_transitions if as_known else read_transitions
        question = ("transitions", as_known, first, last, scope.today, scope.whose, _facts(scope.model))
        return self.answers.get(scope.account_id, question, lambda: read(self.queries, scope, first, last))

    def trend(self, scope: Scope, first: date, last: date) -> Snapshot[dict[date, dict[Segment, int]]]:
        """Contacts by segment and day."""
        question = ("trend", first, last, scope.today, scope.whose, _facts(scope.model))
        return self.answers.get(
            scope.account_id, question, lambda: read_trend(self.queries, scope, first, last)
        )

    def first_page(self, account_id: str, selection: Selection, order: Order, limit: int) -> Snapshot[Page]:
        """The first page of a list."""
        return self.pages.get(
            account_id,
            ("page", selection, order, limit),
            lambda: read_page(self.queries, account_id, selection, order=order, limit=limit, cursor=None),
        )

    def first_of_set(self, account_id: str, chosen: ContactSet, limit: int) -> Snapshot[SetPage]:
        """The first page of the contacts behind a figure."""
        return self.pages.get(
            account_id,
            (chosen.question, limit),
            lambda: read_set(self.queries, account_id, chosen, limit=limit, cursor=None),
        )


def _facts(model: ModelView) -> Hashable:
    """What tells a model from another."""
    return repr((sorted(cuts(model).items()), cells(model)))
