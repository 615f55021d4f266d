"""A filter by origin and sentiment: every figure is that of a shop which only had these contacts (B1, B8)."""

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest

from sinks.clickhouse.database import Database
from sinks.clickhouse.queries import Queries
from sinks.monitor.api.reports import dialect
from sinks.monitor.figures import sets
from sinks.monitor.figures.base import MOST_ORIGINS, read_base
from sinks.monitor.figures.contacts import Order, Selection, read_page
from sinks.monitor.figures.export import write_csv
from sinks.monitor.figures.figures import Figures
from sinks.monitor.figures.groups import CARDS, CLASSIFIED, MEMBERS, SEGMENTS
from sinks.monitor.figures.movement import (
    Scope,
    read_base_as_of,
    read_known_transitions,
    read_transitions,
    read_trend,
)
from sinks.monitor.figures.outlook import Window, read_forecast
from sinks.monitor.figures.score_map import read_score_map
from sinks.monitor.figures.whose import ALL, OTHERS, BadOrigin, Feeling, Whose, whose, written
from sinks.monitor.people import Language
from sinks.periods import Period
from tests.unit.monitor_api.shop import Shop, store_profiles

TODAY = date(1998, 7, 1)
PERIOD = Period("custom", date(1997, 3, 1), date(1997, 4, 15))
DAYS = (date(1997, 3, 20), date(1997, 9, 3))
FEELINGS = ("positive", "neutral", "negative", None)
NAMES = ("*others", "**", "*all", "web", "Ñandú & co")
"""Real origins that look like something else."""
THE_REST = "the rest"
ASKED = [None, "", *NAMES, THE_REST]


class People:
    """A shop whose contacts have origins and sentiments: a few origins have many, sixty have one or two."""

    def __init__(self, shop: Shop) -> None:
        draw = Random(8)
        self.shop = shop
        small = [f"small-{n}" for n in range(60)]
        self.origin: dict[str, str | None] = {}
        self.feeling: dict[str, str | None] = {}
        for number, contact in enumerate(shop.bought):
            often = draw.choice([*NAMES, None])
            self.origin[contact] = small[number // 3 % 60] if number % 3 == 0 else often
            self.feeling[contact] = draw.choice(FEELINGS)

    def store(self, database: Database) -> None:
        """Days, and profiles with what was drawn."""
        self.shop.store(database)
        rows = [
            row
            | {
                "origin": self.origin[row["contact_id"]],
                "sentiment": self.feeling[row["contact_id"]],
                "next_segment": "lost",
                "next_segment_day": TODAY + timedelta(days=3),
                "r": 1,
                "f": 1,
                "m": 1,
            }
            for row in self.shop.profiles(TODAY)
        ]
        store_profiles(database, rows, 100_000)

    def of(self, asked: Whose) -> Shop:
        """The shop with these contacts alone."""
        chosen = {c: days for c, days in self.shop.bought.items() if self._fits(c, asked)}
        return Shop(self.shop.account_id, self.shop.zone, self.shop.model, chosen)

    def _fits(self, contact: str, asked: Whose) -> bool:
        origin, feeling = self.origin[contact], self.feeling[contact]
        if asked.sentiment is not None and (feeling or "no_data") != asked.sentiment:
            return False
        if asked.beside is not None:
            return origin is not None and origin not in asked.beside
        return asked.origin is None or (origin or "") == asked.origin


@pytest.fixture
def people(database: Database, some_of_cdnow: dict[str, Shop]) -> People:
    """Stored."""
    found = People(some_of_cdnow["America/Sao_Paulo"])
    found.store(database)
    return found


def _asked(queries: Queries, shop: Shop, origin: str | None, feeling: Feeling | None) -> Whose:
    listed = read_base(queries, shop.account_id).listed
    return whose(OTHERS if origin == THE_REST else written(origin), feeling, listed)


@pytest.mark.parametrize("origin", ASKED)
@pytest.mark.parametrize("feeling", [None, Feeling.NEGATIVE, Feeling.NO_DATA])
def test_every_figure_is_that_of_these_contacts_alone(
    queries: Queries, people: People, origin: str | None, feeling: Feeling | None
) -> None:
    shop = people.shop
    asked = _asked(queries, shop, origin, feeling)
    alone, account = people.of(asked), shop.account_id
    assert alone.bought
    standing = alone.standing(TODAY)

    base = Figures.over(queries).base(account, asked).value
    assert {s: n for s in CLASSIFIED if (n := base.of([s], asked).contacts)} == standing
    assert all(base.of(MEMBERS[c], asked).contacts == sum(standing[s] for s in MEMBERS[c]) for c in CARDS)
    page = read_page(queries, account, Selection(SEGMENTS, asked), order=Order(), limit=5, cursor=None)
    assert page.total == len(alone.bought)

    spoken = dialect(Language.ENGLISH, raw=True)
    report = write_csv(
        queries, account, Selection(SEGMENTS, asked), dialect=spoken, currency="USD", today=TODAY
    )
    lines = b"".join(report.pieces()).splitlines()[1:]
    assert {line.split(b",")[0].decode().strip('"') for line in lines} == set(alone.bought)

    figures = Figures.over(queries).cells(account, asked).value.sales(PERIOD)
    assert figures.orders == alone.sales(PERIOD.first, PERIOD.last)["orders"]
    assert figures.recency_days_all == alone.sales(PERIOD.first, PERIOD.last)["recency_days_all"]
    buyers = sets.read_set(queries, account, sets.buyers(PERIOD, asked), limit=5, cursor=None)
    assert buyers.total == figures.buyers

    scope = Scope(account, TODAY, shop.model, asked)
    assert read_transitions(queries, scope, *DAYS) == alone.moves(*DAYS)
    trend = read_trend(queries, scope, PERIOD.first, PERIOD.last)
    assert {day: {s: n for s, n in of.items() if n} for day, of in trend.items()} == {
        day: alone.standing(day) for day in trend
    }
    then = read_base_as_of(queries, scope, DAYS[0])
    assert {s: totals.contacts for s, totals in then.items()} == alone.standing(DAYS[0])
    assert read_known_transitions(queries, scope, *DAYS) == {}
    window = Window(TODAY, TODAY + timedelta(days=7), asked)
    assert sum(row["contacts"] for row in read_forecast(queries, account, window)) == len(alone.bought)
    assert sum(cell.contacts for cell in read_score_map(queries, account, asked)) == len(alone.bought)


def test_a_real_origin_is_never_taken_for_a_reserved_one(queries: Queries, people: People) -> None:
    listed = read_base(queries, people.shop.account_id).listed
    assert len(listed) == MOST_ORIGINS
    assert set(NAMES) <= set(listed)
    assert whose(OTHERS, None, listed).beside == tuple(listed)
    assert whose(ALL, None, listed) == whose(None, None, listed) == Whose()
    for name in (*NAMES, "", OTHERS, ALL, "*", "***"):
        assert whose(written(name), None, listed) == Whose(name)
        assert whose(written(name), None, listed).written_origin == written(name)
    with pytest.raises(BadOrigin):
        whose("*web", None, listed)


def test_choices_are_counted_within_the_other_choice(queries: Queries, people: People) -> None:
    base = read_base(queries, people.shop.account_id)
    pairs = Counter((people.origin[c], people.feeling[c]) for c in people.shop.bought)
    origins, others = base.origins(Feeling.POSITIVE)
    assert {one.origin: one.contacts for one in origins} == {
        one.origin: pairs[one.origin, "positive"] for one in origins
    }
    assert sum(one.contacts for one in origins) + others == sum(
        n for (_, f), n in pairs.items() if f == "positive"
    )
    assert base.feelings(Whose("web")) == {f: pairs["web", None if f == "no_data" else f] for f in Feeling}
